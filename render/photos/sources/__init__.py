"""Where photos come from, other than a folder: a video, or nowhere."""
