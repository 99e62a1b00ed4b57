"""The cells of a figure: as many as rows and columns, all of one size, and strips that take whole rows."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from render.errors import ConfigError
from render.figure.venues import MM_PER_INCH
from render.types.figure.content import FigureContent
from render.types.figure.page import Box
from render.types.figure.spec import FigureSpec

# Nothing can be seen in a smaller picture.
_LEAST_CELL_MM = 3.0
# A page of a paper has 250 mm, a poster 1189 mm.
_MOST_HEIGHT_MM = 1500.0
_MOST_PIXELS = 400_000_000
# Of a picture: what Typst reads of JPEG.
_MOST_SIDE_PX = 1 << 14


@dataclass(frozen=True)
class GridShape:
    """Which picture is where, before anything has a size.

    Attributes:
        rows: From top to bottom, of places (row and column of the spec) from left to right; a strip is alone
            in its row.
        columns: How many there are.
    """

    rows: tuple[tuple[tuple[int, int], ...], ...]
    columns: int


@dataclass(frozen=True)
class Cell:
    """A picture of the grid.

    Attributes:
        row: Of the spec.
        column: Of the spec.
        box: Where it lies, mm from the upper left corner of the grid's row.
        size_px: Its width and height in pixels.
    """

    row: int
    column: int
    box: Box
    size_px: tuple[int, int]


def shape_grid(spec: FigureSpec, content: FigureContent) -> GridShape:
    """What the rows and columns are, transposed or not.

    Raises:
        ConfigError: There are none, or a strip would stand upright.
    """
    height, width = len(spec.rows), len(spec.columns)
    # Strips need no columns.
    columns = 1 if len(content.strips) == height else width
    if not height or not columns:
        raise ConfigError(f"figure: expected at least one row and one column, found {height} and {width}")
    if not spec.is_transposed:
        everything = tuple(
            tuple((row, column) for column in range(1 if row in content.strips else columns))
            for row in range(height)
        )
        return GridShape(everything, columns)
    if content.strips:
        raise ConfigError(
            f"figure: rows[{min(content.strips)}] is a strip, which lies along a row; leave out transpose"
        )
    return GridShape(tuple(tuple((r, c) for r in range(height)) for c in range(width)), height)


def size_cells(shape: GridShape, spec: FigureSpec, content: FigureContent, room: float) -> list[list[Cell]]:
    """The cells of each row, from left to right.

    Their widths in pixels are rounded up, so that none has fewer pixels an inch than were asked for, and
    their heights follow from whole pixels, so that no picture is stretched.

    Args:
        shape: Which picture is where.
        spec: The figure.
        content: Its aspect and those of its strips.
        room: The width of a row, mm.

    Raises:
        ConfigError: They are too small to be seen, or too large altogether.
    """
    style = spec.style
    width = (room - style.gap_mm * (shape.columns - 1)) / shape.columns
    if width < _LEAST_CELL_MM:
        raise ConfigError(
            f"figure: {shape.columns} columns beside labels and bars of {style.width_mm - room:.1f} mm leave "
            f"{max(width, 0):.1f} mm for each picture of a figure of {style.width_mm:g} mm, and "
            f"{_LEAST_CELL_MM:g} mm is the least; use fewer columns, a greater width, or shorter labels"
        )
    rows = []
    for places in shape.rows:
        row_of_spec = places[0][0]
        aspect = content.strips.get(row_of_spec, content.aspect)
        w = room if row_of_spec in content.strips else width
        w_px = count_pixels(w, style.dpi)
        h_px = max(1, round(w_px / aspect))
        h = w * h_px / w_px
        if h < _LEAST_CELL_MM:
            raise ConfigError(
                f"figure: pictures {aspect:.3g} times as wide as high are {h:.1f} mm high in a figure of "
                f"{style.width_mm:g} mm, and {_LEAST_CELL_MM:g} mm is the least; set another aspect, fewer "
                f"columns, or a greater width"
            )
        rows.append(
            [
                Cell(row, column, Box((w + style.gap_mm) * k, 0.0, w, h), (w_px, h_px))
                for k, (row, column) in enumerate(places)
            ]
        )
    _check_sum(rows, spec)
    return rows


def count_pixels(length: float, dpi: int) -> int:
    """As many whole pixels as a length on paper, mm, has at least at that many an inch.

    Example:
        >>> count_pixels(25.4, 300), count_pixels(25.5, 300)
        (300, 302)
    """
    # Lengths are sums: 300.0000000001 are 300.
    return ceil(round(length / MM_PER_INCH * dpi, 6))


def _check_sum(rows: list[list[Cell]], spec: FigureSpec) -> None:
    high_mm = sum(row[0].box.h for row in rows)
    if high_mm > _MOST_HEIGHT_MM:
        raise ConfigError(
            f"figure: its pictures would be {high_mm:.0f} mm high, and {_MOST_HEIGHT_MM:.0f} mm is the most; "
            f"use fewer rows, more columns, or a smaller width"
        )
    pixels = sum(cell.size_px[0] * cell.size_px[1] for row in rows for cell in row)
    if pixels > _MOST_PIXELS:
        raise ConfigError(
            f"figure: its pictures would have {pixels / 1e6:.0f} megapixels at {spec.style.dpi} dpi, and "
            f"{_MOST_PIXELS / 1e6:.0f} is the most; use a smaller dpi or width"
        )
    longest = max(max(cell.size_px) for row in rows for cell in row)
    if longest > _MOST_SIDE_PX:
        raise ConfigError(
            f"figure: a picture would be {longest} pixels long at {spec.style.dpi} dpi, and "
            f"{_MOST_SIDE_PX} is the most; use a smaller dpi or width, or more columns"
        )
