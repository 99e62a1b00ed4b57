"""PNG: exact, for labels and for figures."""

import cv2
import numpy as np

from render.errors import SheetError

# zlib's fastest level: photographs gain a few percent from higher ones, at several times the time.
LEVEL = 1


def encode(pixels: np.ndarray) -> memoryview:
    """pixels: (H, W, 3) RGB or (H, W, 4) RGBA with straight alpha, uint8."""
    swap = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
    is_encoded, data = cv2.imencode(".png", cv2.cvtColor(pixels, swap), [cv2.IMWRITE_PNG_COMPRESSION, LEVEL])
    if not is_encoded:
        height, width = pixels.shape[:2]
        raise SheetError(f"{width} x {height} pixels are too many for png; draw fewer or smaller panels")
    return memoryview(data)
