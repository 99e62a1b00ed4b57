"""The head of an arrow, as a triangle."""

from __future__ import annotations

from math import hypot

from render.figure.typesetting import MM_PER_PT
from render.types.figure.page import PlacedLine

# Of the head, in widths of the stroke; its half width in lengths of the head.
_LENGTH, _HALF_WIDTH = 5.0, 0.36
Point = tuple[float, float]


def find_head(line: PlacedLine) -> tuple[Point, tuple[Point, Point, Point]]:
    """Where the shaft of an arrow ends, inside of the head, and the head's corners, its tip first, mm.

    The head of a short arrow is at most two thirds of it.

    Example:
        >>> tip = find_head(PlacedLine(((0, 0), (10, 0)), 1.0, "000000", has_head=True))[1][0]
        >>> tip
        (10, 0)
    """
    (x0, y0), (x1, y1) = line.points[-2:]
    whole = hypot(x1 - x0, y1 - y0)
    length = min(_LENGTH * line.width_pt * MM_PER_PT, whole * 2 / 3)
    along = ((x1 - x0) / whole, (y1 - y0) / whole)
    base = (x1 - along[0] * length, y1 - along[1] * length)
    side = (-along[1] * length * _HALF_WIDTH, along[0] * length * _HALF_WIDTH)
    # A shaft that ended at the base would leave a hairline between them where edges are smoothed.
    end = (x1 - along[0] * length * 0.8, y1 - along[1] * length * 0.8)
    return end, ((x1, y1), (base[0] + side[0], base[1] + side[1]), (base[0] - side[0], base[1] - side[1]))
