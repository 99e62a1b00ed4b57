"""Colours of videos, against the formulas of ITU-R BT.601, BT.709 and BT.2020."""

import numpy as np
import pytest

from render.photos.videos.reader import open_video
from tests.helpers.videos import make_video

# K_R and K_B.
WEIGHTS = {"bt709": (0.2126, 0.0722), "smpte170m": (0.299, 0.114), "bt2020nc": (0.2627, 0.0593)}
# Primaries, greys, and others that the matrices tell apart; flat squares, so that chroma can be halved.
COLOURS = np.array(
    [
        [255, 0, 0],
        [0, 255, 0],
        [0, 0, 255],
        [0, 0, 0],
        [255, 255, 255],
        [90, 90, 90],
        [200, 60, 40],
        [30, 160, 90],
    ],
    np.float64,
)
SIDE = 16
# Each of Y, Cb, Cr is off by half a step of 8 bits at most: 0.5 (255/219) (1 + 2 (1 - K_B)) is 1.7 at most,
# and rounding to whole numbers adds a half.
TOLERANCE = 2.5


def make_planes(matrix: str, is_full: bool, bits: int) -> np.ndarray:
    """yuv420p, (3 H / 2, W), by the formulas."""
    red, blue = WEIGHTS[matrix]
    rgb = COLOURS / 255
    luma = rgb @ [red, 1 - red - blue, blue]
    chroma = [(rgb[:, 2] - luma) / (2 * (1 - blue)), (rgb[:, 0] - luma) / (2 * (1 - red))]
    top, step = 2**bits - 1, 2 ** (bits - 8)
    if is_full:
        values = [luma * top, *(part * top + 128 * step for part in chroma)]
    else:
        values = [(16 + 219 * luma) * step, *((128 + 224 * part) * step for part in chroma)]
    y, u, v = (
        np.clip(np.rint(value), 0, top).astype(np.uint16 if bits > 8 else np.uint8) for value in values
    )
    plane = np.kron(y.reshape(2, 4), np.ones((SIDE, SIDE), y.dtype))
    halves = [np.kron(part.reshape(2, 4), np.ones((SIDE // 2, SIDE // 2), y.dtype)) for part in (u, v)]
    return np.vstack([plane, *(half.reshape(-1, plane.shape[1]) for half in halves)])


@pytest.mark.parametrize(
    ("matrix", "is_full", "bits", "tags"),
    [
        ("bt709", False, 8, {"colorspace": "bt709", "color_range": "tv"}),
        ("bt709", True, 8, {"colorspace": "bt709", "color_range": "pc"}),
        ("smpte170m", False, 8, {"colorspace": "smpte170m", "color_range": "tv"}),
        ("smpte170m", True, 8, {"colorspace": "smpte170m", "color_range": "pc"}),
        # Where nothing is said.
        ("smpte170m", False, 8, {}),
        ("bt709", False, 10, {"colorspace": "bt709", "color_range": "tv"}),
        ("bt2020nc", False, 10, {"colorspace": "bt2020nc", "color_range": "tv"}),
    ],
)
def test_matrix_and_range_are_those_that_the_video_says(tmp_path, matrix, is_full, bits, tags):
    pix_fmt = "yuv420p10le" if bits > 8 else "yuv420p"
    planes = make_planes(matrix, is_full, bits)
    path = make_video(
        tmp_path / "a.mkv",
        [planes],
        codec="ffv1",
        pix_fmt=pix_fmt,
        from_format=pix_fmt,
        options=tags,
    )
    pixels = open_video(path).read(0)
    # The middles of the squares: chroma between two of them is of both.
    middles = pixels[SIDE // 2 :: SIDE, SIDE // 2 :: SIDE].reshape(-1, 3)
    np.testing.assert_allclose(middles, COLOURS, atol=TOLERANCE)


def test_rgb_stays_as_it_is(tmp_path):
    """Lossless, so nothing may change."""
    picture = np.random.default_rng(0).integers(0, 256, (16, 32, 3), dtype=np.uint8)
    path = make_video(tmp_path / "a.avi", [picture], codec="rawvideo", pix_fmt="bgr24", options={})
    np.testing.assert_array_equal(open_video(path).read(0), picture)
