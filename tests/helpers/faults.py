"""Faults as libraries raise them."""

import cv2
import numpy as np


def raise_cv2_out_of_memory(*_) -> None:
    """As OpenCV itself does."""
    cv2.resize(np.zeros((1, 1), np.uint8), (2**31 - 1, 2**31 - 1), interpolation=cv2.INTER_NEAREST)
