"""BMPs whose colours are where masks say: Pillow writes none."""

from __future__ import annotations

import struct

import numpy as np


def bmp(pixels: np.ndarray, masks: tuple[int, ...], bits: int, header_bytes: int = 40) -> bytes:
    """A BMP with masks (BI_BITFIELDS), or without where there are none to write.

    Args:
        pixels: (H, W, 3 or 4) uint8.
        masks: Of red, green, blue and maybe alpha.
        bits: Of a pixel: 16 or 32.
        header_bytes: Of the information header; in the longer ones the masks are part of it.
    """
    height, width = pixels.shape[:2]
    packed = np.zeros((height, width), np.uint32)
    for channel, mask in zip(np.moveaxis(pixels, 2, 0), masks, strict=False):
        shift = (mask & -mask).bit_length() - 1
        packed |= np.round(channel * ((mask >> shift) / 255)).astype(np.uint32) << shift
    rows = packed[::-1].astype("<u2" if bits == 16 else "<u4").tobytes()
    info = struct.pack(
        "<IiiHHIIiiII", header_bytes, width, height, 1, bits, 3, len(rows), 2835, 2835, 0, 0
    ) + struct.pack(f"<{len(masks)}I", *masks)
    info = info.ljust(header_bytes, b"\0")
    return b"BM" + struct.pack("<IHHI", 14 + len(info) + len(rows), 0, 0, 14 + len(info)) + info + rows


def rounded(pixels: np.ndarray, masks: tuple[int, ...]) -> np.ndarray:
    """The colours that are left of pixels in as many bits as masks have.

    Args:
        pixels: (H, W, 3) uint8.
        masks: Of red, green and blue.
    """
    steps = np.array([mask >> ((mask & -mask).bit_length() - 1) for mask in masks[:3]])
    return np.round(np.round(pixels * (steps / 255)) * (255 / steps))
