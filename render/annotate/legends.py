"""Legends: a plate with a scale, or with names beside their colours, in the corner where least is."""

from __future__ import annotations

import math

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
from render.annotate.strokes import blend
from render.shade.colour_maps import Rgb
from render.shade.legend import ColourBar, Legend, Swatches
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
        drawn = _draw_bar(legend, size_px, room_hw)
    else:
        drawn = _draw_swatches(legend, size_px, room_hw)
    if drawn is None:
        return None
    rgb, coverage = drawn
    inner_h, inner_w = coverage.shape
    plate_hw = (inner_h + 2 * pad_px, inner_w + 2 * pad_px)
    plate = _place(*plate_hw, (h, w), margin_px, free_px)
    if plate is None:
        return None
    region = pixels[plate.y : plate.y + plate.h, plate.x : plate.x + plate.w]
    blend(region, np.full(plate_hw, 255, np.uint8), PLATE_RGB, PLATE_OPACITY)
    blend(region[pad_px : pad_px + inner_h, pad_px : pad_px + inner_w], coverage, rgb, 1.0)
    return plate


def _draw_bar(bar: ColourBar, size_px: int, room_hw: tuple[int, int]) -> tuple[np.ndarray, np.ndarray] | None:
    """Title, bar and numbers below it: (h, w, 3) RGB and (h, w) coverage, uint8."""
    title = draw_text(f"{bar.title} ({bar.unit})" if bar.unit else bar.title, size_px)
    ticks = [(at, draw_text(text, size_px)) for at, text in bar.list_ticks()]
    gap_px = max(2, size_px // 4)
    needed = sum(text.shape[1] for _, text in ticks) + 2 * gap_px * (len(ticks) - 1)
    length, width = max(round(_BAR_LENGTH * size_px), title.shape[1], needed), round(_BAR_WIDTH * size_px)
    length = min(length, max(room_hw[1], needed, title.shape[1]))
    h = title.shape[0] + width + ticks[0][1].shape[0] + 2 * gap_px
    if h > room_hw[0] or length > room_hw[1]:
        return None
    rgb, coverage = np.full((h, length, 3), TEXT_RGB, np.uint8), np.zeros((h, length), np.uint8)
    coverage[: title.shape[0], : title.shape[1]] = title
    top = title.shape[0] + gap_px
    coverage[top : top + width] = 255
    # In a frame of the text's colour, for an end may be as dark as the plate.
    rgb[top + 1 : top + width - 1, 1:-1] = _spread(bar, length - 2)
    for at, text in ticks:
        left = round(at * (length - text.shape[1]))
        coverage[h - text.shape[0] :, left : left + text.shape[1]] = text
    return rgb, coverage


def _spread(bar: ColourBar, length: int) -> np.ndarray:
    """(length, 3) uint8, the bar's colours at the middles of pixels."""
    colours = np.array(bar.colours)
    at = (np.arange(length) + 0.5) / length
    knots = np.linspace(0, 1, len(colours))
    found = np.stack([np.interp(at, knots, channel) for channel in colours.T], 1)
    return (255 * found + 0.5).astype(np.uint8)


def _draw_swatches(
    swatches: Swatches, size_px: int, room_hw: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray] | None:
    """Names beside squares of their colours, in columns; what finds no room is counted at their end."""
    line_px, side = round(1.35 * size_px), round(0.8 * size_px)
    rows = room_hw[0] // line_px
    if rows < 1 or not swatches.entries:
        return None
    left_px, column_gap = side + size_px // 3, size_px
    most = room_hw[1] - left_px
    entries: list[tuple[np.ndarray, Rgb | None]] = [
        (draw_text(shorten_text(name, most, size_px), size_px), rgb) for name, rgb in swatches.entries
    ]
    column_w = left_px + max(text.shape[1] for text, _ in entries)
    columns = max((room_hw[1] + column_gap) // (column_w + column_gap), 0)
    if not columns:
        return None
    if len(entries) > rows * columns:
        kept = rows * columns - 1
        more = draw_text(shorten_text(f"+ {len(entries) - kept}", most, size_px), size_px)
        entries = [*entries[:kept], (more, None)]
    rows = min(rows, math.ceil(len(entries) / min(columns, math.ceil(len(entries) / rows))))
    columns = math.ceil(len(entries) / rows)
    h, w = rows * line_px, columns * column_w + (columns - 1) * column_gap
    rgb, coverage = np.full((h, w, 3), TEXT_RGB, np.uint8), np.zeros((h, w), np.uint8)
    for i, (text, colour) in enumerate(entries):
        x, y = i // rows * (column_w + column_gap), i % rows * line_px
        if colour is not None:
            top = y + (line_px - side) // 2
            rgb[top : top + side, x : x + side] = [round(255 * value) for value in colour]
            coverage[top : top + side, x : x + side] = 255
            x += left_px
        top = y + max(line_px - text.shape[0], 0) // 2
        shown = text[: line_px - (top - y), : w - x]
        coverage[top : top + shown.shape[0], x : x + shown.shape[1]] = shown
    return rgb, coverage


def _place(h: int, w: int, hw: tuple[int, int], margin_px: int, free_px: np.ndarray) -> Rect | None:
    """The corner where it covers fewest points; of several the lower one, of those the right one."""
    down, right = hw[0] - margin_px - h, hw[1] - margin_px - w
    if down < margin_px or right < margin_px:
        return None
    corners = [(right, down), (margin_px, down), (right, margin_px), (margin_px, margin_px)]

    def count(corner: tuple[int, int]) -> int:
        # NaN is nowhere.
        x, y = (free_px - corner).T
        return int(np.count_nonzero((x >= 0) & (x <= w) & (y >= 0) & (y <= h)))

    x, y = min(corners, key=count)
    return Rect(x, y, w, h)
