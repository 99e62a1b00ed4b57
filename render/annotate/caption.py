"""Captions: white text on a dark translucent plate, with a stripe in the person's colour."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import cv2
import numpy as np

from render.annotate.strokes import blend
from render.types.sheets import Rect

LEAST_TEXT_PX = 10
# The size of the text, as a share of the panel's shorter side.
_TEXT_IN_PANELS = 0.027
_PLATE_RGB = (0, 0, 0)
_PLATE_OPACITY = 0.65
_TEXT_RGB = (255, 255, 255)
# On OpenCV's scale 400 is regular and 600 is semibold.
_WEIGHT = 500
_MORE = "..."
# No panel shows more, and nothing longer goes to the text renderer.
_LONGEST = 400


def paint_caption(
    pixels: np.ndarray,
    label: str,
    box_px: np.ndarray | None,
    colour_rgb: Sequence[int],
    taken: Sequence[Rect],
) -> Rect | None:
    """Writes a label above a person's box, in place.

    Characters outside ASCII become question marks and long labels are shortened.

    Args:
        pixels: Of the panel, as `paint` takes them.
        label: The text.
        box_px: Left, top, right, bottom of the person (4,). Without a box, or with one that is not finite,
            the caption goes into the panel's upper left corner.
        colour_rgb: Of the person, for the stripe.
        taken: Other captions, which this one goes below.

    Returns:
        The rectangle of the caption, None where the panel is too small for it or the label is empty.
    """
    hw = pixels.shape[:2]
    size_px = max(LEAST_TEXT_PX, round(_TEXT_IN_PANELS * min(hw)))
    pad_px = max(2, round(0.3 * size_px))
    text = _shorten(_in_ascii(label), size_px, hw[1] - 4 * pad_px)
    # One of the four pads is the stripe; one and a half stand on each side of the text.
    w, h = _width_px(text, size_px) + 4 * pad_px, round(1.05 * size_px) + 2 * pad_px
    if not text or h > hw[0]:
        return None
    plate = _place(w, h, hw, box_px, taken)
    region = pixels[plate.y : plate.y + h, plate.x : plate.x + w]
    blend(region, np.full((h, w), 255, np.uint8), _PLATE_RGB, _PLATE_OPACITY)
    blend(region[:, :pad_px], np.full((h, pad_px), 255, np.uint8), colour_rgb, 1.0)
    letters = np.zeros((h, w), np.uint8)
    baseline = (2 * pad_px + pad_px // 2, pad_px + round(0.8 * size_px))
    cv2.putText(letters, text, baseline, (255,), cv2.FontFace("sans"), size_px, _WEIGHT)
    blend(region, letters, _TEXT_RGB, 1.0)
    return plate


def _place(w: int, h: int, hw: tuple[int, int], box_px: np.ndarray | None, taken: Sequence[Rect]) -> Rect:
    """Above the box if the panel has room there, otherwise inside it at the top, and clear of `taken`."""
    x = y = 0
    if box_px is not None and np.isfinite(box_px).all():
        x = int(np.clip(box_px[0], 0, hw[1] - w))
        y = int(np.clip(box_px[1] - h, 0, hw[0] - h))
    # From the top down: a caption that moves below one of them may meet the next.
    for other in sorted(taken, key=lambda rect: rect.y):
        beside = x + w <= other.x or other.x + other.w <= x
        if not beside and other.y - h < y < other.y + other.h:
            y = other.y + other.h
    return Rect(x, min(y, hw[0] - h), w, h)


def _in_ascii(label: str) -> str:
    # cv2 draws question marks for what its font lacks, and ends the process at a lone surrogate.
    return "".join(c if " " <= c <= "~" else "?" for c in label[:_LONGEST])


def _shorten(text: str, size_px: int, room_px: int) -> str:
    """The longest start of `text` that fits, with dots where it goes on; empty if not even the dots fit."""
    if _width_px(text, size_px) <= room_px:
        return text
    # More characters are never narrower, so the last length that fits is found by halving. The range
    # begins with no characters, so it is one less than the number of lengths that fit.
    fitting = bisect_right(
        range(len(text)), room_px, key=lambda kept: _width_px(text[:kept] + _MORE, size_px)
    )
    return text[: fitting - 1].rstrip() + _MORE if fitting else ""


def _width_px(text: str, size_px: int) -> int:
    # The size given to it is that of a picture to write on, for wrapping; this one is wide enough for none.
    _, _, width_px, _ = cv2.getTextSize(
        (1 << 20, 1 << 20), text, (0, 0), cv2.FontFace("sans"), size_px, _WEIGHT
    )
    return width_px
