"""TIFFs of any kind, tag by tag: Pillow writes few of them."""

from __future__ import annotations

import struct

import numpy as np

# TIFF 6.0, section 2.
_CODES = {1: "B", 3: "H", 4: "I"}


def tiff(
    tags: dict[int, tuple[int, list]], blocks: list[bytes], order: str = "<", tiled: bool = False
) -> bytes:
    """A TIFF of one picture.

    Args:
        tags: Of each its type and values; those of the places and lengths of the blocks are added.
        blocks: Strips or tiles as they are encoded.
        order: Of the bytes, as `struct` has it.
        tiled: Whether the blocks are tiles.
    """
    tags = {
        **tags,
        324 if tiled else 273: (4, [0] * len(blocks)),
        325 if tiled else 279: (4, list(map(len, blocks))),
    }
    place = 8 + 2 + 12 * len(tags) + 4
    for _ in range(2):
        entries, rest = b"", b""
        for tag, (kind, values) in sorted(tags.items()):
            packed = struct.pack(f"{order}{len(values)}{_CODES[kind]}", *values)
            entries += struct.pack(f"{order}HHI", tag, kind, len(values))
            if len(packed) <= 4:
                entries += packed.ljust(4, b"\0")
            else:
                entries += struct.pack(f"{order}I", place + len(rest))
                rest += packed + bytes(len(packed) % 2)
        starts = place + len(rest) + np.cumsum([0, *map(len, blocks[:-1])])
        tags[324 if tiled else 273] = (4, starts.tolist())
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HIH", 42, 8, len(tags))
    return head + entries + bytes(4) + rest + b"".join(blocks)


def tiff_of(
    pixels: np.ndarray,
    photometric: int,
    order: str = "<",
    planar: bool = False,
    tile: int | None = None,
    **more: tuple[int, list],
) -> bytes:
    """A TIFF of an array, not compressed.

    Args:
        pixels: (H, W, C) of any type of 8, 16, 32 or 64 bits.
        photometric: What the channels are.
        order: Of the bytes.
        planar: Whether each channel is by itself.
        tile: Side of tiles.
        more: Further tags, as `t338=(3, [2])`.
    """
    height, width, channels = pixels.shape
    pixels = pixels.astype(pixels.dtype.newbyteorder(order))
    tags = {
        256: (4, [width]),
        257: (4, [height]),
        258: (3, [pixels.dtype.itemsize * 8] * channels),
        259: (3, [1]),
        262: (3, [photometric]),
        277: (3, [channels]),
        284: (3, [2 if planar else 1]),
    }
    tags |= {int(tag[1:]): value for tag, value in more.items()}
    planes = [pixels[..., [c]] for c in range(channels)] if planar else [pixels]
    if tile is None:
        tags[278] = (4, [height])
        return tiff(tags, [plane.tobytes() for plane in planes], order)
    tags |= {322: (4, [tile]), 323: (4, [tile])}
    blocks = [
        np.pad(part, [(0, tile - part.shape[0]), (0, tile - part.shape[1]), (0, 0)]).tobytes()
        for plane in planes
        for row in range(0, height, tile)
        for column in range(0, width, tile)
        for part in [plane[row : row + tile, column : column + tile]]
    ]
    return tiff(tags, blocks, order, tiled=True)
