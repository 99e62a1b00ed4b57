"""Parts of photos at other pixels: squares, and any rectangles."""

from __future__ import annotations

import math

import cv2
import numpy as np

# Beyond what is cut, so that filters see the photo and not its end: in pixels of the result.
_REACH = 3
# In pixels of the photo a side, so that no window makes room without limit.
MOST_SIDE_PX = 1 << 15


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


def cut_photo(
    photo: np.ndarray,
    corner_px: np.ndarray,
    zoom: float,
    size_px: tuple[int, int],
    outside_rgb: tuple[int, int, int] = (255, 255, 255),
) -> np.ndarray:
    """A rectangle of a photo, of one colour where it reaches beyond the photo.

    Filtered by Pillow, whose cubic filter grows with what is left out, as OpenCV's does not.

    Args:
        photo: (H, W, 3) uint8.
        corner_px: x, y of the rectangle's upper left corner (2,), in px of the photo.
        zoom: Pixels of the result in one of the photo's.
        size_px: Width and height of the result.
        outside_rgb: The colour beyond the photo.

    Returns:
        (h, w, 3) uint8; the photo's own pixels where they lie on those of the result.

    Raises:
        ValueError: The rectangle is larger than any photo.
    """
    # Settings are checked, and most runs draw, without it.
    from PIL import Image

    span = np.array(size_px) / zoom
    if not (span <= MOST_SIDE_PX).all():
        raise ValueError(
            f"expected at most {MOST_SIDE_PX} pixels of the photo a side, found {span.max():.0f}"
        )
    height, width = photo.shape[:2]
    reach = math.ceil(_REACH * max(1.0, 1 / zoom))
    low = np.floor(corner_px).astype(int) - reach
    high = np.ceil(corner_px + span).astype(int) + reach
    # At the photo's end its last pixels are repeated, unless what is beyond is seen.
    near, far = low.clip(min=0), np.minimum(high, (width, height))
    if (near >= far).any():
        return np.full((size_px[1], size_px[0], 3), outside_rgb, np.uint8)
    part = photo[near[1] : far[1], near[0] : far[0]]
    begin = corner_px - near
    end = begin + span
    room = np.array([part.shape[1], part.shape[0]])
    if (begin < 0).any() or (end > room).any():
        before = np.maximum(-np.floor(begin), 0).astype(int)
        after = np.maximum(np.ceil(end) - room, 0).astype(int)
        padded = np.full(
            (before[1] + room[1] + after[1], before[0] + room[0] + after[0], 3), outside_rgb, np.uint8
        )
        padded[before[1] : before[1] + room[1], before[0] : before[0] + room[0]] = part
        part, begin, end = padded, begin + before, end + before
    room = np.array([part.shape[1], part.shape[0]])
    # What was added and taken may have left the last bit beyond the end.
    box = tuple(np.concatenate([begin.clip(0, room), end.clip(0, room)]).tolist())
    picture = Image.fromarray(np.ascontiguousarray(part))
    return np.asarray(picture.resize(size_px, Image.Resampling.BICUBIC, box=box))
