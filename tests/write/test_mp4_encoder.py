"""MP4s: H.264 as browsers play it, in colours that come back."""

from io import BytesIO

import av
import numpy as np
import pytest

from render.write.mp4_encoder import encode_mp4
from tests.helpers.clips import (
    decode_video,
    make_discs,
    psnr_db,
    read_boxes,
)

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow


def test_a_turntable_mp4(turntable, tmp_path):
    data = encode_mp4(turntable, 30)
    assert psnr_db(decode_video(data, tmp_path), turntable) > 35
    names = read_boxes(data)
    assert names.index(b"moov") < names.index(b"mdat")
    with av.open(BytesIO(data)) as container:
        stream = container.streams.video[0]
        codec = stream.codec_context
        assert (codec.name, codec.pix_fmt) == ("h264", "yuv420p")
        # 1 is BT.709 for all three, and limited for the range.
        tags = (codec.colorspace, codec.color_primaries, codec.color_trc, codec.color_range)
        assert tags == (1, 1, 1, 1)
        assert stream.frames == 30
        assert stream.duration * stream.time_base == 1


def test_flat_colours_come_back_from_mp4(tmp_path):
    """Rounding to 8-bit yuv costs up to 2, decoding it as much; a wrong matrix or range costs 10 and more."""
    colours = [(r, g, b) for r in (0, 128, 255) for g in (0, 128, 255) for b in (0, 128, 255)]
    frames = np.array(colours, np.uint8).reshape(1, 3, 9, 3).repeat(32, 1).repeat(32, 2).repeat(3, 0)
    data = encode_mp4(frames, 10)
    inner = slice(12, None, 32)
    decoded = decode_video(data, tmp_path)[:, inner, inner].astype(int)
    assert np.abs(decoded - frames[:, inner, inner]).max() <= 4
    with av.open(BytesIO(data)) as container:
        luma = next(container.decode(video=0)).to_ndarray(format="yuv420p")[:96]
    assert np.abs(luma[12, 12].astype(int) - 16) <= 1
    assert np.abs(luma[-12, -12].astype(int) - 235) <= 1


def test_odd_sides_are_doubled_not_scaled(turntable, tmp_path):
    frames = turntable[:5, 50:177, 90:165]
    decoded = decode_video(encode_mp4(frames, 30), tmp_path)
    even = np.pad(frames, ((0, 0), (0, 1), (0, 1), (0, 0)), mode="edge")
    assert psnr_db(decoded, even) > 35
    assert psnr_db(decoded[:, -1:], even[:, -1:]) > 35
    assert psnr_db(decoded[:, :, -1:], even[:, :, -1:]) > 35


def test_mp4_has_no_alpha():
    with pytest.raises(ValueError, match=r"\(N, H, W, 3\) uint8.*found \(6, 40, 61, 4\)"):
        encode_mp4(make_discs(), 30)


def test_coloured_clips_in_mp4(normals, tmp_path):
    assert psnr_db(decode_video(encode_mp4(normals, 25), tmp_path), normals) > 32
