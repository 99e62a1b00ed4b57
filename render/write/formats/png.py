"""PNG: exact, for labels and for figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from render.errors import SheetError
from render.write.format import Format

if TYPE_CHECKING:
    import numpy as np


def encode(pixels: np.ndarray) -> memoryview:
    """The file of a sheet.

    Args:
        pixels: (H, W, 3) RGB or (H, W, 4) RGBA with straight alpha, uint8.

    Raises:
        SheetError: A side is too long.
    """
    # Imported late: settings are checked against formats before OpenCV is loaded.
    import cv2

    # Chosen among all of OpenCV's by trial: labels take a quarter of the default's time and photographs half,
    # and both are smaller. Each row less the one above is mostly zeros, which run-length matches find at
    # once.
    options = [
        cv2.IMWRITE_PNG_FILTER,
        cv2.IMWRITE_PNG_FILTER_UP,
        cv2.IMWRITE_PNG_STRATEGY,
        cv2.IMWRITE_PNG_STRATEGY_RLE,
        cv2.IMWRITE_PNG_COMPRESSION,
        1,
    ]
    swap = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
    is_encoded, data = cv2.imencode(".png", cv2.cvtColor(pixels, swap), options)
    if not is_encoded:
        height, width = pixels.shape[:2]
        raise SheetError(f"{width} x {height} pixels are too many for png; draw fewer or smaller panels")
    return data.data


FORMAT = Format(encode, is_exact=True, alpha="full")
