"""Moving pictures: what is decoded from a file is what was encoded, in number, time and colour."""

import struct
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import NamedTuple

import av
import cv2
import numpy as np
import pytest
from PIL import Image, ImageSequence

from render.errors import SheetError
from render.fits.read import read_fits
from render.library.renderer import BatchRenderer
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import parse_panel
from render.write.formats import gif, mp4, webp
from tests.helpers.drawing import draw_sheets

FORMATS = {"gif": gif, "mp4": mp4, "webp": webp}


class GifFrame(NamedTuple):
    delay_cs: int
    disposal: int
    has_local_table: bool


class GifFile(NamedTuple):
    global_colours: int
    loops: list[int]
    frames: list[GifFrame]


@pytest.fixture(scope="module")
def draw_turntable(demo_set, demo_body):
    """Draws a person of the demo set turning: (N, side, side, 3) uint8."""
    fits, _ = read_fits("eft", demo_set.fit_file)
    renderer = BatchRenderer(demo_body)

    def draw(mode: str, count: int, side_px: int) -> np.ndarray:
        hw = (side_px, side_px)
        panel = parse_panel(f"side/{mode}/white")
        sheet = lay_out_sheet("turn", None, hw, (panel,), (0,), columns=1, free_hw=hw, frames=count)
        return draw_sheets(renderer, fits, [sheet], [None])[0].reshape(count, side_px, side_px, 3)

    return draw


@pytest.fixture(scope="module")
def turntable(draw_turntable) -> np.ndarray:
    frames = draw_turntable("geo", 90, 512)
    assert 0.05 < (frames != 255).mean() < 0.5
    return frames


@pytest.fixture(scope="module")
def normals(draw_turntable) -> np.ndarray:
    frames = draw_turntable("normal", 12, 256)
    assert (frames.std((0, 1, 2)) > 10).all()
    return frames


def make_noise(count: int, height: int, width: int, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, height, width, channels), dtype=np.uint8)


def make_discs(count: int = 6) -> np.ndarray:
    """A red disc that moves over nothing, with every alpha in it; the picture is 61 x 40."""
    y, x = np.mgrid[:40, :61]
    frames = np.zeros((count, 40, 61, 4), np.uint8)
    for k, frame in enumerate(frames):
        distance = np.hypot(x - 8 - 8 * k, y - 20)
        frame[..., 0] = 200
        frame[..., 3] = np.clip(255 - 15 * distance, 0, 255)
    return frames


def decode_pillow(data: bytes) -> tuple[np.ndarray, list[int]]:
    """RGBA (N, H, W, 4) and the durations in milliseconds."""
    frames, durations = [], []
    for frame in ImageSequence.Iterator(Image.open(BytesIO(data))):
        frames.append(np.array(frame.convert("RGBA")))
        durations.append(frame.info["duration"])
    return np.stack(frames), durations


def decode_opencv(data: bytes) -> np.ndarray:
    """RGB (N, H, W, 3) of a GIF or WebP, by OpenCV's decoders."""
    found, animation = cv2.imdecodeanimation(np.frombuffer(data, np.uint8))
    assert found
    return np.stack([cv2.cvtColor(frame, cv2.COLOR_BGRA2RGB) for frame in animation.frames])


def decode_video(data: bytes, folder) -> np.ndarray:
    """RGB (N, H, W, 3) of an MP4, by OpenCV's own FFmpeg."""
    path = folder / "clip.mp4"
    path.write_bytes(data)
    capture, frames = cv2.VideoCapture(str(path)), []
    while (step := capture.read())[0]:
        frames.append(cv2.cvtColor(step[1], cv2.COLOR_BGR2RGB))
    return np.stack(frames)


def count_frames(name: str, data: bytes, folder) -> int:
    return len(decode_video(data, folder) if name == "mp4" else decode_pillow(data)[0])


