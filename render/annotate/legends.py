"""Legends: a plate with a scale, or with names beside their colours, in the corner where least is."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from render.annotate.caption import (
    LEAST_TEXT_PX,
    MARGIN,
    PAD,
    PLATE_OPACITY,
    PLATE_RGB,
    TEXT_IN_PANELS,
    TEXT_RGB,
)
from render.shade.legend import ColourBar, Legend, Swatches
from render.shade.palettes import Rgb
from render.text.blend import blend
from render.text.lines import draw_text, shorten_text
from render.types.sheets import Rect

# Of the panel's sides, the most that a plate takes.
_MOST_OF_WIDTH, _MOST_OF_HEIGHT = 0.6, 0.5
# Of a bar, in sizes of the text.
_BAR_LENGTH, _BAR_WIDTH = 11.0, 0.8


def paint_legend(pixels: np.ndarray, legend: Legend, free_px: np.ndarray) -> Rect | None:
    """Paints a legend, in place, clear of the panel's edges.

    Args:
        pixels: Of the panel, as `paint` takes them.
        legend: What it says.
        free_px: (N, 2) points x, y; it covers as few of them as it can.

    Returns:
        The rectangle of its plate, None where the panel is too small for it or there is nothing to be said.
    """
    h, w = pixels.shape[:2]
    size_px = max(LEAST_TEXT_PX, round(TEXT_IN_PANELS * min(h, w)))
    pad_px, margin_px = max(3, round(1.6 * PAD * size_px)), max(2, round(MARGIN * size_px))
    room_hw = (int(_MOST_OF_HEIGHT * h) - 2 * pad_px, int(_MOST_OF_WIDTH * w) - 2 * pad_px)
    if isinstance(legend, ColourBar):
        drawings = _draw_bar(legend, size_px, room_hw)
    else:
        drawings = _draw_swatches(legend, size_px, room_hw)
    places = [_place(one, pad_px, (h, w), margin_px, free_px) for one in drawings]
    found = [
        (covered, plate, one)
        for (covered, plate), one in zip(places, drawings, strict=True)
        if plate is not None
    ]
    if not found:
        return None
    _, plate, drawn = min(found, key=lambda one: one[0])
    region = pixels[plate.y : plate.y + plate.h, plate.x : plate.x + plate.w]
    blend(region, np.full(region.shape[:2], 255, np.uint8), PLATE_RGB, PLATE_OPACITY)
    inner = region[pad_px : plate.h - pad_px, pad_px : plate.w - pad_px]
    blend(inner, drawn.coverage, drawn.rgb, 1.0)
    return plate


class _Drawing(NamedTuple):
    """What lies on a plate: (h, w, 3) RGB and (h, w) coverage, uint8."""

    rgb: np.ndarray
    coverage: np.ndarray


def _draw_bar(bar: ColourBar, size_px: int, room_hw: tuple[int, int]) -> list[_Drawing]:
    """Title, bar and numbers below it; none where there is no room for them."""
    title = draw_text(f"{bar.title} ({bar.unit})" if bar.unit else bar.title, size_px)
    ticks = [(at, draw_text(text, size_px)) for at, text in bar.list_ticks()]
    gap_px = max(2, size_px // 4)
    needed = sum(text.shape[1] for _, text in ticks) + 2 * gap_px * (len(ticks) - 1)
    length, width = max(round(_BAR_LENGTH * size_px), title.shape[1], needed), round(_BAR_WIDTH * size_px)
    length = min(length, max(room_hw[1], needed, title.shape[1]))
    h = title.shape[0] + width + ticks[0][1].shape[0] + 2 * gap_px
    if h > room_hw[0] or length > room_hw[1]:
        return []
    rgb, coverage = np.full((h, length, 3), TEXT_RGB, np.uint8), np.zeros((h, length), np.uint8)
    coverage[: title.shape[0], : title.shape[1]] = title
    top = title.shape[0] + gap_px
    coverage[top : top + width] = 255
    # In a frame of the text's colour, for an end may be as dark as the plate.
    rgb[top + 1 : top + width - 1, 1:-1] = bar.paint(length - 2)
    for at, text in ticks:
        left = round(at * (length - text.shape[1]))
        coverage[h - text.shape[0] :, left : left + text.shape[1]] = text
    return [_Drawing(rgb, coverage)]


def _draw_swatches(swatches: Swatches, size_px: int, room_hw: tuple[int, int]) -> list[_Drawing]:
    """Names beside squares of their colours, in one column, in two, and so on, as far as there is room."""
    line_px, side, gap_px = round(1.35 * size_px), round(0.8 * size_px), size_px
    left_px = side + size_px // 3
    most = room_hw[1] - left_px
    entries: list[tuple[np.ndarray, Rgb | None]] = [
        (draw_text(shorten_text(name, most, size_px), size_px), rgb) for name, rgb in swatches.entries
    ]
    column_px = left_px + max((text.shape[1] for text, _ in entries), default=0)
    most_rows, most_columns = room_hw[0] // line_px, (room_hw[1] + gap_px) // (column_px + gap_px)
    if not entries or most_rows < 1 or most_columns < 1:
        return []
    if len(entries) > most_rows * most_columns:
        # What finds no room is counted at the end.
        kept = most_rows * most_columns - 1
        more = draw_text(shorten_text(f"+ {len(entries) - kept}", most, size_px), size_px)
        entries = [*entries[:kept], (more, None)]
    drawings = []
    fewest = math.ceil(len(entries) / most_rows)
    # Some numbers of columns come to the same number of rows, and the last of their columns would be empty.
    for rows in dict.fromkeys(math.ceil(len(entries) / n) for n in range(fewest, most_columns + 1)):
        columns = math.ceil(len(entries) / rows)
        h, w = rows * line_px, columns * column_px + (columns - 1) * gap_px
        drawing = _Drawing(np.full((h, w, 3), TEXT_RGB, np.uint8), np.zeros((h, w), np.uint8))
        for i, (text, colour) in enumerate(entries):
            x, y = i // rows * (column_px + gap_px), i % rows * line_px
            if colour is not None:
                square = (slice(y + (line_px - side) // 2, y + (line_px + side) // 2), slice(x, x + side))
                drawing.rgb[square] = [round(255 * value) for value in colour]
                drawing.coverage[square] = 255
                x += left_px
            _write(drawing.coverage[y : y + line_px, x:], text)
        drawings.append(drawing)
    return drawings


def _write(line: np.ndarray, text: np.ndarray) -> None:
    """Writes a text in the middle of a line's height; what is larger is cut off."""
    top = max(line.shape[0] - text.shape[0], 0) // 2
    shown = text[: line.shape[0] - top, : line.shape[1]]
    line[top : top + shown.shape[0], : shown.shape[1]] = shown


def _place(
    drawing: _Drawing, pad_px: int, hw: tuple[int, int], margin_px: int, free_px: np.ndarray
) -> tuple[int, Rect | None]:
    """How many points it covers in the best corner, and where that is: of several the lower, right one."""
    h, w = (length + 2 * pad_px for length in drawing.coverage.shape)
    down, right = hw[0] - margin_px - h, hw[1] - margin_px - w
    if down < margin_px or right < margin_px:
        return 0, None
    corners = [(right, down), (margin_px, down), (right, margin_px), (margin_px, margin_px)]

    def count(corner: tuple[int, int]) -> int:
        # Not quite beside them either. NaN is nowhere.
        x, y = (free_px - corner + margin_px).T
        is_near = (x >= 0) & (x <= w + 2 * margin_px) & (y >= 0) & (y <= h + 2 * margin_px)
        return int(np.count_nonzero(is_near))

    x, y = min(corners, key=count)
    return count((x, y)), Rect(x, y, w, h)
