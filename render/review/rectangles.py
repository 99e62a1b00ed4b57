"""Upright boxes in the picture: (4,) left, top, right and bottom, px."""

from __future__ import annotations

import numpy as np


def clip_box(box_px: np.ndarray, photo_hw: tuple[int, int] | None) -> np.ndarray:
    """What of a box is in the picture; a box of no size where nothing is, and all of it without a picture."""
    if photo_hw is None:
        return box_px
    height, width = photo_hw
    return np.clip(box_px, 0, [width, height, width, height])


def intersect_boxes(a_px: np.ndarray, b_px: np.ndarray) -> np.ndarray:
    """What two boxes share; its right is left of its left where that is nothing."""
    return np.concatenate([np.maximum(a_px[:2], b_px[:2]), np.minimum(a_px[2:], b_px[2:])])


def measure_area(box_px: np.ndarray) -> float:
    """The area of a box in square pixels; NaN of one that is not known."""
    return float(np.prod(np.maximum(box_px[2:] - box_px[:2], 0)))


def measure_iou(a_px: np.ndarray, b_px: np.ndarray) -> float:
    """Intersection over union of two boxes; NaN where one is not known, or both have no size."""
    shared = measure_area(intersect_boxes(a_px, b_px))
    union = measure_area(a_px) + measure_area(b_px) - shared
    return shared / union if union > 0 else np.nan
