"""Animated WebP: lossless, with alpha, endless."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import imageio.v3 as iio
import numpy as np

from render.write.clip import bound, check_clip, encoder_failed, split_duration

# Browsers show a frame of less than 11 ms for 100.
TICKS_PER_S = 1000
MOST_FPS = 90.0
# Of 0 to 6: the smallest effort with prediction from neighbours, which halves the size of shaded bodies.
METHOD = 1

# Flags of the chunks VP8X and ANMF.
_ANIMATION, _ALPHA = 0x02, 0x10
_REPLACE = 0x02


def encode_webp(frames: np.ndarray, fps: float) -> bytes:
    """An endless WebP that lasts N / fps to within a millisecond.

    All pixels are exact, except for the colour of those whose alpha is 0. The source is
    https://developers.google.com/speed/webp/docs/riff_container.

    Args:
        frames: (N, H, W, 3) uint8 RGB, or (N, H, W, 4) RGBA with straight alpha.
        fps: 0.01 to 90.

    Raises:
        ValueError: Frames or rate are others.
        SheetError: They cannot be encoded.
    """
    check_clip(frames, fps, channels=(3, 4), most_fps=MOST_FPS, most_side_px=16383)
    durations = split_duration(len(frames), fps, TICKS_PER_S)
    try:
        body = b"WEBP" + b"".join(_chunks(frames, durations))
        return b"RIFF" + struct.pack("<I", len(body)) + body
    except (OSError, ValueError) as error:
        raise encoder_failed(frames, error) from error


def _chunks(frames: np.ndarray, durations: list[int]) -> Iterator[bytes]:
    """The chunks of the file.

    Put together here from pictures that imageio encodes, because libwebp's encoder of animations joins equal
    frames into one.
    """
    height, width, channels = frames.shape[1:]
    flags = _ANIMATION | (_ALPHA if channels == 4 else 0)
    yield _chunk(b"VP8X", struct.pack("<I", flags) + _uint24(width - 1) + _uint24(height - 1))
    background_bgra, endless = 0, 0
    yield _chunk(b"ANIM", struct.pack("<IH", background_bgra, endless))
    before = None
    for frame, duration in zip(frames, durations, strict=True):
        top, bottom, left, right = (0, height, 0, width) if before is None else bound(frame != before)
        # Places are stored halved.
        top, left = top // 2 * 2, left // 2 * 2
        place = (left // 2, top // 2, right - left - 1, bottom - top - 1, duration)
        picture = _encode_picture(frame[top:bottom, left:right])
        # Each part replaces what is below it, so that transparent pixels can follow opaque ones.
        yield _chunk(b"ANMF", b"".join(map(_uint24, place)) + bytes([_REPLACE]) + picture)
        before = frame


def _encode_picture(pixels: np.ndarray) -> bytes:
    """The chunk with the compressed pixels, out of a WebP file of one picture."""
    file = iio.imwrite(
        "<bytes>", pixels, plugin="pillow", extension=".webp", lossless=True, method=METHOD, is_batch=False
    )
    # What comes before says how long the file is; a lossless picture has no other chunk.
    return file[12:]


def _chunk(name: bytes, payload: bytes) -> bytes:
    # Chunks begin at even places, so odd ones are filled up; that byte does not count.
    return name + struct.pack("<I", len(payload)) + payload + b"\0" * (len(payload) % 2)


def _uint24(number: int) -> bytes:
    return number.to_bytes(3, "little")
