"""Two fits of one person: how far they are apart, which is nearer to the photo, and the files of that."""
