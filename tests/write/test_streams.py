"""Clips frame by frame: the bytes of those in memory, exact times, flat memory, nothing half written."""

import os
import tracemalloc
from fractions import Fraction
from io import BytesIO

import av
import numpy as np
import pytest

from render.errors import OutputError, SheetError
from render.files.digest import identify
from render.files.output_dir import OutputDir
from render.write import webp_encoder
from render.write.clip import Clip
from render.write.format import FORMATS
from render.write.writer import ClipWriter
from tests.helpers.clips import decode_opencv, decode_pillow, make_discs, make_noise, read_boxes, read_gif
from tests.helpers.whole_clips import encode_whole_gif, encode_whole_mp4, encode_whole_webp

WHOLE = {"gif": encode_whole_gif, "mp4": encode_whole_mp4, "webp": encode_whole_webp}
MILLISECONDS = np.cumsum([7, *np.random.default_rng(0).integers(11, 90, 40)])
SIZE = (17, 23, 3)


def make_steps(count: int, hwc: tuple[int, int, int] = SIZE) -> np.ndarray:
    return np.broadcast_to((np.arange(count) * 37 % 256).astype(np.uint8)[:, None, None, None], (count, *hwc))


def encode(name: str, clip: Clip, frames: np.ndarray) -> bytes:
    file = BytesIO()
    with FORMATS.load(name).open_clip(file, clip) as encoder:
        for frame in frames:
            encoder.add(frame)
    assert encoder.remarks == []
    return file.getvalue()


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("fps", [7.3, 12.8, 25, 30000 / 1001, 50])
def test_clips_in_memory_keep_their_bytes(name, fps):
    for frames in (make_noise(4, 21, 34), make_discs()):
        pixels = frames[..., :3] if name == "mp4" else frames
        assert FORMATS.load(name).encode(pixels, fps) == WHOLE[name](pixels, fps)


@pytest.mark.parametrize("name", ["mp4", "webp"])
def test_streams_have_the_bytes_of_clips_in_memory(name):
    frames = make_noise(4, 21, 34)
    for times, unit in ((np.arange(5), Fraction(1, 25)), (np.arange(5) * 512 + 99, Fraction(1, 12800))):
        assert encode(name, Clip(21, 34, 3, times, unit), frames) == WHOLE[name](frames, 25)


@pytest.mark.parametrize(
    ("times", "unit"),
    [
        (np.arange(41), Fraction(1, 25)),
        (np.arange(41), Fraction(1001, 30000)),
        (np.arange(41), Fraction(1, 120)),
        (np.arange(41) * 3003 + 10**9, Fraction(1, 90000)),
        (MILLISECONDS, Fraction(1, 1000)),
        (MILLISECONDS * 77 + 5, Fraction(1, 90000)),
    ],
)
def test_mp4_times_come_back_exactly(times, unit):
    data = encode("mp4", Clip(*SIZE, times, unit), make_steps(40))
    names = read_boxes(data)
    assert names.index(b"moov") < names.index(b"mdat")
    with av.open(BytesIO(data)) as container:
        stream = container.streams.video[0]
        shown = [frame.pts * frame.time_base for frame in container.decode(stream)]
        expected = [int(time - times[0]) * unit for time in times]
        assert [*shown, stream.duration * stream.time_base] == expected


@pytest.mark.parametrize(("name", "ticks_per_s", "least"), [("gif", 100, 2), ("webp", 1000, 11)])
def test_times_of_gif_and_webp_are_rounded_over_the_clip(name, ticks_per_s, least):
    for times, unit in ((np.arange(41), Fraction(1001, 30000)), (MILLISECONDS * 90, Fraction(1, 90000))):
        data = encode(name, Clip(*SIZE, times, unit), make_steps(40))
        gif = read_gif(data).frames if name == "gif" else ()
        found = [frame.delay_cs for frame in gif] or decode_pillow(data)[1]
        assert min(found) >= least
        late = np.cumsum(found) - (times[1:] - times[0]) * float(unit) * ticks_per_s
        # Three frames of 11 to 16 ms in a row, each shown for 20 in a GIF.
        assert np.abs(late).max() <= (3 if name == "gif" else 0.5 + 1e-9)
        assert abs(late[-1]) <= 0.5 + 1e-9
        assert len(found) == 40


