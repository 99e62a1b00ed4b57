"""Clips to encode, and what decoders other than ours make of their files."""

import struct
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageSequence


class GifFrame(NamedTuple):
    delay_cs: int
    disposal: int
    has_local_table: bool


class GifFile(NamedTuple):
    global_colours: int
    loops: list[int]
    frames: list[GifFrame]


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


def decode_video(data: bytes, folder: Path) -> np.ndarray:
    """RGB (N, H, W, 3) of an MP4, by OpenCV's own FFmpeg."""
    path = folder / "clip.mp4"
    path.write_bytes(data)
    capture, frames = cv2.VideoCapture(str(path)), []
    while (step := capture.read())[0]:
        frames.append(cv2.cvtColor(step[1], cv2.COLOR_BGR2RGB))
    return np.stack(frames)


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
            local_bytes = 3 * (2 << (local & 7)) if local & 0x80 else 0
            # Beside the place and the flags there is the size of codes.
            _, end = _sub_blocks(data, at + 11 + local_bytes)
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
