"""JPEGs are close to their pixels, and closer the higher their quality."""

import cv2
import numpy as np
import pytest

from render.errors import SheetError
from render.write.formats.jpg import encode


@pytest.fixture
def pixels() -> np.ndarray:
    """Colours that shade into each other: any swap of channels shows."""
    y, x = np.mgrid[:64, :96]
    return np.stack([2 * x, 3 * y, 200 - x], -1).astype(np.uint8)


def decode(file: memoryview) -> np.ndarray:
    bgr = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR)
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)


def test_pixels_come_back_nearly(pixels):
    file = encode(pixels, 95)
    assert bytes(file[:2]) == b"\xff\xd8"
    assert np.abs(decode(file).astype(int) - pixels).mean() < 1.5


def test_quality_costs_bytes_and_saves_errors(pixels):
    # Grey, because colours are kept at half the resolution whatever the quality.
    noisy = pixels // 2 + np.random.default_rng(0).integers(0, 100, (64, 96, 1), dtype=np.uint8)
    poor, good = encode(noisy, 30), encode(noisy, 95)
    assert len(poor) < len(good) / 2
    off = [np.abs(decode(file).astype(int) - noisy).mean() for file in (poor, good)]
    assert off[0] > 2 * off[1]


def test_more_pixels_than_the_format_can_hold_are_refused_with_advice():
    with pytest.raises(SheetError, match="65501 x 1 pixels are too many for jpg; use output=png or break it"):
        encode(np.zeros((1, 65501, 3), np.uint8), 95)
    assert decode(encode(np.zeros((1, 65500, 3), np.uint8), 95)).shape == (1, 65500, 3)
