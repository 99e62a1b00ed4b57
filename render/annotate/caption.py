"""Captions: white text on a dark translucent plate, with a stripe in the person's colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from render.text.blend import blend
from render.text.lines import draw_text, shorten_text
from render.types.sheets import Rect

LEAST_TEXT_PX = 10
# The size of the text, as a share of the panel's shorter side.
TEXT_IN_PANELS = 0.027
# Around the text and between plate and panel's edge, in sizes of the text.
PAD, MARGIN = 0.3, 0.35
PLATE_RGB = (0, 0, 0)
PLATE_OPACITY = 0.65
TEXT_RGB = (255, 255, 255)


def paint_caption(
    pixels: np.ndarray,
    label: str,
    box_px: np.ndarray | None,
    colour_rgb: Sequence[int],
    taken: Sequence[Rect],
) -> Rect | None:
    """Writes a label above a person's box, in place, clear of the panel's edges.

    Any script's letters are drawn; long labels are shortened.

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
    size_px = max(LEAST_TEXT_PX, round(TEXT_IN_PANELS * min(hw)))
    pad_px, margin_px = max(2, round(PAD * size_px)), max(2, round(MARGIN * size_px))
    # One of the four pads is the stripe; one and a half stand on each side of the text.
    text = shorten_text(label.strip(), hw[1] - 2 * margin_px - 4 * pad_px, size_px)
    letters = draw_text(text, size_px)
    w, h = letters.shape[1] + 4 * pad_px, letters.shape[0] + 2 * pad_px
    room_hw = hw[0] - 2 * margin_px, hw[1] - 2 * margin_px
    if not text or h > room_hw[0] or w > room_hw[1]:
        return None
    inside_px = None if box_px is None else box_px - margin_px
    inside = [Rect(rect.x - margin_px, rect.y - margin_px, rect.w, rect.h) for rect in taken]
    found = _place(w, h, room_hw, inside_px, inside)
    plate = Rect(found.x + margin_px, found.y + margin_px, w, h)
    region = pixels[plate.y : plate.y + h, plate.x : plate.x + w]
    blend(region, np.full((h, w), 255, np.uint8), PLATE_RGB, PLATE_OPACITY)
    blend(region[:, :pad_px], np.full((h, pad_px), 255, np.uint8), colour_rgb, 1.0)
    left = 2 * pad_px + pad_px // 2
    blend(region[pad_px : h - pad_px, left : left + letters.shape[1]], letters, TEXT_RGB, 1.0)
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
