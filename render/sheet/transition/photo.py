"""The photo of a transition: where it lies on its panel, and how it is laid there."""

from __future__ import annotations

import cv2
import numpy as np

from render.sheet.transition.course import weigh_photo


def fit_photo(photo_hw: tuple[int, int], size_px: tuple[int, int]) -> tuple[float, np.ndarray]:
    """Where a photo lies on a panel: as large as it can be, and in the middle.

    Args:
        photo_hw: Its height and width.
        size_px: The panel's width and height.

    Returns:
        Zoom and offset (2,) from the photo's pixels to the panel's: zoom * x + offset.
    """
    photo_px = np.array(photo_hw[::-1], np.float64)
    zoom = float((np.array(size_px) / photo_px).min())
    return zoom, np.floor((np.array(size_px) - zoom * photo_px) / 2)


def lay_photo(area: np.ndarray, photo: np.ndarray, from_photo: float, is_transparent: bool = False) -> None:
    """Lays a photo over a panel's own background, as far as it has faded, in place.

    Args:
        area: The panel's pixels, (H, W, 3) or (H, W, 4) uint8.
        photo: (H, W, 3) uint8 RGB.
        from_photo: See `Moment`.
        is_transparent: Whether the background is, so that it has no colour to be mixed with.
    """
    share = weigh_photo(from_photo)
    if share == 0:
        return
    height, width = area.shape[:2]
    zoom, offset = fit_photo(photo.shape[:2], (width, height))
    left, top = offset.astype(int).tolist()
    size_px = min(width, round(zoom * photo.shape[1])), min(height, round(zoom * photo.shape[0]))
    if size_px != (photo.shape[1], photo.shape[0]):
        # Bilinear sampling of a much larger picture would skip pixels.
        sampling = cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
        photo = cv2.resize(photo, (max(1, size_px[0]), max(1, size_px[1])), interpolation=sampling)
    below = area[top : top + photo.shape[0], left : left + photo.shape[1]]
    if is_transparent:
        below[:, :, :3] = photo
        below[:, :, 3] = round(255 * share)
        return
    below[:, :, :3] = cv2.addWeighted(photo, share, np.ascontiguousarray(below[:, :, :3]), 1.0 - share, 0.0)
