"""Insets: where they lie on pictures, the frames around them and what they show, and the leaders between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

from render.errors import ConfigError
from render.figure.place.grid import Cell, count_pixels
from render.figure.place.sketch import Sketch
from render.figure.typesetting import MM_PER_PT
from render.types.figure.content import InsetContent, name_cell
from render.types.figure.page import Box, PlacedLine, PlacedPicture
from render.types.figure.spec import Corner, Zoom

# Of insets by number: colours of Okabe and Ito, which colour-blind readers tell apart.
FRAME_COLOURS = ("d55e00", "0072b2", "009e73", "cc79a7")
_FRAME_PT, _PART_PT, _LEADER_PT = 1.0, 0.75, 0.4
# Of the shorter side of a picture.
_FAR = 0.5
CORNERS: tuple[Corner, ...] = ("tl", "tr", "bl", "br")
Point = tuple[float, float]


@dataclass(frozen=True)
class PlacedInset:
    """An inset and what it shows.

    Attributes:
        zoom: Its number among the zooms of the figure.
        corner: Where it lies.
        part: What it shows of the picture, on the page.
        box: The inset, on the page.
    """

    zoom: int
    corner: Corner
    part: Box
    box: Box


def choose_corners(
    cells: Sequence[tuple[Cell, Sequence[InsetContent]]], zooms: Sequence[Zoom]
) -> list[list[PlacedInset]]:
    """Finds a place for the insets of a row of pictures.

    Insets lie in the corners that they or their zooms name, unless one would cover a part that is enlarged,
    or another inset. Then those of the row take the first corner that is free in all pictures; and where
    there is none, the corners that they name.

    Args:
        cells: The pictures of a row, where they lie on the page, each with what its insets show.
        zooms: Of the figure.

    Returns:
        The insets of each picture.

    Raises:
        ConfigError: What an inset shows lies outside of its picture, or it has no room beside the others.
    """
    parts = [{inset.zoom: _find_part(cell.box, inset) for inset in insets} for cell, insets in cells]
    wanted = [{inset.zoom: inset.corner for inset in insets} for _, insets in cells]
    placed: list[list[PlacedInset]] = [[] for _ in cells]
    for number, zoom in enumerate(zooms):
        shown = [k for k, found in enumerate(parts) if number in found]

        def lay(corner: Corner | None, k: int, number: int = number, zoom: Zoom = zoom) -> PlacedInset:
            part = parts[k][number]
            corner = corner or wanted[k][number] or zoom.corner
            return PlacedInset(number, corner, part, _lay_in_corner(cells[k][0].box, part, zoom, corner))

        def is_free(inset: PlacedInset, k: int) -> bool:
            return not any(_overlap(inset.box, other) for other in parts[k].values())

        def is_alone(inset: PlacedInset, k: int) -> bool:
            return not any(_overlap(inset.box, other.box) for other in placed[k])

        tried = [[lay(corner, k) for k in shown] for corner in (None, *CORNERS)]
        alone = [row for row in tried if all(map(is_alone, row, shown))]
        free = [row for row in alone if all(map(is_free, row, shown))]
        if not alone:
            raise ConfigError(
                f"zooms[{number}]: no corner has room for it beside the other zooms; use a smaller scale, or "
                f"fewer zooms for a picture"
            )
        for k, inset in zip(shown, (free or alone)[0], strict=True):
            placed[k].append(inset)
    return placed


def place_inset(sketch: Sketch, cell: Cell, inset: PlacedInset, dpi: int) -> None:
    """Puts an inset on the page, with its frames and leaders.

    Args:
        sketch: The page.
        cell: The picture that it lies on.
        inset: Where it lies.
        dpi: Pixels an inch, at least.
    """
    size_px = (count_pixels(inset.box.w, dpi), count_pixels(inset.box.h, dpi))
    name = name_cell(cell.row, cell.column, inset.zoom)
    sketch.insets.append(PlacedPicture(name, inset.box, size_px))
    colour = FRAME_COLOURS[inset.zoom % len(FRAME_COLOURS)]
    for leader in find_leaders(inset.part, inset.box, min(cell.box.w, cell.box.h) * _FAR):
        sketch.lines.append(PlacedLine(leader, _LEADER_PT, colour))
    sketch.lines.append(PlacedLine(inset.part.corners, _PART_PT, colour, is_closed=True))
    sketch.lines.append(PlacedLine(inset.box.corners, _FRAME_PT, colour, is_closed=True))


def find_leaders(part: Box, inset: Box, far: float) -> list[tuple[Point, Point]]:
    """The lines from corners of the part to those of the inset that cross neither.

    These are the edges between the two in their convex hull. Both are of one shape, so such an edge joins
    corners of the same name.

    Args:
        part: What the inset shows.
        inset: Where it lies.
        far: The most that may be between them, mm.

    Returns:
        None where they overlap, or are so far from each other that the lines would run over the picture.
    """
    apart = (
        max(part.x - inset.right, inset.x - part.right, 0.0),
        max(part.y - inset.bottom, inset.y - part.bottom, 0.0),
    )
    if _overlap(part, inset) or hypot(*apart) > far:
        return []
    everything = (*part.corners, *inset.corners)
    pairs = zip(part.corners, inset.corners, strict=True)
    return [(start, end) for start, end in pairs if _is_edge(start, end, everything)]


def _find_part(cell: Box, inset: InsetContent) -> Box:
    left, top = max(inset.left, 0.0), max(inset.top, 0.0)
    right, bottom = min(inset.left + inset.width, 1.0), min(inset.top + inset.height, 1.0)
    if right <= left or bottom <= top:
        raise ConfigError(f"zooms[{inset.zoom}]: what it shows lies outside of the picture; mend `at`")
    w, h = (right - left) * cell.w, (bottom - top) * cell.h
    return Box(cell.x + left * cell.w, cell.y + top * cell.h, w, h)


def _lay_in_corner(cell: Box, part: Box, zoom: Zoom, corner: Corner) -> Box:
    # The frame's outer edge lies on the picture's.
    margin = _FRAME_PT * MM_PER_PT / 2
    longer = min(zoom.scale * min(cell.w, cell.h), min(cell.w, cell.h) - 2 * margin)
    w, h = (longer * side / max(part.w, part.h) for side in (part.w, part.h))
    x = cell.x + margin if corner.endswith("l") else cell.right - margin - w
    y = cell.y + margin if corner.startswith("t") else cell.bottom - margin - h
    return Box(x, y, w, h)


def _overlap(one: Box, other: Box) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


def _is_edge(start: Point, end: Point, points: Sequence[Point]) -> bool:
    """Whether all points lie on one side of the line, or on it."""
    along = (end[0] - start[0], end[1] - start[1])
    sides = [along[0] * (y - start[1]) - along[1] * (x - start[0]) for x, y in points]
    # Of areas in mm2: corners that lie on the line are this near to it.
    return along != (0.0, 0.0) and (min(sides) >= -1e-9 or max(sides) <= 1e-9)
