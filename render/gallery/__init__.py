"""A page to look through the sheets of a run, in a browser, from the disk."""