def read_gif(data: bytes) -> GifFile:
    assert data[:6] == b"GIF89a"
    flags = data[10]
    global_colours = 2 << (flags & 7) if flags & 0x80 else 0
    at = 13 + 3 * global_colours
    loops, frames, control = [], [], b""
    while data[at] != 0x3B:
        if data[at] == 0x21:
            blocks, end = _sub_blocks(data, at + 2)
            if data[at + 1] == 0xF9:
                control = blocks[0]
            elif blocks[0] == b"NETSCAPE2.0":
                loops.append(struct.unpack("<BH", blocks[1])[1])
        else:
            assert data[at] == 0x2C
            local = data[at + 9]
            delay = struct.unpack_from("<H", control, 1)[0]
            frames.append(GifFrame(delay, control[0] >> 2 & 7, bool(local & 0x80)))
            _, end = _sub_blocks(data, at + 11)
        at = end
    assert at == len(data) - 1
    return GifFile(global_colours, loops, frames)


def _sub_blocks(data: bytes, at: int) -> tuple[list[bytes], int]:
    blocks = []
    while size := data[at]:
        blocks.append(data[at + 1 : at + 1 + size])
        at += 1 + size
    return blocks, at + 1


def read_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Names and payloads of the chunks of a WebP."""
    assert data[:4] == b"RIFF"
    assert data[8:12] == b"WEBP"
    assert struct.unpack_from("<I", data, 4)[0] == len(data) - 8
    chunks, at = [], 12
    while at < len(data):
        size = struct.unpack_from("<I", data, at + 4)[0]
        chunks.append((data[at : at + 4], data[at + 8 : at + 8 + size]))
        at += 8 + size + size % 2
    assert at == len(data)
    return chunks


def read_boxes(data: bytes) -> list[bytes]:
    """Names of the outermost boxes of an MP4."""
    names, at = [], 0
    while at < len(data):
        names.append(data[at + 4 : at + 8])
        at += struct.unpack_from(">I", data, at)[0]
    assert at == len(data)
    return names


def psnr_db(decoded: np.ndarray, frames: np.ndarray) -> float:
    """Of the worst frame."""
    assert decoded.shape == frames.shape
    error = ((decoded.astype(np.float32) - frames) ** 2).mean((1, 2, 3))
    return 10 * np.log10(255**2 / max(error.max(), 1e-9))


def test_a_turntable_gif(turntable):
    data = gif.encode(turntable, 30)
    file = read_gif(data)
    assert file.global_colours == 256
    assert file.loops == [0]
    assert [frame.delay_cs for frame in file.frames] == [3, 4, 3] * 30
    assert not any(frame.has_local_table for frame in file.frames)
    assert len(data) < 5_000_000
    np.testing.assert_array_equal(decode_opencv(data), turntable)
    decoded, durations = decode_pillow(data)
    np.testing.assert_array_equal(decoded[..., :3], turntable)
    assert (decoded[..., 3] == 255).all()
    assert sum(durations) == 3000


def test_a_turntable_mp4(turntable, tmp_path):
    data = mp4.encode(turntable, 30)
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
        assert stream.frames == 90
        assert stream.duration * stream.time_base == 3


def test_a_turntable_webp(turntable):
    data = webp.encode(turntable, 30)
    chunks = read_chunks(data)
    assert [name for name, _ in chunks] == [b"VP8X", b"ANIM"] + [b"ANMF"] * 90
    assert struct.unpack_from("<H", chunks[1][1], 4) == (0,)
    decoded, durations = decode_pillow(data)
    np.testing.assert_array_equal(decoded[..., :3], turntable)
    np.testing.assert_array_equal(decode_opencv(data), turntable)
    assert set(durations) == {33, 34}
    assert sum(durations) == 3000


def test_every_grey_and_any_256_colours_stay_exact_in_gif():
    ramp = np.tile(np.arange(256, dtype=np.uint8)[None, None, :, None], (3, 9, 1, 3))
    colours = make_noise(1, 16, 16)
    for frames in (ramp, np.concatenate([colours, colours[:, ::-1]])):
        np.testing.assert_array_equal(decode_opencv(gif.encode(frames, 10)), frames)


def test_coloured_clips_in_gif(normals):
    data = gif.encode(normals, 25)
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
    ramp = np.tile(np.arange(256, dtype=np.uint8)[None, None, :, None], (12, 256, 1, 3))
    orange, gap = ramp.copy(), np.concatenate([ramp, np.full_like(ramp[..., :1], 255)], 3)
    orange[:, :99] = (255, 136, 0)
    gap[:, :99, :, 3] = 0
    for frames, worst in (
        (orange, 1),
        (gap, 1),
        (np.concatenate([ramp, normals], 1), 2),
        (np.concatenate([ramp, make_noise(12, 256, 256)], 1), 2),
    ):
        decoded = decode_pillow(gif.encode(frames, 25))[0][:, 99:256, :, :3]
        assert np.abs(decoded.astype(int) - ramp[:, 99:]).max() <= worst


def test_coloured_clips_in_mp4_and_webp(normals, tmp_path):
    assert psnr_db(decode_video(mp4.encode(normals, 25), tmp_path), normals) > 32
    np.testing.assert_array_equal(decode_opencv(webp.encode(normals, 25)), normals)


def test_flat_colours_come_back_from_mp4(tmp_path):
    """Rounding to 8-bit yuv costs up to 2, decoding it as much; a wrong matrix or range costs 10 and more."""
    colours = [(r, g, b) for r in (0, 128, 255) for g in (0, 128, 255) for b in (0, 128, 255)]
    frames = np.array(colours, np.uint8).reshape(1, 3, 9, 3).repeat(32, 1).repeat(32, 2).repeat(3, 0)
    data = mp4.encode(frames, 10)
    inner = slice(12, None, 32)
    decoded = decode_video(data, tmp_path)[:, inner, inner].astype(int)
    assert np.abs(decoded - frames[:, inner, inner]).max() <= 4
    with av.open(BytesIO(data)) as container:
        luma = next(container.decode(video=0)).to_ndarray(format="yuv420p")[:96]
    assert np.abs(luma[12, 12].astype(int) - 16) <= 1
    assert np.abs(luma[-12, -12].astype(int) - 235) <= 1


@pytest.mark.parametrize("name", FORMATS)
def test_equal_frames_are_kept(name, tmp_path):
    frame = make_noise(1, 24, 32)
    for order in ([0] * 7, [0, 0, 1, 1, 0]):
        frames = np.concatenate([frame, 255 - frame])[order]
        data = FORMATS[name].encode(frames, 20)
        assert count_frames(name, data, tmp_path) == len(order)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("hw", [(1, 1), (3, 5), (61, 130), (2, 301)])
def test_one_frame_of_any_size(name, hw, tmp_path):
    frames = np.full((1, *hw, 3), 77, np.uint8)
    data = FORMATS[name].encode(frames, 12.5)
    if name == "mp4":
        decoded = decode_video(data, tmp_path)
        assert decoded.shape == (1, hw[0] + hw[0] % 2, hw[1] + hw[1] % 2, 3)
        assert np.abs(decoded.astype(int) - 77).max() <= 2
    else:
        decoded, durations = decode_pillow(data)
        np.testing.assert_array_equal(decoded[..., :3], frames)
        assert durations == [80]


def test_odd_sides_are_doubled_not_scaled(turntable, tmp_path):
    frames = turntable[:5, 100:355, 180:331]
    decoded = decode_video(mp4.encode(frames, 30), tmp_path)
    even = np.pad(frames, ((0, 0), (0, 1), (0, 1), (0, 0)), mode="edge")
    assert psnr_db(decoded, even) > 35
    assert psnr_db(decoded[:, -1:], even[:, -1:]) > 35
    assert psnr_db(decoded[:, :, -1:], even[:, :, -1:]) > 35


def test_transparent_gif_neither_smears_nor_loses_colours():
    frames = make_discs()
    frames[0, :16, :16, :3] = make_noise(1, 16, 16)[0]
    data = gif.encode(frames, 10)
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
    decoded, _ = decode_pillow(gif.encode(frames, 10))
    opaque = frames[..., 3] >= 128
    np.testing.assert_array_equal(decoded[..., 3], np.where(opaque, 255, 0))
    # Noise is the worst there is: 255 colours are about 40 apart.
    assert np.abs(decoded[opaque][:, :3].astype(int) - frames[opaque][:, :3]).mean() < 15


def test_webp_keeps_alpha():
    frames = make_discs()
    decoded, _ = decode_pillow(webp.encode(frames, 10))
    np.testing.assert_array_equal(decoded[..., 3], frames[..., 3])
    visible = frames[..., 3] > 0
    np.testing.assert_array_equal(decoded[visible], frames[visible])


@pytest.mark.parametrize("fps", [0.5, 1, 7.3, 12, 24000 / 1001, 24, 25, 30, 33, 40, 47.9, 50])
def test_clips_last_as_long_as_asked(fps):
    frames = (np.arange(61) % 2 * 200).astype(np.uint8)[:, None, None, None] + np.zeros((4, 4, 3), np.uint8)
    delays = [frame.delay_cs for frame in read_gif(gif.encode(frames, fps)).frames]
    assert abs(sum(delays) / 100 - 61 / fps) <= 0.00501
    assert min(delays) >= 2
    assert max(delays) - min(delays) <= 1
    durations = decode_pillow(webp.encode(frames, fps))[1]
    assert len(durations) == 61
    assert abs(sum(durations) / 1000 - 61 / fps) <= 0.00051
    with av.open(BytesIO(mp4.encode(frames, fps))) as container:
        stream = container.streams.video[0]
        assert stream.frames == 61
        assert float(stream.duration * stream.time_base) == pytest.approx(61 / fps, rel=1e-5)


def test_the_same_bytes_side_by_side(normals):
    with ThreadPoolExecutor(4) as pool:
        for module in FORMATS.values():
            expected = module.encode(normals, 30)
            assert set(pool.map(lambda _, encode=module.encode: encode(normals, 30), range(6))) == {expected}


def test_frames_need_not_be_contiguous(normals):
    view = normals[::2, ::-1, 10:-20]
    for module in FORMATS.values():
        assert module.encode(view, 30) == module.encode(np.ascontiguousarray(view), 30)


@pytest.mark.parametrize("name", FORMATS)
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
        FORMATS[name].encode(frames, 30)


def test_mp4_has_no_alpha():
    with pytest.raises(ValueError, match=r"\(N, H, W, 3\) uint8.*found \(6, 40, 61, 4\)"):
        mp4.encode(make_discs(), 30)


@pytest.mark.parametrize("fps", [0, -1, float("nan"), float("inf"), 0.001])
@pytest.mark.parametrize("name", FORMATS)
def test_rates_that_are_none_are_refused(name, fps):
    with pytest.raises(ValueError, match=r"fps: expected 0\.01 to"):
        FORMATS[name].encode(np.zeros((2, 4, 4, 3), np.uint8), fps)


@pytest.mark.parametrize(("name", "most"), [("gif", 50), ("webp", 90), ("mp4", 240)])
def test_rates_that_browsers_slow_down_are_refused(name, most):
    frames = np.zeros((2, 4, 4, 3), np.uint8)
    FORMATS[name].encode(frames, most)
    with pytest.raises(ValueError, match=f"fps: expected 0.01 to {most} frames per second, found {most + 1}"):
        FORMATS[name].encode(frames, most + 1)


@pytest.mark.parametrize(("name", "width"), [("gif", 65536), ("webp", 16384), ("mp4", 16385)])
def test_clips_that_are_too_large_say_what_to_do(name, width):
    with pytest.raises(SheetError, match=rf"at most {width - 1} pixels.*found {width} x 2.*smaller panels"):
        FORMATS[name].encode(np.zeros((2, 2, width, 3), np.uint8), 10)
    FORMATS[name].encode(np.zeros((2, 2, width - 1, 3), np.uint8), 10)


def test_an_encoder_that_fails_says_so(monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("no room")

    frames = np.zeros((2, 4, 6, 3), np.uint8)
    monkeypatch.setattr(gif, "getdata", fail)
    monkeypatch.setattr(webp.iio, "imwrite", fail)
    # Too little room for the index.
    monkeypatch.setattr(mp4, "_INDEX_BYTES", 0)
    for module in FORMATS.values():
        with pytest.raises(
            SheetError, match=r"2 frame\(s\) of 6 x 4 pixels: the encoder failed: .*fewer frames"
        ):
            module.encode(frames, 10)
