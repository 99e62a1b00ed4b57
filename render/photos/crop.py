"""Square crops of photos."""

from __future__ import annotations

import cv2
import numpy as np


def crop_photo(
    photo: np.ndarray,
    corner_px: np.ndarray,
    side_px: float,
    size: int,
    outside_rgb: tuple[int, int, int] = (0, 0, 0),
) -> np.ndarray:
    """A square of a photo, of one colour where it reaches beyond the photo.

    Only as much of the photo is touched as there is, however large the square.

    Args:
        photo: (H, W, 3) uint8.
        corner_px: x, y of the square's upper left corner (2,), in px of the photo.
        side_px: Of the square, in px of the photo.
        size: Side of the result in px.
        outside_rgb: The colour beyond the photo.

    Returns:
        (size, size, 3) uint8.
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
    return cv2.warpAffine(
        photo, matrix, (size, size), flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=outside_rgb
    )
