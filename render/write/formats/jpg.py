"""JPEG: small, lossy, for pictures that people look at."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING

from render.errors import SheetError
from render.write.format import Format, Option

if TYPE_CHECKING:
    import numpy as np

# Of larger sheets nothing is kept.
MOST_HELD_BYTES = 1 << 26
_held = threading.local()


def encode(pixels: np.ndarray, quality: int) -> memoryview:
    """The file of a sheet.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        quality: 1 to 100.

    Raises:
        SheetError: A side is too long.
    """
    # Imported late: settings are checked against formats before OpenCV is loaded.
    import cv2

    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR, dst=_hold_pixels(pixels.shape))
    is_encoded, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not is_encoded:
        # The format's limit is 65500 a side.
        height, width = pixels.shape[:2]
        raise SheetError(
            f"{width} x {height} pixels are too many for jpg; use output=png or break it into columns"
        )
    return data.data


def _hold_pixels(shape: tuple[int, ...]) -> np.ndarray:
    """Room for the pixels of a sheet, the same again for each thread: fresh memory is cleared by the system
    page by page, which takes a tenth of the time of the encoder."""
    import numpy as np

    size = math.prod(shape)
    if size > MOST_HELD_BYTES:
        return np.empty(shape, np.uint8)
    if not hasattr(_held, "pixels") or len(_held.pixels) < size:
        _held.pixels = np.empty(size, np.uint8)
    room: np.ndarray = _held.pixels[:size].reshape(shape)
    return room


FORMAT = Format(
    encode,
    options=(Option("quality", int, 1, 100, default=95, about="Of the compression"),),
    gpu_codec="jpeg",
)
