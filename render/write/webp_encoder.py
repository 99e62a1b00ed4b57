"""Animated WebP: lossless, with alpha, endless."""

from __future__ import annotations

import struct
from fractions import Fraction
from io import BytesIO
from typing import BinaryIO

import imageio.v3 as iio
import numpy as np

from render.errors import SheetError
from render.write.clip import Clip, check_frames
from render.write.clip_encoder import ClipEncoder, bound, encode_all
from render.write.ticks import round_times, split_duration

# Browsers show a frame of less than 11 ms for 100.
TICKS_PER_S = 1000
LEAST_TICKS, MOST_TICKS = 11, (1 << 24) - 1
MOST_FPS = 90.0
MOST_SIDE_PX = 16383
# Of 0 to 6: the smallest effort with prediction from neighbours, which halves the size of shaded bodies.
METHOD = 1
# The file's length has 32 bits, and is even.
MOST_BYTES = (1 << 32) - 10

# Flags of the chunks VP8X and ANMF.
_ANIMATION, _ALPHA = 0x02, 0x10
_REPLACE = 0x02


def encode_webp(frames: np.ndarray, fps: float) -> bytes:
    """An endless WebP that lasts N / fps to within a millisecond.

    All pixels are exact, except for the colour of those whose alpha is 0.

    Args:
        frames: (N, H, W, 3) uint8 RGB, or (N, H, W, 4) RGBA with straight alpha.
        fps: 0.01 to 90.

    Raises:
        ValueError: Frames or rate are others.
        SheetError: They cannot be encoded.
    """
    check_frames(frames, fps, channels=(3, 4), most_fps=MOST_FPS)
    times = split_duration(len(frames), fps, TICKS_PER_S)
    height, width, channels = frames.shape[1:]
    clip = Clip(height, width, channels, times, Fraction(1, TICKS_PER_S))
    file = BytesIO()
    encode_all(WebpEncoder(file, clip), frames)
    return file.getvalue()


class WebpEncoder(ClipEncoder):
    """An endless WebP, each of whose frames ends at its time to within half a millisecond.

    Put together here from pictures that imageio encodes, because libwebp's encoder of animations joins equal
    frames into one, and holds the file in memory. The source is
    https://developers.google.com/speed/webp/docs/riff_container.

    Args:
        file: Open to be written, at its start; seekable.
        clip: Of 3 or 4 channels.

    Raises:
        SheetError: The format cannot hold such a clip.
    """

    def __init__(self, file: BinaryIO, clip: Clip) -> None:
        super().__init__(file, clip, channels=(3, 4), most_side_px=MOST_SIDE_PX)
        self._durations = round_times(clip, TICKS_PER_S, LEAST_TICKS, MOST_TICKS)
        self._before: np.ndarray | None = None
        self._bytes = 0
        flags = _ANIMATION | (_ALPHA if clip.channels == 4 else 0)
        background_bgra, endless = 0, 0
        # How long the file is stands before all, and is known at the end.
        self._write(_start(0))
        self._write(
            _chunk(b"VP8X", struct.pack("<I", flags) + _uint24(clip.width - 1) + _uint24(clip.height - 1))
        )
        self._write(_chunk(b"ANIM", struct.pack("<IH", background_bgra, endless)))

    def _encode(self, frame: np.ndarray, number: int) -> None:
        if self._before is None:
            top, bottom, left, right = 0, self.clip.height, 0, self.clip.width
        else:
            top, bottom, left, right = bound(frame != self._before)
        # Places are stored halved.
        top, left = top // 2 * 2, left // 2 * 2
        place = (left // 2, top // 2, right - left - 1, bottom - top - 1, self._durations[number])
        picture = _encode_picture(frame[top:bottom, left:right])
        # Each part replaces what is below it, so that transparent pixels can follow opaque ones.
        chunk = _chunk(b"ANMF", b"".join(map(_uint24, place)) + bytes([_REPLACE]) + picture)
        if self._bytes + len(chunk) > MOST_BYTES:
            raise SheetError(
                f"clip: expected at most 4 GB, the most that a WebP can hold, found more in the first "
                f"{number + 1} of {self.clip.count} frames. Draw fewer frames or smaller panels, or use "
                f"output=mp4."
            )
        self._write(chunk)
        # The caller may draw the next one into the same memory.
        self._before = frame.copy()

    def _finish(self) -> None:
        self._file.seek(0)
        self._file.write(_start(self._bytes))
        self._file.seek(self._bytes)

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._bytes += len(data)


def _start(file_bytes: int) -> bytes:
    return b"RIFF" + struct.pack("<I", max(file_bytes - 8, 0)) + b"WEBP"


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
