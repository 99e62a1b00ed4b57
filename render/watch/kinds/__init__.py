"""Watchers, one a file; they are found by its name."""