def test_frames_that_are_too_short_or_too_long():
    for name, fps in (("gif", 60), ("webp", 120), ("mp4", 300)):
        with pytest.raises(SheetError, match=rf"frames per second.*found {fps}\. Set output\.fps to a lower"):
            FORMATS.load(name).open_clip(BytesIO(), Clip.at_rate(SIZE, 50, fps))
    with pytest.raises(SheetError, match=r"at most 655\.35 s.*one of 700 s\. Use output=mp4"):
        FORMATS.load("gif").open_clip(BytesIO(), Clip(*SIZE, np.array([0, 1, 701]), Fraction(1)))


@pytest.mark.parametrize("channels", [3, 4])
def test_gif_streams_are_exact_up_to_256_colours(channels):
    frames = np.zeros((5, 12, 20, channels), np.uint8)
    # Its 250 colours come one after the other; the last is that of the first frame.
    frames[..., 0] = np.arange(5 * 12 * 20).reshape(5, 12, 20) % 250
    frames[..., 3:] = 255
    frames[4] = frames[0]
    data = encode("gif", Clip.at_rate((12, 20, channels), 5, 25), frames)
    assert not any(frame.has_local_table for frame in read_gif(data).frames)
    np.testing.assert_array_equal(decode_pillow(data)[0][..., :3], frames[..., :3])
    np.testing.assert_array_equal(decode_opencv(data), frames[..., :3])


def test_gif_streams_of_many_colours_do_not_flicker():
    """A still gradient, a colour ramp that moves over it, and a frame of one colour."""
    y, x = np.mgrid[:60, :80]
    frames = np.stack([np.stack([x * 3, y * 4, (x + y) % 256], 2)] * 6).astype(np.uint8)
    for k in range(1, 5):
        frames[k, 10:30, 10 * k : 10 * k + 20] = 255 - frames[0, 10:30, 10 * k : 10 * k + 20]
    frames[5] = 7
    data = encode("gif", Clip.at_rate((60, 80, 3), 6, 25), frames)
    assert [frame.has_local_table for frame in read_gif(data).frames] == [True] * 5 + [False]
    decoded = decode_pillow(data)[0][..., :3]
    np.testing.assert_array_equal(decoded, decode_opencv(data))
    np.testing.assert_array_equal(decoded[:5, 40:], decoded[:1, 40:].repeat(5, 0))
    # 255 colours for 4800: about 8 apart along each of two axes.
    assert np.abs(decoded.astype(int) - frames).mean() < 6
    assert (decoded[5] == 7).all()


def test_gif_streams_of_many_colours_with_holes():
    frames = make_noise(3, 20, 30, 4)
    decoded = decode_pillow(encode("gif", Clip.at_rate((20, 30, 4), 3, 25), frames))[0]
    opaque = frames[..., 3] >= 128
    np.testing.assert_array_equal(decoded[..., 3], np.where(opaque, 255, 0))
    # Noise is the worst there is, and a frame of 300 opaque pixels has nearly a colour for each.
    assert np.abs(decoded[opaque][:, :3].astype(int) - frames[opaque][:, :3]).mean() < 3


@pytest.mark.parametrize("name", WHOLE)
def test_frames_may_be_drawn_into_the_same_memory(name):
    frames = make_noise(4, 16, 16)
    expected = encode(name, Clip.at_rate((16, 16, 3), 4, 25), frames)
    file, canvas = BytesIO(), np.empty((16, 16, 3), np.uint8)
    with FORMATS.load(name).open_clip(file, Clip.at_rate((16, 16, 3), 4, 25)) as encoder:
        for frame in frames:
            canvas[...] = frame
            encoder.add(canvas)
    assert file.getvalue() == expected


