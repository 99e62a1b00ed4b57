"""Boxes as outlines, solid and dashed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from render.annotate.strokes import EDGE_RGB, Segment, clip_segment, edge_px, paint

# A dash, and a gap, is so many times as long as the line is wide.
_DASH_IN_STROKES = 4.0
_LINE_IN_STROKES = 0.6
_LEAST_LINE_PX = 1.5
# The share of white in the tint of the smallest of nested boxes.
_PALEST = 0.85


def box_line_px(stroke_px: float) -> float:
    """How thick the outlines of boxes are beside limbs of that width."""
    return max(_LINE_IN_STROKES * stroke_px, _LEAST_LINE_PX)


def paint_box(pixels: np.ndarray, box_px: np.ndarray, colour_rgb: Sequence[int], stroke_px: float) -> None:
    """Paints the outline of a box, in place.

    Args:
        pixels: As `paint` takes them.
        box_px: Left, top, right, bottom (4,).
        colour_rgb: 0 to 255.
        stroke_px: Width of the line, see `box_line_px`.
    """
    _paint_lines(pixels, _sides(box_px, stroke_px), colour_rgb, stroke_px)


def paint_dashed_box(
    pixels: np.ndarray, box_px: np.ndarray, colour_rgb: Sequence[int], stroke_px: float
) -> None:
    """Paints the dashed outline of a box, in place; it takes what `paint_box` takes."""
    dash_px = _DASH_IN_STROKES * stroke_px
    dashes = []
    for side in _sides(box_px, stroke_px):
        # Cut before it is dashed: the sides of a box may be very long.
        near = clip_segment(side, pixels.shape[:2])
        if near is not None:
            along = near.end_px - near.start_px
            # An odd number of pieces, so that the side begins and ends with a dash.
            count = int(np.hypot(*along) // (2 * dash_px)) * 2 + 1
            ends = near.start_px + along * np.linspace(0, 1, count + 1)[:, None]
            dashes += [Segment(ends[k], ends[k + 1], stroke_px) for k in range(0, count, 2)]
    _paint_lines(pixels, dashes, colour_rgb, stroke_px)


def paint_nested_boxes(
    pixels: np.ndarray, boxes_px: np.ndarray, colour_rgb: Sequence[int], stroke_px: float
) -> None:
    """Paints boxes in tints of one colour, in place: the smallest pale, the largest in the full colour.

    Args:
        pixels: As `paint` takes them.
        boxes_px: (K, 4), from the smallest to the largest.
        colour_rgb: Of the largest, 0 to 255.
        stroke_px: Width of the lines, see `box_line_px`.
    """
    # The largest comes first, so that the smaller boxes lie over it.
    for box_px, white in reversed(list(zip(boxes_px, np.linspace(_PALEST, 0, len(boxes_px)), strict=True))):
        tint = np.array(colour_rgb) * (1 - white) + 255 * white
        paint_box(pixels, box_px, tint, stroke_px)


def _sides(box_px: np.ndarray, stroke_px: float) -> list[Segment]:
    """The four sides, each long enough that they close the corners."""
    left, top, right, bottom = box_px
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)])
    sides = []
    for start, end in pairwise(corners):
        cap = np.sign(end - start) * stroke_px / 2
        sides.append(Segment(start - cap, end + cap, stroke_px))
    return sides


def _paint_lines(
    pixels: np.ndarray, lines: list[Segment], colour_rgb: Sequence[int], stroke_px: float
) -> None:
    # One at a time: together they would cover all that lies inside the box.
    edge = edge_px(stroke_px)
    for line in lines:
        paint(pixels, [line.grown(edge)], EDGE_RGB)
    for line in lines:
        paint(pixels, [line], colour_rgb)
