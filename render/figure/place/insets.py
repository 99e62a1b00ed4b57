"""Insets: where they lie on a picture, the frames around them and what they show, and the leaders between."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from render.errors import ConfigError
from render.figure.place.grid import Cell
from render.figure.place.sketch import Sketch
from render.figure.typesetting import MM_PER_PT
from render.types.figure.content import InsetContent, name_cell
from render.types.figure.page import Box, PlacedLine, PlacedPicture
from render.types.figure.spec import Corner, Zoom

# Of insets by number: colours of Okabe and Ito, which colour-blind readers tell apart.
FRAME_COLOURS = ("d55e00", "0072b2", "009e73", "cc79a7")
_FRAME_PT, _PART_PT, _LEADER_PT = 1.0, 0.75, 0.5
_CORNERS: tuple[Corner, ...] = ("tl", "tr", "bl", "br")
_MM_PER_INCH = 25.4


def place_insets(
    sketch: Sketch, cell: Cell, insets: Sequence[InsetContent], zooms: Sequence[Zoom], dpi: int
) -> tuple[Corner, ...]:
    """Puts the insets of a cell on the page.

    An inset lies in the corner that its zoom names, unless it would cover the part that it shows or another
    inset; then it takes the first corner where it does not.

    Args:
        sketch: The page.
        cell: The picture, where it lies on the page.
        insets: What they show.
        zooms: Of the figure.
        dpi: Pixels an inch, at least.

    Returns:
        The corners that insets lie in.

    Raises:
        ConfigError: There is no corner for one.
    """
    taken: dict[Corner, Box] = {}
    for inset in insets:
        zoom = zooms[inset.zoom]
        part = _find_part(cell.box, inset)
        corner, box = _choose_corner(cell.box, part, zoom, taken, inset.zoom)
        taken[corner] = box
        size_px = tuple(ceil(round(side / _MM_PER_INCH * dpi, 6)) for side in (box.w, box.h))
        name = name_cell(cell.row, cell.column, inset.zoom)
        sketch.insets.append(PlacedPicture(name, box, (size_px[0], size_px[1])))
        colour = FRAME_COLOURS[inset.zoom % len(FRAME_COLOURS)]
        for leader in find_leaders(part, box):
            sketch.lines.append(PlacedLine(leader, _LEADER_PT, colour))
        sketch.lines.append(PlacedLine(part.corners, _PART_PT, colour, is_closed=True))
        sketch.lines.append(PlacedLine(box.corners, _FRAME_PT, colour, is_closed=True))
    return tuple(taken)


def find_leaders(part: Box, inset: Box) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """The lines from corners of the part to those of the inset that cross neither.

    These are the edges between the two in their convex hull. Both are of one shape, so such an edge joins
    corners of the same name.

    Returns:
        None where they overlap.
    """
    if _overlap(part, inset):
        return []
    everything = (*part.corners, *inset.corners)
    return [
        (start, end)
        for start, end in zip(part.corners, inset.corners, strict=True)
        if _is_edge(start, end, everything)
    ]


def _find_part(cell: Box, inset: InsetContent) -> Box:
    left, top = max(inset.left, 0.0), max(inset.top, 0.0)
    right, bottom = min(inset.left + inset.width, 1.0), min(inset.top + inset.height, 1.0)
    if right <= left or bottom <= top:
        raise ConfigError(f"zooms[{inset.zoom}]: what it shows lies outside of the picture; mend `at`")
    return Box(
        cell.x + left * cell.w, cell.y + top * cell.h, (right - left) * cell.w, (bottom - top) * cell.h
    )


def _choose_corner(
    cell: Box, part: Box, zoom: Zoom, taken: dict[Corner, Box], number: int
) -> tuple[Corner, Box]:
    for corner in (zoom.corner, *_CORNERS):
        box = _lay_in_corner(cell, part, zoom, corner)
        if not any(_overlap(box, other) for other in (part, *taken.values())):
            return corner, box
    # A part so large that every corner covers some of it still has its corner, without leaders.
    box = _lay_in_corner(cell, part, zoom, zoom.corner)
    if any(_overlap(box, other) for other in taken.values()):
        raise ConfigError(
            f"zooms[{number}]: no corner has room for it beside the other zooms; use a smaller scale, or "
            f"fewer zooms for a picture"
        )
    return zoom.corner, box


def _lay_in_corner(cell: Box, part: Box, zoom: Zoom, corner: Corner) -> Box:
    # The frame's outer edge lies on the picture's.
    margin = _FRAME_PT * MM_PER_PT / 2
    longer = zoom.scale * min(cell.w, cell.h)
    w, h = (longer * side / max(part.w, part.h) for side in (part.w, part.h))
    x = cell.x + margin if corner.endswith("l") else cell.right - margin - w
    y = cell.y + margin if corner.startswith("t") else cell.bottom - margin - h
    return Box(x, y, w, h)


def _overlap(one: Box, other: Box) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


def _is_edge(
    start: tuple[float, float], end: tuple[float, float], points: Sequence[tuple[float, float]]
) -> bool:
    """Whether all points lie on one side of the line, or on it."""
    along = (end[0] - start[0], end[1] - start[1])
    sides = [along[0] * (y - start[1]) - along[1] * (x - start[0]) for x, y in points]
    # Of areas in mm2: corners that lie on the line are this near to it.
    return along != (0.0, 0.0) and (min(sides) >= -1e-9 or max(sides) <= 1e-9)
