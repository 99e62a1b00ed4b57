"""Formats of fit files, one a module: `read(path)` gives the valid rows and the rejected ones."""
