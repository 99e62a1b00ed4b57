"""The room that names take on a sheet, and where they lie in it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from render.sheet.titles.names import Names
from render.text.lines import measure_text
from render.types.sheets import Rect, Title

# Sizes of the text, as shares of the width of all panels and of the height of the lowest: so it is read where
# a sheet is shown in a column of a page, and does not outgrow its panels.
_TEXT_IN_WIDTH, _LEAST_IN_HEIGHT, _MOST_IN_HEIGHT = 0.014, 0.045, 0.09
_LEAST_TEXT_PX = 10
# Between names and panels and around both, in sizes of the text.
_PAD = 0.5


@dataclass(frozen=True)
class Room:
    """What is left free for names, in px.

    Attributes:
        size_px: Of the text.
        line: Of a name, across.
        left: Of the first column.
        top: Of the first row.
        above: Each panel, for a name of its own.
        around: The right and the lower edge of the sheet.
    """

    size_px: int = 0
    line: int = 0
    left: int = 0
    top: int = 0
    above: int = 0
    around: int = 0


def make_room(names: Names, widths: Sequence[int], heights: Sequence[int]) -> Room:
    """The room that names take beside panels of these columns and rows; none without names."""
    if names == Names():
        return Room()
    by_width, low = _TEXT_IN_WIDTH * sum(widths), min(heights)
    size_px = max(_LEAST_TEXT_PX, round(min(max(by_width, _LEAST_IN_HEIGHT * low), _MOST_IN_HEIGHT * low)))
    size, around = measure_text("", size_px), round(_PAD * size_px)
    line = math.ceil(size.ascent) + math.ceil(size.descent)
    return Room(
        size_px,
        line,
        left=around + (line + around if names.rows else 0),
        # Names of panels keep clear of the row above them, too.
        top=0 if names.panels else around + (line + around if names.columns else 0),
        above=around + line + around if names.panels else 0,
        around=around,
    )


def place_titles(
    names: Names, room: Room, cells: Sequence[Sequence[Rect]], panels: Sequence[Rect], top: int
) -> list[Title]:
    """The titles of a frame: above its columns, left of its rows, or above its panels.

    Args:
        names: What they say.
        room: That was made for them.
        cells: Of each row, which those of a column share the width of.
        panels: In their order.
        top: Of the frame.
    """
    titles = [
        Title(name, Rect(cell.x, top + room.around, cell.w, room.line), room.size_px)
        for name, cell in zip(names.columns, cells[0], strict=False)
    ]
    titles += [
        Title(name, Rect(room.around, row[0].y, room.line, row[0].h), room.size_px, is_upward=True)
        for name, row in zip(names.rows, cells, strict=False)
    ]
    titles += [
        Title(name, Rect(panel.x, panel.y - room.above + room.around, panel.w, room.line), room.size_px)
        for name, panel in zip(names.panels, panels, strict=False)
    ]
    return titles
