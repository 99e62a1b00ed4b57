"""A square as the mesh of short tests of the library."""

from render import (
    build_sheets,
    make_bodies,
)

# Counterclockwise as the viewer sees it, from (0, 0) to (1, 1).
SQUARE = ([[[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]], [[0, 2, 1], [0, 3, 2]])


def make_square():
    """One square, seen from its outside."""
    return make_bodies(*SQUARE)


def build(*panels, **settings):
    """Sheets of a square, 20 px large."""
    return build_sheets(make_square(), list(panels), **({"size_px": (20, 20)} | settings))
