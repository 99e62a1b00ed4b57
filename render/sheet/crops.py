"""EFT's camera: weak perspective in a square crop of the photo."""

from __future__ import annotations

import numpy as np

from render.types.fits import BOX_UNIT_PX, FitTable


def find_crops(fits: FitTable) -> tuple[np.ndarray, np.ndarray]:
    """The fits' square crops.

    The corners are truncated towards zero to whole pixels and the height serves both axes, as in the original
    renderer.

    Args:
        fits: N of them.

    Returns:
        Upper left corner (N, 2) and side (N,), in pixels of the photo.
    """
    half_px = fits.bbox_scale[:, None] * BOX_UNIT_PX / 2
    upper_left = np.trunc(fits.bbox_center_px - half_px)
    lower_right = np.trunc(fits.bbox_center_px + half_px)
    return upper_left, lower_right[:, 1] - upper_left[:, 1]


def place_in_photo(fits: FitTable) -> tuple[np.ndarray, np.ndarray]:
    """Where the fits stand in their photos.

    A body's point (X, Y, Z) in metres lies at origin + scale * (X, Y), and at depth scale * Z. The camera is
    s * X + t, not SPIN's s * (X + t).

    Args:
        fits: N of them.

    Returns:
        The scale, pixels per metre (N,), and the origin's x, y in pixels (N, 2).
    """
    upper_left, side_px = find_crops(fits)
    scale, translation = fits.cam[:, 0], fits.cam[:, 1:]
    # The camera gives -1 to 1 from one side of the crop to the other.
    return scale * side_px / 2, upper_left + (1 + translation) * side_px[:, None] / 2


def find_sheet_crops(fits: FitTable, first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The crop of each sheet: the person's, or a square around all.

    Args:
        fits: Of the people of all sheets, one after the other.
        first: (S + 1,), index of the first person of each sheet, and the end.

    Returns:
        Upper left corner (S, 2) and side (S,), in pixels of the photo.
    """
    upper_left, side_px = find_crops(fits)
    low = np.minimum.reduceat(upper_left, first[:-1])
    high = np.maximum.reduceat(upper_left + side_px[:, None], first[:-1])
    # A box of less than a pixel leaves no crop.
    side = np.maximum((high - low).max(1), 1.0)
    return (low + high - side[:, None]) / 2, side
