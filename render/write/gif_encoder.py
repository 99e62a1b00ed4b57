"""GIF: one palette a clip, no dithering, endless."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import cv2
import numpy as np
from PIL import Image
from PIL.GifImagePlugin import getdata
from scipy.spatial import cKDTree

from render.write.clip import bound, check_clip, encoder_failed, split_duration

# Delays are in 1/100 s; browsers show a frame of less than two of them for ten.
TICKS_PER_S = 100
MOST_FPS = 50.0
LEAST_OPAQUE_ALPHA = 128
# A palette that is not exact has the greys of the clip in steps of this: none is off by more than 2.
GREY_STEP = 5

# 256 entries of three bytes, eight bits a channel.
_GLOBAL_TABLE_FLAGS = 0xF7
_ENDLESS = b"!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
# What becomes of a frame when the next one comes: it stays, or the canvas is cleared.
_KEEP, _CLEAR = 1, 2

# Stands for no colour among colours of 24 bits.
_NO_COLOUR = 1 << 24
# A palette cannot be told from one of all pixels beyond about this many.
_SAMPLE_PX = 500_000
_KMEANS_STEPS = 5


def encode_gif(frames: np.ndarray, fps: float) -> bytes:
    """An endless GIF that lasts N / fps to within 1/100 s.

    Colours are exact where the clip has no more than 256 of them (255 with alpha), and otherwise the nearest
    ones of a palette made for the clip; greys stay within 2/255. The source is
    https://www.w3.org/Graphics/GIF/spec-gif89a.txt.

    Args:
        frames: (N, H, W, 3) uint8 RGB, or (N, H, W, 4) RGBA with straight alpha, which becomes opaque from
            128 on and transparent below.
        fps: 0.01 to 50.

    Raises:
        ValueError: Frames or rate are others.
        SheetError: They cannot be encoded.
    """
    check_clip(frames, fps, channels=(3, 4), most_fps=MOST_FPS, most_side_px=65535)
    delays = split_duration(len(frames), fps, TICKS_PER_S)
    palette, index_of_colour = _choose_palette(frames)
    try:
        return b"".join(_blocks(frames, delays, palette, index_of_colour))
    except (OSError, ValueError) as error:
        raise encoder_failed(frames, error) from error


def _blocks(
    frames: np.ndarray, delays: list[int], palette: np.ndarray, index_of_colour: np.ndarray
) -> Iterator[bytes]:
    """The blocks of the file.

    Written here, with Pillow for the compressed frames, because imageio has the whole clip written by Pillow,
    and that joins equal frames into one.
    """
    height, width = frames.shape[1:3]
    yield b"GIF89a" + struct.pack("<HHBBB", width, height, _GLOBAL_TABLE_FLAGS, 0, 0)
    yield palette.tobytes()
    yield _ENDLESS
    has_alpha = frames.shape[3] == 4
    # Where frames are transparent, each is cleared away before the next.
    control = {"transparency": 255, "disposal": _CLEAR} if has_alpha else {"disposal": _KEEP}
    before = None
    for frame, delay in zip(frames, delays, strict=True):
        indices = index_of_colour[_pack(frame)]
        if before is None:
            # Decoders disagree about what lies beside a first frame that is smaller than the picture.
            top, bottom, left, right = 0, height, 0, width
        else:
            top, bottom, left, right = bound(indices != (255 if has_alpha else before))
        part = Image.fromarray(indices[top:bottom, left:right])
        # Pillow takes milliseconds.
        yield from getdata(part, (left, top), duration=delay * 1000 // TICKS_PER_S, **control)
        before = indices
    yield b";"


def _choose_palette(frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(256, 3) uint8 RGB, and the index in it of each colour of 24 bits that is in the frames.

    With alpha the last entry is kept for transparent pixels.
    """
    # A table of all colours is faster than sorting the pixels of a clip.
    is_there = np.zeros(_NO_COLOUR + 1, bool)
    for frame in frames:
        is_there[_pack(frame)] = True
    colours = np.flatnonzero(is_there[:_NO_COLOUR])
    rgb = _unpack(colours)
    room = 255 if frames.shape[3] == 4 else 256
    palette = np.zeros((256, 3), np.uint8)
    index_of_colour = np.full(_NO_COLOUR + 1, 255, np.uint8)
    if len(colours) <= room:
        chosen = rgb
        index_of_colour[colours] = np.arange(len(colours))
    else:
        grey = rgb[(rgb == rgb[:, :1]).all(1)].astype(int)
        chosen = _quantize(frames, np.unique((grey + GREY_STEP // 2) // GREY_STEP * GREY_STEP, axis=0), room)
        # By the largest error of a channel, so that a grey does not leave its step for a tinted neighbour.
        index_of_colour[colours] = cKDTree(chosen).query(rgb, p=np.inf)[1]
    palette[: len(chosen)] = chosen
    return palette, index_of_colour


def _quantize(frames: np.ndarray, fixed: np.ndarray, room: int) -> np.ndarray:
    """The colours `fixed`, (K, 3), and others close to those of the frames, at most `room` in all.

    k-means of a sample of the pixels, begun by an octree.
    """
    sample = _sample_pixels(frames)
    pixels = Image.fromarray(_unpack(sample)[None])
    free = room - len(fixed)
    # The fixed colours keep their places, and the octree fills those that are left.
    octree = pixels.quantize(free, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette = octree.getpalette()
    # A quantized picture has one.
    assert palette is not None
    chosen = np.concatenate([fixed, np.reshape(palette, (-1, 3))[:free]]).astype(float)
    is_free = np.arange(len(chosen)) >= len(fixed)
    colours, weight = np.unique(sample, return_counts=True)
    rgb = _unpack(colours)
    for _ in range(_KMEANS_STEPS):
        distance, nearest = cKDTree(chosen).query(rgb)
        total = np.bincount(nearest, weight, len(chosen))
        moves = is_free & (total > 0)
        for channel in range(3):
            sums = np.bincount(nearest, weight * rgb[:, channel], len(chosen))
            chosen[moves, channel] = sums[moves] / total[moves]
        # An entry that nothing is nearest to goes where it is needed most.
        unused = np.flatnonzero(is_free & (total == 0))
        neediest = np.argsort(-weight * distance**2, kind="stable")[: len(unused)]
        chosen[unused[: len(neediest)]] = rgb[neediest]
    return np.rint(chosen).astype(np.uint8)


def _sample_pixels(frames: np.ndarray) -> np.ndarray:
    """Colours in 24 bits of about _SAMPLE_PX opaque pixels, or of all where there are fewer."""
    has_alpha = frames.shape[3] == 4
    opaque_px = (frames[..., 3] >= LEAST_OPAQUE_ALPHA).sum() if has_alpha else frames[..., 0].size
    step = -(-opaque_px // _SAMPLE_PX)
    parts = []
    for k, frame in enumerate(frames):
        packed = _pack(frame)
        # Another phase in each frame, so that no place is passed over throughout.
        parts.append(packed[packed != _NO_COLOUR][k % step :: step])
    return np.concatenate(parts)


def _pack(frame: np.ndarray) -> np.ndarray:
    """(H, W) uint32: each pixel's colour in 24 bits, red uppermost; _NO_COLOUR where it is transparent."""
    has_alpha = frame.shape[2] == 4
    bgra = cv2.cvtColor(frame, cv2.COLOR_RGBA2BGRA if has_alpha else cv2.COLOR_RGB2BGRA)
    packed = bgra.view("<u4")[:, :, 0] & (_NO_COLOUR - 1)
    if has_alpha:
        packed[frame[:, :, 3] < LEAST_OPAQUE_ALPHA] = _NO_COLOUR
    return packed


def _unpack(colours: np.ndarray) -> np.ndarray:
    """(..., 3) uint8 RGB of colours in 24 bits."""
    return np.stack([colours >> 16, colours >> 8 & 255, colours & 255], -1).astype(np.uint8)
