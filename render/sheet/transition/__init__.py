"""The way from a photo into a turn around its bodies, and back: frames, cameras, and how the photo fades."""
