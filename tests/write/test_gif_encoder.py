"""GIFs: exact up to 256 colours, close beyond, transparent where they are to be."""

import numpy as np
import pytest

from render.write.gif_encoder import encode_gif
from tests.helpers.clips import (
    decode_opencv,
    decode_pillow,
    make_discs,
    make_noise,
    psnr_db,
    read_gif,
)

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow


def test_a_turntable_gif(turntable):
    data = encode_gif(turntable, 30)
    file = read_gif(data)
    assert file.global_colours == 256
    assert file.loops == [0]
    assert [frame.delay_cs for frame in file.frames] == [3, 4, 3] * 10
    assert not any(frame.has_local_table for frame in file.frames)
    assert len(data) < turntable.nbytes / 20
    np.testing.assert_array_equal(decode_opencv(data), turntable)
    decoded, durations = decode_pillow(data)
    np.testing.assert_array_equal(decoded[..., :3], turntable)
    assert (decoded[..., 3] == 255).all()
    assert sum(durations) == 1000


def test_every_grey_and_any_256_colours_stay_exact_in_gif():
    ramp = np.tile(np.arange(256, dtype=np.uint8)[None, None, :, None], (3, 9, 1, 3))
    colours = make_noise(1, 16, 16)
    for frames in (ramp, np.concatenate([colours, colours[:, ::-1]])):
        np.testing.assert_array_equal(decode_opencv(encode_gif(frames, 10)), frames)


def test_coloured_clips_in_gif(normals):
    data = encode_gif(normals, 25)
    decoded = decode_pillow(data)[0][..., :3]
    assert psnr_db(decoded, normals) > 40
    background = (normals == 255).all(3)
    assert (decoded[background] == 255).all()
    # No dithering: one colour becomes one colour wherever it is.
    raw, shown = (frames.astype(np.int64) @ [1 << 16, 1 << 8, 1] for frames in (normals, decoded))
    assert len(np.unique(raw << 24 | shown)) == len(np.unique(raw))
    assert len(np.unique(shown)) <= 256


def test_greys_survive_beside_any_colours_in_gif(normals):
    """Greys and one colour too many, alone and beside many colours: an orange, a gap, normals, noise."""
    ramp = np.tile(np.arange(256, dtype=np.uint8)[None, None, :, None], (6, 256, 1, 3))
    orange, gap = ramp.copy(), np.concatenate([ramp, np.full_like(ramp[..., :1], 255)], 3)
    orange[:, :99] = (255, 136, 0)
    gap[:, :99, :, 3] = 0
    for frames, worst in (
        (orange, 1),
        (gap, 1),
        (np.concatenate([ramp, normals], 1), 2),
        (np.concatenate([ramp, make_noise(6, 256, 256)], 1), 2),
    ):
        decoded = decode_pillow(encode_gif(frames, 25))[0][:, 99:256, :, :3]
        assert np.abs(decoded.astype(int) - ramp[:, 99:]).max() <= worst


def test_transparent_gif_neither_smears_nor_loses_colours():
    frames = make_discs()
    frames[0, :16, :16, :3] = make_noise(1, 16, 16)[0]
    data = encode_gif(frames, 10)
    file = read_gif(data)
    assert {frame.disposal for frame in file.frames} == {2}
    decoded, _ = decode_pillow(data)
    opaque = frames[..., 3] >= 128
    np.testing.assert_array_equal(decoded[..., 3], np.where(opaque, 255, 0))
    np.testing.assert_array_equal(decoded[opaque][:, :3], frames[opaque][:, :3])


def test_transparent_gif_with_many_colours():
    frames = make_discs()
    frames[..., :3] = make_noise(6, 40, 61)
    frames[2, ..., 3] = 0
    decoded, _ = decode_pillow(encode_gif(frames, 10))
    opaque = frames[..., 3] >= 128
    np.testing.assert_array_equal(decoded[..., 3], np.where(opaque, 255, 0))
    # Noise is the worst there is: 255 colours are about 40 apart.
    assert np.abs(decoded[opaque][:, :3].astype(int) - frames[opaque][:, :3]).mean() < 15
