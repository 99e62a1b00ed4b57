"""The surface of one person in DensePose's forms: the chart of a box, and points sampled from it.

The chart is what detectron2's DensePose calls DensePoseChartResultCompressed (structures/chart_result.py):
the part and 255 times U and V, truncated, of each pixel of the box, as the three channels of a PNG in base64.
The points are those of COCO-DensePose's annotations: dp_I, dp_U, dp_V, dp_x and dp_y. Its dp_masks are left
out: they are outlines that people drew, coarser than the charts.
"""

from __future__ import annotations

import base64
from typing import Any

import cv2
import numpy as np

from render.labels.json_text import PIXEL_DIGITS, SHARE_DIGITS, round_numbers
from render.write.formats import png

# People of COCO-DensePose have as many on average.
MOST_POINTS = 100
# The width and the height of a box in the units of dp_x and dp_y. DensePose's evaluation divides by it
# (evaluation/densepose_coco_evaluation.py); its training (structures/data_relative.py) divides by 256, which
# moves points by up to 0.4 % of the box.
BOX_UNITS = 255.0


def cut_chart(iuv: np.ndarray, mask: np.ndarray, bbox: tuple[int, int, int, int]) -> np.ndarray:
    """The labels of one person in their box, where other people and the background are 0.

    Args:
        iuv: (H, W, 3) uint8 of a picture: part, and 255 times U and V, truncated.
        mask: (H, W) bool, the pixels of that person.
        bbox: x, y, w, h of them.

    Returns:
        (h, w, 3) uint8.
    """
    x, y, w, h = bbox
    labels = iuv[y : y + h, x : x + w]
    # Masks lie in memory by columns, which all that follows would take longer over.
    is_own = np.ascontiguousarray(mask[y : y + h, x : x + w])
    # Faces without a chart have no U and V either.
    shown = is_own & (labels[..., 0] > 0)
    # It leaves zeros where nothing is copied; a fifth of the time of numpy's `where`.
    return cv2.copyTo(np.ascontiguousarray(labels), shown.view(np.uint8))


def compress_chart(chart: np.ndarray) -> dict[str, Any]:
    """A chart as DensePoseChartResultCompressed has it.

    Args:
        chart: (h, w, 3) uint8, of one pixel at least.

    Returns:
        `shape_chw`, and `labels_uv_str`: the PNG, whose red, green and blue are I, U and V.
    """
    return {
        "shape_chw": [3, *chart.shape[:2]],
        "labels_uv_str": base64.b64encode(png.encode(chart)).decode("ascii"),
    }


def sample_points(chart: np.ndarray) -> dict[str, list[Any]]:
    """Points on the parts of a chart, spread over each of them, always the same.

    Each part has one, and of the rest as many as are its share of the pixels. A part is cut along a Z-curve
    into compact patches of one size, and the middle of each patch is taken.

    Args:
        chart: (h, w, 3) uint8, of one pixel at least.

    Returns:
        dp_x and dp_y, the centres of pixels with the box from 0 to 255 in both directions; dp_I from 1 to 24;
        dp_U and dp_V from 0 to 1. At most 100 of each; none where no pixel has a part.
    """
    height, width = chart.shape[:2]
    parts = np.ascontiguousarray(chart[..., 0]).ravel()
    counts = np.bincount(parts, minlength=1)
    counts[0] = 0
    # By part, then along the curve, whose places have 48 bits; they also tell where a point is.
    x_bits, y_bits = _spread_bits(width), _spread_bits(height) << 1
    places = np.sort(((parts.astype(np.int64) << 48) | (y_bits[:, None] | x_bits).ravel())[parts > 0])
    counts = counts[counts > 0]
    spare = MOST_POINTS - len(counts)
    picked = [np.zeros(0, np.int64)]
    for first, count in zip((np.cumsum(counts) - counts).tolist(), counts.tolist(), strict=True):
        points = min(count, 1 + spare * count // len(places))
        picked.append(first + (2 * np.arange(points) + 1) * count // (2 * points))
    place = places[np.concatenate(picked)]
    x, y = _gather_bits(place), _gather_bits(place >> 1)
    i, u, v = chart[y, x].T
    return {
        "dp_x": round_numbers((x + 0.5) * BOX_UNITS / width, PIXEL_DIGITS),
        "dp_y": round_numbers((y + 0.5) * BOX_UNITS / height, PIXEL_DIGITS),
        "dp_I": i.tolist(),
        "dp_U": round_numbers(u / 255.0, SHARE_DIGITS),
        "dp_V": round_numbers(v / 255.0, SHARE_DIGITS),
    }


# Sides of pictures have 24 bits at most.
_SIDE_BITS = range(24)


def _spread_bits(count: int) -> np.ndarray:
    """0, 1, ... with a bit of 0 above each of their bits: 3, which is 0b11, becomes 0b101.

    On a Z-curve the bits of x and y take turns, so that what is near there is near in the plane.
    """
    numbers, spread = np.arange(count), np.zeros(count, np.int64)
    for bit in _SIDE_BITS:
        spread |= (numbers >> bit & 1) << 2 * bit
    return spread


def _gather_bits(spread: np.ndarray) -> np.ndarray:
    """Every other bit of numbers, from the lowest on."""
    numbers = np.zeros(len(spread), np.int64)
    for bit in _SIDE_BITS:
        numbers |= (spread >> 2 * bit & 1) << bit
    return numbers
