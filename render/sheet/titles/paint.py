"""Titles become pixels of a sheet's paper."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import torch

from render.compute.transfer import upload
from render.sheet.backgrounds import is_dark
from render.text.blend import blend
from render.text.lines import draw_text, shorten_text
from render.types.sheets import Title

Pixels = TypeVar("Pixels", np.ndarray, torch.Tensor)
_DARK_RGB, _LIGHT_RGB = (32, 32, 32), (235, 235, 235)


def paint_title(view: Pixels, title: Title, paper: tuple[int, ...]) -> None:
    """Writes a title into the middle of its place, in place; one that is too long is shortened.

    Args:
        view: The sheet's pixels, (H, W, 3) or (H, W, 4) uint8, on any device.
        title: What and where.
        paper: The colour that lies there, with as many channels; it is dark or light letters that it takes.
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
    patch = np.full((h, w, len(paper)), paper, np.uint8)
    # Transparent paper is taken for a light one.
    is_on_dark = paper[3:] != (0,) and is_dark(paper[:3])
    blend(patch, letters, _LIGHT_RGB if is_on_dark else _DARK_RGB, 1.0)
    if isinstance(view, torch.Tensor):
        view[y : y + h, x : x + w] = upload(patch, view.device)
    else:
        view[y : y + h, x : x + w] = patch
