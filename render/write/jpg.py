"""JPEG: small, lossy, for pictures that people look at."""

import cv2
import numpy as np


def encode(pixels: np.ndarray, quality: int) -> bytes:
    """pixels: (H, W, 3) uint8 RGB. quality: 1 to 100."""
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
