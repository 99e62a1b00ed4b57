"""Palettes of GIFs: exact where there are few colours, made by k-means where there are many."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image
from scipy.spatial import cKDTree

LEAST_OPAQUE_ALPHA = 128
# A palette that is not exact has greys in steps of this: none is off by more than 2.
GREY_STEP = 5
# Stands for no colour among colours of 24 bits.
NO_COLOUR = 1 << 24

# A palette cannot be told from one of all pixels beyond about this many.
SAMPLE_PX = 500_000
_KMEANS_STEPS = 5


def choose_palette(frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(256, 3) uint8 RGB, and the index in it of each colour of 24 bits that is in the frames.

    With alpha the last entry is kept for transparent pixels.

    Args:
        frames: (N, H, W, 3) RGB or (N, H, W, 4) RGBA, uint8.
    """
    # A table of all colours is faster than sorting the pixels of a clip.
    is_there = np.zeros(NO_COLOUR + 1, bool)
    for frame in frames:
        is_there[pack_colours(frame)] = True
    colours = np.flatnonzero(is_there[:NO_COLOUR])
    palette = np.zeros((256, 3), np.uint8)
    index_of_colour = np.full(NO_COLOUR + 1, 255, np.uint8)
    room = 255 if frames.shape[3] == 4 else 256
    sample = colours if len(colours) <= room else _sample_pixels(frames)
    chosen, index_of_colour[colours] = fit_palette(sample, colours, room)
    palette[: len(chosen)] = chosen
    return palette, index_of_colour


def fit_palette(sample: np.ndarray, colours: np.ndarray, room: int) -> tuple[np.ndarray, np.ndarray]:
    """The colours of a palette, and the index of the one that stands for each colour.

    Args:
        sample: (N,) pixels, as colours in 24 bits.
        colours: (K,) all that there are, in 24 bits, sorted.
        room: Most colours of the palette.

    Returns:
        (P, 3) uint8 RGB of at most `room`, and (K,) indices.
    """
    rgb = unpack_colours(colours)
    if len(colours) <= room:
        return rgb, np.arange(len(colours))
    grey = rgb[(rgb == rgb[:, :1]).all(1)].astype(int)
    chosen = _quantize(sample, np.unique((grey + GREY_STEP // 2) // GREY_STEP * GREY_STEP, axis=0), room)
    # By the largest error of a channel, so that a grey does not leave its step for a tinted neighbour.
    return chosen, np.asarray(cKDTree(chosen).query(rgb, p=np.inf)[1])


def _quantize(sample: np.ndarray, fixed: np.ndarray, room: int) -> np.ndarray:
    """The colours `fixed`, (K, 3), and others close to those of the sample, at most `room` in all.

    k-means, begun by an octree.
    """
    pixels = Image.fromarray(unpack_colours(sample)[None])
    free = room - len(fixed)
    # The fixed colours keep their places, and the octree fills those that are left.
    octree = pixels.quantize(free, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette = octree.getpalette()
    # A quantized picture has one.
    assert palette is not None
    chosen = np.concatenate([fixed, np.reshape(palette, (-1, 3))[:free]]).astype(float)
    is_free = np.arange(len(chosen)) >= len(fixed)
    colours, weight = np.unique(sample, return_counts=True)
    rgb = unpack_colours(colours)
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
    """Colours in 24 bits of about SAMPLE_PX opaque pixels, or of all where there are fewer."""
    has_alpha = frames.shape[3] == 4
    opaque_px = (frames[..., 3] >= LEAST_OPAQUE_ALPHA).sum() if has_alpha else frames[..., 0].size
    step = -(-opaque_px // SAMPLE_PX)
    parts = []
    for k, frame in enumerate(frames):
        packed = pack_colours(frame)
        # Another phase in each frame, so that no place is passed over throughout.
        parts.append(packed[packed != NO_COLOUR][k % step :: step])
    return np.concatenate(parts)


def pack_colours(frame: np.ndarray) -> np.ndarray:
    """(H, W) uint32: each pixel's colour in 24 bits, red uppermost; NO_COLOUR where it is transparent."""
    has_alpha = frame.shape[2] == 4
    bgra = cv2.cvtColor(frame, cv2.COLOR_RGBA2BGRA if has_alpha else cv2.COLOR_RGB2BGRA)
    packed = bgra.view("<u4")[:, :, 0] & (NO_COLOUR - 1)
    if has_alpha:
        packed[frame[:, :, 3] < LEAST_OPAQUE_ALPHA] = NO_COLOUR
    return packed


def unpack_colours(colours: np.ndarray) -> np.ndarray:
    """(..., 3) uint8 RGB of colours in 24 bits."""
    return np.stack([colours >> 16, colours >> 8 & 255, colours & 255], -1).astype(np.uint8)
