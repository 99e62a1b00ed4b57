"""Fits in 3D, to be turned in a browser: a page that this program serves, or one file for each photo."""
