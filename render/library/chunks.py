"""Chunks of a batch, from placements to pixels: runs and `shade_sheets` are both made of this."""

from __future__ import annotations

from collections.abc import Collection
from itertools import groupby

import numpy as np
import torch

from render.annotate.annotate import annotate
from render.annotate.marks import PersonMarks
from render.rasterize.buffer import allocate_keys
from render.rasterize.rasterizer import ChunkFiller
from render.shade.mode import MODES
from render.shade.resolve import Resolver
from render.sheet.staging import ModeChunk
from render.types.sheets import Panel


def draw_chunks(
    chunks: list[ModeChunk], filler: ChunkFiller, resolver: Resolver, device: torch.device
) -> None:
    """Fills and shades the chunks; threads may each take chunks of their own.

    Args:
        chunks: Of one batch, those of one mode side by side.
        filler: Fills their keys: a rasterizer, or fragments that are there.
        resolver: Colours the canvas of the batch from them.
        device: Where the batch is.
    """
    # One buffer for them all, so that it stays in the cache; shading empties it again.
    keys = allocate_keys((one.chunk for one in chunks), device)
    for (mode, is_supersampled), run in groupby(chunks, key=lambda one: one[:2]):
        fill = filler.open(is_supersampled, keys)
        shade = resolver.open(mode, is_supersampled, keys)
        for _, _, chunk in run:
            fill(chunk)
            shade(chunk)


def annotate_panel(sheet: np.ndarray, panel: Panel, marks: list[PersonMarks], names: Collection[str]) -> None:
    """Paints the annotations of a panel into its sheet, in place; none over labels.

    Args:
        sheet: (H, W, 3) or (H, W, 4) uint8 pixels of the whole sheet.
        panel: Where on it.
        marks: Of its people, in its pixels.
        names: Which annotations.
    """
    # Its pixels are values: strokes among them would be wrong ones.
    if MODES.load(panel.mode).is_label:
        return
    rect = panel.rect
    annotate(sheet[rect.y : rect.y + rect.h, rect.x : rect.x + rect.w], marks, names)
