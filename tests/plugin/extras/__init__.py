"""A small package that adds to the renderer through entry points."""
