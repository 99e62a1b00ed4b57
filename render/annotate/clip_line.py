"""Clipping of lines, so that no far-off coordinate reaches OpenCV's fixed-point numbers."""

from __future__ import annotations

import numpy as np


def clip_line(
    start: np.ndarray, end: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """The part of a line inside a box, by Liang and Barsky's method.

    Args:
        start: The line's first end (2,).
        end: Its second end (2,).
        low: The box's least corner (2,).
        high: Its greatest corner (2,).

    Returns:
        The ends of the part; None where there is none, or where an end of the line is not finite.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        along = np.subtract(end, start, dtype=np.float64)
        if not np.isfinite(along).all():
            return None
        parallel = along == 0
        if (parallel & ((start < low) | (start > high))).any():
            return None
        # Along an axis that the line is parallel to this divides by zero; the results are not used.
        to_low, to_high = (low - start) / along, (high - start) / along
        enter = np.where(parallel, 0.0, np.minimum(to_low, to_high)).max(initial=0.0)
        leave = np.where(parallel, 1.0, np.maximum(to_low, to_high)).min(initial=1.0)
    if enter > leave:
        return None
    # Rounding may put an end a little outside.
    return np.clip(start + enter * along, low, high), np.clip(start + leave * along, low, high)
