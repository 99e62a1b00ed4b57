"""Titles become pixels of a sheet's page."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import torch

from render.compute.transfer import upload
from render.text.lines import draw_text, shorten_text
from render.types.sheets import Title

Pixels = TypeVar("Pixels", np.ndarray, torch.Tensor)
_DARK_RGB, _LIGHT_RGB = (32, 32, 32), (235, 235, 235)
# Of ITU-R BT.601.
_LUMA = (0.299, 0.587, 0.114)


def paint_title(view: Pixels, title: Title, page: tuple[int, ...]) -> None:
    """Writes a title into the middle of its place, in place; one that is too long is shortened.

    Args:
        view: The sheet's pixels, (H, W, 3) or (H, W, 4) uint8, on any device.
        title: What and where.
        page: The colour that lies there, with as many channels; it is dark or light letters that it takes.
    """
    place = title.rect
    room_px, line_px = (place.h, place.w) if title.is_upward else (place.w, place.h)
    text = shorten_text(title.text, room_px, title.size_px)
    # A script that is higher than the line is cut, above all others.
    letters = draw_text(text, title.size_px)[-line_px:, :room_px]
    if title.is_upward:
        letters = np.rot90(letters)
    h, w = letters.shape
    if not w or not h:
        return
    x, y = place.x + (place.w - w) // 2, place.y + (place.h - h) // 2
    patch = _blend(letters, page)
    if isinstance(view, torch.Tensor):
        view[y : y + h, x : x + w] = upload(patch, view.device)
    else:
        view[y : y + h, x : x + w] = patch


def _blend(letters: np.ndarray, page: tuple[int, ...]) -> np.ndarray:
    """Letters over the page, (h, w, channels)."""
    is_transparent = page[3:] == (0,)
    is_dark = np.dot(_LUMA, page[:3]) < 128 and not is_transparent
    ink = np.array(_LIGHT_RGB if is_dark else _DARK_RGB, np.uint16)
    cover = letters[:, :, None].astype(np.uint16)
    if is_transparent:
        # Nor a colour where there are no letters: files may keep what transparent pixels hold.
        return np.concatenate([np.where(cover > 0, ink, 0), cover], 2).astype(np.uint8)
    colour = np.array(page[:3], np.uint16)
    mixed = (colour * (255 - cover) + ink * cover + 127) // 255
    opaque = np.full((*letters.shape, len(page) - 3), 255, np.uint16)
    return np.concatenate([mixed, opaque], 2).astype(np.uint8)
