"""EFT's camera: weak perspective in a square crop of the photo."""

from __future__ import annotations

import numpy as np

from render.types.fits import BOX_UNIT_PX, FitTable


def find_crops(fits: FitTable) -> tuple[np.ndarray, np.ndarray]:
    """Upper left corner (N, 2) and side (N,) of the fits' square crops, in pixels of the photo.

    The corners are truncated towards zero to whole pixels and the height serves both axes, as in the original
    renderer.
    """
    half_px = fits.bbox_scale[:, None] * BOX_UNIT_PX / 2
    upper_left = np.trunc(fits.bbox_center_px - half_px)
    lower_right = np.trunc(fits.bbox_center_px + half_px)
    return upper_left, lower_right[:, 1] - upper_left[:, 1]


def place_in_photo(fits: FitTable) -> tuple[np.ndarray, np.ndarray]:
    """Where the fits stand in their photos: pixels per metre (N,), and the origin's x, y in pixels (N, 2).

    A body's point (X, Y, Z) in metres lies at origin + scale * (X, Y), and at depth scale * Z. The camera is
    s * X + t, not SPIN's s * (X + t).
    """
    upper_left, side_px = find_crops(fits)
    scale, translation = fits.cam[:, 0], fits.cam[:, 1:]
    return scale * side_px / 2, upper_left + (1 + translation) * side_px[:, None] / 2


def find_sheet_crops(fits: FitTable, first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Upper left corner (S, 2) and side (S,) of the crop of each sheet: the person's, or a square around all.

    first: (S + 1,), index of the first person of each sheet, and the end.
    """
    upper_left, side_px = find_crops(fits)
    low = np.minimum.reduceat(upper_left, first[:-1])
    high = np.maximum.reduceat(upper_left + side_px[:, None], first[:-1])
    # A box of less than a pixel leaves no crop.
    side = np.maximum((high - low).max(1), 1.0)
    return (low + high - side[:, None]) / 2, side
