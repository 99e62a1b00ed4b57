"""Fits: readers of fit files, what they cache, and which of the rows a run takes."""
