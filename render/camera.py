"""EFT's camera: weak perspective in a square crop of the photo."""

from __future__ import annotations

import numpy as np

from render.types import FitTable

# bbox_scale is in this unit, as in MPII's annotations.
BOX_UNIT_PX = 200.0


def place_in_photo(fits: FitTable) -> tuple[np.ndarray, np.ndarray]:
    """Where the fits stand in their photos: pixels per metre (N,), and the origin's x, y in pixels (N, 2).

    A body's point (X, Y, Z) in metres lies at origin + scale * (X, Y), and at depth scale * Z. The crop's
    corners are truncated towards zero to whole pixels and its height serves both axes, as in the original
    renderer; the camera is s * X + t, not SPIN's s * (X + t).
    """
    half_px = fits.bbox_scale[:, None] * BOX_UNIT_PX / 2
    upper_left = np.trunc(fits.bbox_center_px - half_px)
    lower_right = np.trunc(fits.bbox_center_px + half_px)
    half_crop_px = (lower_right[:, 1] - upper_left[:, 1]) / 2
    scale, translation = fits.cam[:, 0], fits.cam[:, 1:]
    return scale * half_crop_px, upper_left + (1 + translation) * half_crop_px[:, None]
