"""Animated WebPs: every bit and every alpha."""

import struct

import numpy as np
import pytest

from render.write.webp_encoder import encode_webp
from tests.helpers.clips import (
    decode_opencv,
    decode_pillow,
    make_discs,
    read_chunks,
)

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow


def test_a_turntable_webp(turntable):
    data = encode_webp(turntable, 30)
    chunks = read_chunks(data)
    assert [name for name, _ in chunks] == [b"VP8X", b"ANIM"] + [b"ANMF"] * 30
    assert struct.unpack_from("<H", chunks[1][1], 4) == (0,)
    decoded, durations = decode_pillow(data)
    np.testing.assert_array_equal(decoded[..., :3], turntable)
    np.testing.assert_array_equal(decode_opencv(data), turntable)
    assert set(durations) == {33, 34}
    assert sum(durations) == 1000


def test_webp_keeps_alpha():
    frames = make_discs()
    decoded, _ = decode_pillow(encode_webp(frames, 10))
    np.testing.assert_array_equal(decoded[..., 3], frames[..., 3])
    visible = frames[..., 3] > 0
    np.testing.assert_array_equal(decoded[visible], frames[visible])


def test_coloured_clips_in_webp(normals):
    np.testing.assert_array_equal(decode_opencv(encode_webp(normals, 25)), normals)
