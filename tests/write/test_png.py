"""PNG files hold every bit, whatever filter makes them small."""

import cv2
import numpy as np
import pytest

from render.write.formats.png import encode


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("hw", [(1, 1), (37, 53), (1, 400), (400, 1)])
@pytest.mark.parametrize("kind", ["noise", "label"])
def test_pixels_come_back(channels, hw, kind):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (*hw, channels), dtype=np.uint8)
    if kind == "label":
        pixels = np.where(rng.random((*hw, 1)) < 0.02, pixels, 0).astype(np.uint8).cumsum(1, dtype=np.uint8)
    file = encode(pixels)
    read = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED)
    swap = cv2.COLOR_BGRA2RGBA if channels == 4 else cv2.COLOR_BGR2RGB
    np.testing.assert_array_equal(cv2.cvtColor(read, swap), pixels)
