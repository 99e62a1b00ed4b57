"""The square of the photo that a sheet's crop shows."""

from __future__ import annotations

import numpy as np


def find_sheet_crops(box_px: np.ndarray, first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The crop of each sheet: the person's, or a square around all.

    Args:
        box_px: (M, 3) left, top and side of the crops of the people of all sheets, one after the other, in
            the photo.
        first: (S + 1,), index of the first person of each sheet, and the end.

    Returns:
        Upper left corner (S, 2) and side (S,), in pixels of the photo.
    """
    upper_left, side_px = box_px[:, :2], box_px[:, 2]
    low = np.minimum.reduceat(upper_left, first[:-1])
    high = np.maximum.reduceat(upper_left + side_px[:, None], first[:-1])
    # A box of less than a pixel leaves no crop.
    side = np.maximum((high - low).max(1), 1.0)
    return (low + high - side[:, None]) / 2, side
