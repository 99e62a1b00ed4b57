"""GIF: no dithering, endless, of one palette where that holds the colours."""

from __future__ import annotations

import gc
import struct
from fractions import Fraction
from io import BytesIO
from typing import BinaryIO

import numpy as np
from PIL import Image
from PIL.GifImagePlugin import getdata

from render.write.clip import Clip, check_frames
from render.write.clip_encoder import ClipEncoder, bound, encode_all
from render.write.gif_palette import (
    NO_COLOUR,
    SAMPLE_PX,
    choose_palette,
    fit_palette,
    pack_colours,
    unpack_colours,
)
from render.write.ticks import round_times, split_duration

# Delays are in 1/100 s; browsers show a frame of less than two of them for ten.
TICKS_PER_S = 100
LEAST_TICKS, MOST_TICKS = 2, (1 << 16) - 1
MOST_FPS = 50.0
MOST_SIDE_PX = 65535

# 256 entries of three bytes, eight bits a channel.
_GLOBAL_TABLE_FLAGS = 0xF7
_ENDLESS = b"!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
# What becomes of a frame when the next one comes: it stays, or the canvas is cleared.
_KEEP, _CLEAR = 1, 2
# The index of pixels that let through what is below them.
_THROUGH = 255


def encode_gif(frames: np.ndarray, fps: float) -> bytes:
    """An endless GIF of one palette that lasts N / fps to within 1/100 s.

    Colours are exact where the clip has no more than 256 of them (255 with alpha), and otherwise the nearest
    ones of a palette made for the clip; greys stay within 2/255.

    Args:
        frames: (N, H, W, 3) uint8 RGB, or (N, H, W, 4) RGBA with straight alpha, which becomes opaque from
            128 on and transparent below.
        fps: 0.01 to 50.

    Raises:
        ValueError: Frames or rate are others.
        SheetError: They cannot be encoded.
    """
    check_frames(frames, fps, channels=(3, 4), most_fps=MOST_FPS)
    times = split_duration(len(frames), fps, TICKS_PER_S)
    height, width, channels = frames.shape[1:]
    clip = Clip(height, width, channels, times, Fraction(1, TICKS_PER_S))
    file = BytesIO()
    encode_all(GifEncoder(file, clip, choose_palette(frames)), frames)
    return file.getvalue()


class GifEncoder(ClipEncoder):
    """An endless GIF, each of whose frames ends at its time to within 1/200 s.

    Without a palette of the clip it begins one: as long as the colours of a frame and those before it are no
    more than 256 (255 with alpha), they are exact and in the palette of the file. A frame with which they
    are more has a palette of its own, made as `encode_gif` makes that of a clip, and leaves the pixels alone
    that are as in the frame before it, so that what does not move does not flicker.

    The blocks are written here, with Pillow for the compressed frames, because imageio has the whole clip
    written by Pillow, and that joins equal frames into one. The source is
    https://www.w3.org/Graphics/GIF/spec-gif89a.txt.

    Args:
        file: Open to be written, at its start; seekable.
        clip: Of 3 or 4 channels.
        palette: Of the whole clip, where all of its frames are known: what `choose_palette` makes of them.

    Raises:
        SheetError: The format cannot hold such a clip.
    """

    def __init__(
        self, file: BinaryIO, clip: Clip, palette: tuple[np.ndarray, np.ndarray] | None = None
    ) -> None:
        super().__init__(file, clip, channels=(3, 4), most_side_px=MOST_SIDE_PX)
        self._delays = round_times(clip, TICKS_PER_S, LEAST_TICKS, MOST_TICKS)
        self._has_alpha = clip.channels == 4
        self._index_of_colour = None if palette is None else palette[1]
        # Of the file's palette, in the order in which they came; without a palette of the whole clip.
        self._colours = np.empty(0, np.uint32)
        # Of the frame before: what tells whether a pixel changes.
        self._before: np.ndarray | None = None
        file.write(b"GIF89a" + struct.pack("<HHBBB", clip.width, clip.height, _GLOBAL_TABLE_FLAGS, 0, 0))
        self._table_at = file.tell()
        file.write(bytes(768) if palette is None else palette[0].tobytes())
        file.write(_ENDLESS)

    def _encode(self, frame: np.ndarray, number: int) -> None:
        packed, local = pack_colours(frame), None
        now = packed if self._index_of_colour is None else self._index_of_colour[packed]
        # Where frames are transparent, each is cleared away before the next.
        is_anew = self._before is None or self._has_alpha
        changes = packed != NO_COLOUR if is_anew else now != self._before
        # Decoders disagree about what lies beside a first frame that is smaller than the picture.
        top, bottom, left, right = bound(changes | (self._before is None))
        part = now[top:bottom, left:right]
        control = {"disposal": _KEEP}
        if self._has_alpha:
            control = {"disposal": _CLEAR, "transparency": _THROUGH}
        if self._index_of_colour is None:
            part, local = self._choose_colours(part, changes[top:bottom, left:right])
        picture = Image.fromarray(part)
        if local is not None:
            picture.putpalette(local.tobytes())
            control |= {"transparency": _THROUGH, "include_color_table": True}
        # Pillow takes milliseconds.
        delay_ms = self._delays[number] * 1000 // TICKS_PER_S
        self._file.write(b"".join(getdata(picture, (left, top), duration=delay_ms, **control)))
        # Pillow's writer leaves its frame in a circle of references, young enough to be found at once.
        gc.collect(0)
        self._before = now

    def _choose_colours(
        self, packed: np.ndarray, changes: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """(H, W) indices, and the (256, 3) palette of this frame where that of the file has no room.

        Args:
            packed: (H, W) colours in 24 bits.
            changes: (H, W) bool: which of them are to be seen.
        """
        # All of them while they are exact: pixels that were not may become so.
        opaque = packed[packed != NO_COLOUR]
        colours = np.unique(opaque)
        known = np.concatenate([self._colours, np.setdiff1d(colours, self._colours, assume_unique=True)])
        indices = np.full(packed.shape, _THROUGH, np.uint8)
        if len(known) <= (255 if self._has_alpha else 256):
            self._colours = known
            order = np.argsort(known)
            indices[packed != NO_COLOUR] = order[np.searchsorted(known, opaque, sorter=order)]
            return indices, None
        local = np.zeros((256, 3), np.uint8)
        seen = packed[changes]
        colours, places = np.unique(seen, return_inverse=True)
        chosen, index = fit_palette(seen[:: 1 + len(seen) // SAMPLE_PX], colours, 255)
        indices[changes] = index[places]
        local[: len(chosen)] = chosen
        return indices, local

    def _finish(self) -> None:
        self._file.write(b";")
        if self._index_of_colour is None:
            end = self._file.tell()
            self._file.seek(self._table_at)
            self._file.write(unpack_colours(self._colours).tobytes())
            self._file.seek(end)
