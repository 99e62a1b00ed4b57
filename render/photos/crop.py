"""Square crops of photos."""

from __future__ import annotations

import cv2
import numpy as np


def crop_photo(photo: np.ndarray, corner_px: np.ndarray, side_px: float, size: int) -> np.ndarray:
    """The square of the photo with that upper left corner and side, as size x size pixels.

    Black where it reaches beyond the photo. Only as much of the photo is touched as there is, however large
    the square.
    """
    zoom = size / side_px
    shrink = np.ones(2)
    if zoom < 0.5:
        # Bilinear sampling of a much larger picture would skip pixels.
        height, width = photo.shape[:2]
        small = (max(1, round(width * zoom)), max(1, round(height * zoom)))
        photo = cv2.resize(photo, small, interpolation=cv2.INTER_AREA)
        shrink = np.array([small[0] / width, small[1] / height])
    # Pixel centres lie at + 0.5 in both pictures.
    step = 1 / zoom * shrink
    offset = corner_px * shrink + 0.5 * step - 0.5
    matrix = np.array([[step[0], 0, offset[0]], [0, step[1], offset[1]]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(photo, matrix, (size, size), flags=flags, borderMode=cv2.BORDER_CONSTANT)
