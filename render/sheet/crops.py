"""The square of the photo that a sheet's crop shows."""

from __future__ import annotations

import numpy as np


def find_sheet_crops(
    box_px: np.ndarray, first: np.ndarray, picture_hw: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The crop of each sheet: the person's, or a square around all.

    Args:
        box_px: (M, 3) left, top and side of the crops of the people of all sheets, one after the other, in
            the photo.
        first: (S + 1,), index of the first person of each sheet, and the end.
        picture_hw: (S, 2) height and width of their photos.

    Returns:
        Upper left corner (S, 2) and side (S,), in pixels of the photo; of a sheet of nobody a square around
        all of it.
    """
    upper_left, side_px = box_px[:, :2], box_px[:, 2]
    low, high = np.zeros((len(first) - 1, 2)), picture_hw[:, ::-1].astype(np.float64)
    # Of a sheet of nobody `reduceat` would take the next one's people.
    has_people = np.diff(first) > 0
    begins = first[:-1][has_people]
    if len(begins):
        low[has_people] = np.minimum.reduceat(upper_left, begins)
        high[has_people] = np.maximum.reduceat(upper_left + side_px[:, None], begins)
    # A box of less than a pixel leaves no crop.
    side = np.maximum((high - low).max(1), 1.0)
    return (low + high - side[:, None]) / 2, side
