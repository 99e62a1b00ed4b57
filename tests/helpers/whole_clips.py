"""Clips encoded in one piece from frames in memory: what encoders that stream are held against."""

import struct
from fractions import Fraction
from io import BytesIO

import av
import imageio.v3 as iio
import numpy as np
from av.video.reformatter import Colorspace, VideoReformatter
from PIL import Image
from PIL.GifImagePlugin import getdata

from render.write.gif_palette import choose_palette, pack_colours


def split_duration(count: int, fps: float, ticks_per_s: int) -> list[int]:
    ends = np.floor(np.arange(count + 1) * (ticks_per_s / fps) + 0.5)
    return np.diff(ends).astype(int).tolist()


def bound(mask: np.ndarray) -> tuple[int, int, int, int]:
    mask = mask.reshape(*mask.shape[:2], -1).any(2)
    sides = [np.flatnonzero(mask.any(axis)) for axis in (1, 0)]
    return (
        tuple(int(end) for side in sides for end in (side[0], side[-1] + 1)) if mask.any() else (0, 1, 0, 1)
    )


def encode_whole_mp4(frames: np.ndarray, fps: float) -> bytes:
    count, height, width = frames.shape[:3]
    file = BytesIO()
    with av.open(file, "w", format="mp4", options={"moov_size": str(4096 + 32 * count)}) as container:
        tags = {"colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709", "color_range": "tv"}
        options = {"crf": "17", "threads": "1", "x264-params": "mbtree=0", **tags}
        rate = Fraction(fps).limit_denominator(1001)
        stream = container.add_stream("libx264", rate=rate, options=options)
        stream.width, stream.height = width + width % 2, height + height % 2
        stream.pix_fmt = "yuv420p"
        reformatter = VideoReformatter()
        for k, frame in enumerate(frames):
            even = np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
            yuv = reformatter.reformat(
                av.VideoFrame.from_ndarray(even, format="rgb24"),
                format="yuv420p",
                dst_colorspace=Colorspace.ITU709,
                src_color_range="JPEG",
                dst_color_range="MPEG",
                threads=1,
            )
            yuv.pts = k
            container.mux(stream.encode(yuv))
        container.mux(stream.encode())
    return file.getvalue()


def encode_whole_gif(frames: np.ndarray, fps: float) -> bytes:
    height, width, channels = frames.shape[1:]
    palette, index_of_colour = choose_palette(frames)
    pieces = [b"GIF89a", struct.pack("<HHBBB", width, height, 0xF7, 0, 0), palette.tobytes()]
    pieces.append(b"!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00")
    control = {"transparency": 255, "disposal": 2} if channels == 4 else {"disposal": 1}
    before = None
    for frame, delay in zip(frames, split_duration(len(frames), fps, 100), strict=True):
        indices = index_of_colour[pack_colours(frame)]
        top, bottom, left, right = 0, height, 0, width
        if before is not None:
            top, bottom, left, right = bound(indices != (255 if channels == 4 else before))
        part = Image.fromarray(indices[top:bottom, left:right])
        pieces += getdata(part, (left, top), duration=delay * 10, **control)
        before = indices
    return b"".join([*pieces, b";"])


def encode_whole_webp(frames: np.ndarray, fps: float) -> bytes:
    height, width, channels = frames.shape[1:]
    pieces = [
        _chunk(b"VP8X", struct.pack("<I", 0x12 if channels == 4 else 2) + _uint24(width - 1, height - 1))
    ]
    pieces.append(_chunk(b"ANIM", bytes(6)))
    before = None
    for frame, duration in zip(frames, split_duration(len(frames), fps, 1000), strict=True):
        top, bottom, left, right = (0, height, 0, width) if before is None else bound(frame != before)
        top, left = top // 2 * 2, left // 2 * 2
        place = _uint24(left // 2, top // 2, right - left - 1, bottom - top - 1, duration)
        part = frame[top:bottom, left:right]
        options = {"plugin": "pillow", "extension": ".webp", "lossless": True, "method": 1, "is_batch": False}
        pieces.append(_chunk(b"ANMF", place + b"\x02" + iio.imwrite("<bytes>", part, **options)[12:]))
        before = frame
    body = b"WEBP" + b"".join(pieces)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _chunk(name: bytes, payload: bytes) -> bytes:
    return name + struct.pack("<I", len(payload)) + payload + b"\0" * (len(payload) % 2)


def _uint24(*numbers: int) -> bytes:
    return b"".join(int(number).to_bytes(3, "little") for number in numbers)
