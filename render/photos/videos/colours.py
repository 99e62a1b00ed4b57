"""From a decoded frame to RGB, upright.

Frames say which matrix and which range their colours have, and that is what is taken. Where they say nothing:
BT.601, whatever the height, and the limited range, as ffmpeg has it, which also wrote most of the videos that
say nothing. Pixels are not made square, brightness beyond the screen's (HDR) is not mapped: fits were made of
the stored pixels.
"""

from __future__ import annotations

from typing import Any

import av
import numpy as np
from av.sidedata.sidedata import Type
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

# ITU-T H.273, table 4: matrix coefficients.
_MATRICES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}
# Chroma is interpolated, and sums are rounded to the nearest.
_HOW = Interpolation.BILINEAR | Interpolation.FULL_CHR_H_INT | Interpolation.ACCURATE_RND
# Parts of a display matrix that count as nothing, beside the others.
_SMALL = 1e-3


def convert_to_rgb(frame: av.VideoFrame) -> np.ndarray:
    """The pixels of a frame.

    Args:
        frame: As decoded; of another thread at no time while this runs.

    Returns:
        (H, W, 3) uint8 RGB.

    Raises:
        av.FFmpegError: Its colours are of a kind that is not converted.
    """
    # The formats yuvj420p and so on have the full range, whatever the frame says.
    is_full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj")
    converted = VideoReformatter().reformat(
        frame,
        format="rgb24",
        src_colorspace=_MATRICES.get(frame.colorspace, Colorspace.ITU601),
        dst_colorspace=Colorspace.ITU601,
        src_color_range=ColorRange.JPEG if is_full or frame.format.is_rgb else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=_HOW,
        # Frames are converted side by side.
        threads=1,
    )
    return converted.to_ndarray()


def read_turn(frame: av.VideoFrame) -> tuple[bool, bool, bool]:
    """How a frame is turned to be upright.

    Args:
        frame: As decoded; its display matrix is that of ISO/IEC 14496-12, 8.3.2: x' = a x + c y and
            y' = b x + d y, in pixels with y down.

    Returns:
        Whether rows and columns are exchanged, then columns mirrored, then rows.

    Raises:
        ValueError: It is turned by another angle than a multiple of 90 degrees.
    """
    # What it is said to be is not what it is: a mapping.
    side_data: Any = frame.side_data
    found = side_data.get(Type.DISPLAYMATRIX)
    if found is None:
        return False, False, False
    matrix = np.frombuffer(bytes(found), np.int32)[:9].astype(np.float64)
    a, b, c, d = matrix[[0, 1, 3, 4]]
    straight, across = min(abs(a), abs(d)), min(abs(b), abs(c))
    if max(abs(b), abs(c)) <= _SMALL * straight:
        return False, bool(a < 0), bool(d < 0)
    if max(abs(a), abs(d)) <= _SMALL * across:
        return True, bool(c < 0), bool(b < 0)
    raise ValueError("its display matrix is no turn by a multiple of 90 degrees")


def turn(pixels: np.ndarray, how: tuple[bool, bool, bool]) -> np.ndarray:
    """Pixels (H, W, 3) as `read_turn` has it."""
    is_exchanged, mirrors_columns, mirrors_rows = how
    if is_exchanged:
        pixels = pixels.transpose(1, 0, 2)
    if mirrors_columns:
        pixels = pixels[:, ::-1]
    if mirrors_rows:
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)