@pytest.mark.parametrize("name", WHOLE)
def test_memory_is_flat(name, tmp_path):
    """Noise, which nothing makes smaller: what is written is not held."""
    random, output, peaks = np.random.default_rng(0), OutputDir(tmp_path), []
    for count in (10, 110):
        tracemalloc.start()
        with (
            output.create("clip") as file,
            FORMATS.load(name).open_clip(file, Clip.at_rate((60, 80, 3), count, 25)) as encoder,
        ):
            for _ in range(count):
                encoder.add(random.integers(0, 256, (60, 80, 1), np.uint8).repeat(3, 2))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert file.id.bytes > 250_000
    assert peaks[1] - peaks[0] < file.id.bytes / 4


@pytest.mark.parametrize("name", WHOLE)
def test_a_clip_is_written_whole_or_not_at_all(name, tmp_path, monkeypatch):
    writer, clip = ClipWriter(OutputDir(tmp_path), name), Clip.at_rate(SIZE, 12, 25)
    frames = make_steps(12)
    with writer.open("a/walk", clip) as (encoder, file):
        for frame in frames:
            encoder.add(frame)
    path = tmp_path / "a" / f"walk.{name}"
    assert path.read_bytes() == encode(name, clip, frames)
    assert file.id == identify(path.read_bytes())

    def write_less() -> None:
        with writer.open("b", clip) as (encoder, _):
            encoder.add(frames[0])

    def write_onto_full_disk() -> None:
        with writer.open("b", clip) as (encoder, file), open("/dev/full", "wb", buffering=0) as full:
            os.dup2(full.fileno(), file.fileno())
            for frame in frames:
                encoder.add(frame)

    def write_another() -> None:
        with writer.open("b", clip) as (encoder, _):
            encoder.add(frames[0, :4])

    def write_more() -> None:
        with writer.open("b", clip) as (encoder, _):
            for k in range(13):
                encoder.add(frames[k % 12])

    for act, kind, message in (
        (write_less, ValueError, "frames: expected 12, found 1"),
        (write_onto_full_disk, OutputError, f"b.{name}: cannot be written: the disk or the quota is full"),
        (write_another, ValueError, r"frame: expected \(17, 23, 3\) uint8, found \(4, 23, 3\)"),
        (write_more, ValueError, "expected 12 frames, found one more"),
    ):
        with pytest.raises(kind, match=message):
            act()
        assert [found for found in tmp_path.rglob("*") if found.is_file()] == [path]


def test_a_webp_of_more_than_4_gb_says_so(monkeypatch):
    monkeypatch.setattr(webp_encoder, "MOST_BYTES", 5000)
    with pytest.raises(SheetError, match=r"at most 4 GB.*first 2 of 9 frames.*output=mp4"):
        encode("webp", Clip.at_rate((30, 40, 3), 9, 25), make_noise(9, 30, 40))


@pytest.mark.parametrize(
    ("times", "unit", "message"),
    [
        (np.array([0]), Fraction(1), "at least one frame"),
        (np.array([0.0, 1.0]), Fraction(1), "int64"),
        (np.array([0, 2, 2]), Fraction(1), "each frame to begin after the one before"),
        (np.array([0, 1]), Fraction(0), "each frame to begin"),
    ],
)
def test_times_that_are_none(times, unit, message):
    with pytest.raises(ValueError, match=message):
        Clip(*SIZE, times, unit)


def test_mp4_streams_have_no_alpha():
    with pytest.raises(ValueError, match="expected 3 channels, found 4"):
        FORMATS.load("mp4").open_clip(BytesIO(), Clip.at_rate((4, 4, 4), 2, 25))
