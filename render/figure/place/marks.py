"""Boxes and arrows over pictures, and the letters in their corners."""

from __future__ import annotations

from collections.abc import Collection

from render.errors import ConfigError
from render.figure.colours import find_hex
from render.figure.place.grid import Cell
from render.figure.place.insets import CORNERS
from render.figure.place.sketch import Sketch
from render.figure.typesetting import Face, measure
from render.types.figure.page import Box, PlacedLine, PlacedPlate, PlacedText
from render.types.figure.spec import Corner, Mark

_BOX_PT, _ARROW_PT = 1.0, 1.25
_PLATE_RGB, _PLATE_OPACITY, _LETTER_RGB = "ffffff", 0.8, "000000"


def place_mark(sketch: Sketch, cell: Cell, mark: Mark, where: str) -> None:
    """Puts a box or an arrow over a picture.

    Args:
        sketch: The page.
        cell: The picture, where it lies on the page.
        mark: The box or the arrow.
        where: What it is, for messages.

    Raises:
        ConfigError: It leaves the picture, or its colour is none.
    """
    x, y, a, b = mark.points
    ends = ((x, y), (x + a, y + b)) if mark.kind == "box" else ((x, y), (a, b))
    # Sums of shares, such as 0.7 and 0.3, may be a hair greater than one.
    if not all(-1e-6 <= share <= 1 + 1e-6 for end in ends for share in end) or ends[0] == ends[1]:
        parts = "left, top, width and height" if mark.kind == "box" else "x and y of the tail and the head"
        raise ConfigError(
            f"{where}: expected {parts} as shares of the picture, from 0 to 1 and inside of it, found "
            f"{', '.join(f'{share:g}' for share in mark.points)}"
        )
    (left, top), (right, bottom) = (
        (cell.box.x + u * cell.box.w, cell.box.y + v * cell.box.h) for u, v in ends
    )
    colour = find_hex(f"{where}.colour", mark.colour)
    if mark.kind == "box":
        corners = Box(left, top, right - left, bottom - top).corners
        sketch.lines.append(PlacedLine(corners, _BOX_PT, colour, is_closed=True))
    else:
        sketch.lines.append(PlacedLine(((left, top), (right, bottom)), _ARROW_PT, colour, has_head=True))


def place_letter(sketch: Sketch, cell: Cell, text: str, face: Face, taken: Collection[Corner]) -> None:
    """Puts a letter on a plate into the upper left corner, or the next one that no inset has.

    Args:
        sketch: The page.
        cell: The picture, where it lies on the page.
        text: Such as (a).
        face: What it is set in.
        taken: Corners that insets lie in.

    Raises:
        ConfigError: The picture is too small for it.
    """
    width, ascent, descent = measure(text, face)
    pad = 0.15 * face.em
    w, h = width + 2 * pad, ascent + descent + 2 * pad
    if w > cell.box.w or h > cell.box.h:
        raise ConfigError(
            f"letters: {text} is {w:.1f} x {h:.1f} mm, and pictures are {cell.box.w:.1f} x {cell.box.h:.1f} "
            f"mm; use letters=columns, or a smaller note_pt"
        )
    corner = next((corner for corner in CORNERS if corner not in taken), "tl")
    x = cell.box.x if corner.endswith("l") else cell.box.right - w
    y = cell.box.y if corner.startswith("t") else cell.box.bottom - h
    sketch.plates.append(PlacedPlate(Box(x, y, w, h), _PLATE_RGB, _PLATE_OPACITY))
    baseline = y + pad + ascent
    sketch.texts.append(PlacedText(text, x + w / 2, baseline, face.size_pt, "letter", colour=_LETTER_RGB))
