"""Moving pictures in every format: as many frames, of as long, as were encoded; no others are taken."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest

from render.errors import SheetError
from render.write import gif_encoder, mp4_encoder, webp_encoder
from render.write.format import FORMATS
from render.write.gif_encoder import encode_gif
from render.write.mp4_encoder import encode_mp4
from render.write.webp_encoder import encode_webp
from tests.helpers.clips import (
    decode_pillow,
    decode_video,
    make_noise,
    read_gif,
)

ENCODERS = {name: FORMATS.load(name).encode for name in FORMATS.names if FORMATS.load(name).holds_frames}


def make_turning_bars() -> np.ndarray:
    y, x = np.mgrid[:128, :160]
    frames = np.full((40, 128, 160, 3), 255, np.uint8)
    for k, frame in enumerate(frames):
        distance = np.hypot(x - 20 - 3 * k, y - 64)
        shade = np.clip(200 - 4 * distance + 8 * np.sin(k / 3 + x / 7), 0, 255).astype(np.uint8)
        frame[...] = np.where(distance < 30, shade, 255)[..., None]
    return frames


def count_frames(name: str, data: bytes, folder: Path) -> int:
    return len(decode_video(data, folder) if name == "mp4" else decode_pillow(data)[0])


def test_formats_of_clips():
    assert list(ENCODERS) == ["gif", "mp4", "webp"]


@pytest.mark.parametrize("name", ENCODERS)
def test_equal_frames_are_kept(name, tmp_path):
    frame = make_noise(1, 24, 32)
    for order in ([0] * 7, [0, 0, 1, 1, 0]):
        frames = np.concatenate([frame, 255 - frame])[order]
        data = ENCODERS[name](frames, 20)
        assert count_frames(name, data, tmp_path) == len(order)


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("hw", [(1, 1), (3, 5), (61, 130), (2, 301)])
def test_one_frame_of_any_size(name, hw, tmp_path):
    frames = np.full((1, *hw, 3), 77, np.uint8)
    data = ENCODERS[name](frames, 12.5)
    if name == "mp4":
        decoded = decode_video(data, tmp_path)
        assert decoded.shape == (1, hw[0] + hw[0] % 2, hw[1] + hw[1] % 2, 3)
        assert np.abs(decoded.astype(int) - 77).max() <= 2
    else:
        decoded, durations = decode_pillow(data)
        np.testing.assert_array_equal(decoded[..., :3], frames)
        assert durations == [80]


@pytest.mark.parametrize("fps", [0.5, 1, 7.3, 12, 24000 / 1001, 24, 25, 30, 33, 40, 47.9, 50])
def test_clips_last_as_long_as_asked(fps):
    frames = (np.arange(61) % 2 * 200).astype(np.uint8)[:, None, None, None] + np.zeros((4, 4, 3), np.uint8)
    delays = [frame.delay_cs for frame in read_gif(encode_gif(frames, fps)).frames]
    assert abs(sum(delays) / 100 - 61 / fps) <= 0.00501
    assert min(delays) >= 2
    assert max(delays) - min(delays) <= 1
    durations = decode_pillow(encode_webp(frames, fps))[1]
    assert len(durations) == 61
    assert abs(sum(durations) / 1000 - 61 / fps) <= 0.00051
    with av.open(BytesIO(encode_mp4(frames, fps))) as container:
        stream = container.streams.video[0]
        assert stream.frames == 61
        assert float(stream.duration * stream.time_base) == pytest.approx(61 / fps, rel=1e-5)


@pytest.mark.parametrize("fps", [0.01, 0.3, 29.97, 50.01, 60, 90, 120, 240])
def test_rates_of_each_format_within_its_range(fps):
    frames = (np.arange(24) % 2 * 200).astype(np.uint8)[:, None, None, None] + np.zeros((4, 4, 3), np.uint8)
    with av.open(BytesIO(encode_mp4(frames, fps))) as container:
        stream = container.streams.video[0]
        assert stream.frames == 24
        assert float(stream.duration * stream.time_base) == pytest.approx(24 / fps, rel=1e-5)
    if fps <= 90:
        durations = decode_pillow(encode_webp(frames, fps))[1]
        assert abs(sum(durations) / 1000 - 24 / fps) <= 0.00051
        assert min(durations) >= 11
    if fps <= 50:
        delays = [frame.delay_cs for frame in read_gif(encode_gif(frames, fps)).frames]
        assert abs(sum(delays) / 100 - 24 / fps) <= 0.00501


def test_the_same_bytes_side_by_side(normals):
    with ThreadPoolExecutor(4) as pool:
        for encode in ENCODERS.values():
            expected = encode(normals, 30)
            assert set(pool.map(lambda _, encode=encode: encode(normals, 30), range(4))) == {expected}


def test_mp4_has_the_same_bytes_whatever_memory_held_before():
    """What x264 reads of memory that it did not write differs from call to call, with one thread too."""
    clip = make_turning_bars()
    with ThreadPoolExecutor(4) as pool:
        files = set(pool.map(lambda _: encode_mp4(clip, 25), range(48)))
    assert len(files) == 1


@pytest.mark.parametrize(("name", "most"), [("gif", 50), ("webp", 90), ("mp4", 240)])
def test_settings_take_the_rates_that_encoders_take(name, most):
    (option,) = FORMATS.load(name).options
    assert (option.name, option.low, option.high) == ("fps", 0.01, most)


def test_frames_need_not_be_contiguous(normals):
    view = normals[::2, ::-1, 10:-20]
    for encode in ENCODERS.values():
        assert encode(view, 30) == encode(np.ascontiguousarray(view), 30)


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize(
    ("frames", "message"),
    [
        (np.zeros((0, 4, 4, 3), np.uint8), r"frames: expected \(N, H, W, .*\) uint8.*found \(0, 4, 4, 3\)"),
        (np.zeros((2, 0, 4, 3), np.uint8), r"at least one frame and one pixel.*found \(2, 0, 4, 3\)"),
        (np.zeros((4, 4, 3), np.uint8), r"found \(4, 4, 3\) uint8"),
        (np.zeros((2, 4, 4), np.uint8), r"found \(2, 4, 4\) uint8"),
        (np.zeros((2, 4, 4, 5), np.uint8), r"found \(2, 4, 4, 5\) uint8"),
        (np.zeros((2, 4, 4, 3), np.float32), r"found \(2, 4, 4, 3\) float32"),
    ],
)
def test_what_is_no_clip_is_refused(name, frames, message):
    with pytest.raises(ValueError, match=message):
        ENCODERS[name](frames, 30)


@pytest.mark.parametrize("name", ENCODERS)
def test_a_rate_of_0_is_that_of_clips_without_their_own(name):
    frames = make_noise(3, 8, 8)
    assert ENCODERS[name](frames, 0) == ENCODERS[name](frames, 25)


@pytest.mark.parametrize("fps", [-1, float("nan"), float("inf"), 0.001])
@pytest.mark.parametrize("name", ENCODERS)
def test_rates_that_are_none_are_refused(name, fps):
    with pytest.raises(ValueError, match=r"fps: expected 0\.01 to"):
        ENCODERS[name](np.zeros((2, 4, 4, 3), np.uint8), fps)


@pytest.mark.parametrize(("name", "most"), [("gif", 50), ("webp", 90), ("mp4", 240)])
def test_rates_that_browsers_slow_down_are_refused(name, most):
    frames = np.zeros((2, 4, 4, 3), np.uint8)
    ENCODERS[name](frames, most)
    with pytest.raises(ValueError, match=f"fps: expected 0.01 to {most} frames per second, found {most + 1}"):
        ENCODERS[name](frames, most + 1)


@pytest.mark.parametrize(("name", "width"), [("gif", 65536), ("webp", 16384), ("mp4", 16385)])
def test_clips_that_are_too_large_say_what_to_do(name, width):
    with pytest.raises(SheetError, match=rf"at most {width - 1} pixels.*found {width} x 2.*smaller panels"):
        ENCODERS[name](np.zeros((2, 2, width, 3), np.uint8), 10)
    ENCODERS[name](np.zeros((2, 2, width - 1, 3), np.uint8), 10)


def test_an_encoder_that_fails_says_so(monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("no room")

    frames = np.zeros((2, 4, 6, 3), np.uint8)
    monkeypatch.setattr(gif_encoder, "getdata", fail)
    monkeypatch.setattr(webp_encoder.iio, "imwrite", fail)
    # Too little room for the index.
    monkeypatch.setattr(mp4_encoder, "_INDEX_BYTES", 0)
    for encode in ENCODERS.values():
        with pytest.raises(
            SheetError, match=r"2 frame\(s\) of 6 x 4 pixels: the encoder failed: .*fewer frames"
        ):
            encode(frames, 10)
