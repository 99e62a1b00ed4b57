"""Chunks of a batch, from placements to pixels: runs and `shade_sheets` are both made of this."""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import groupby

import numpy as np
import torch

from render.annotate.annotate import annotate
from render.annotate.marks import PersonMarks
from render.rasterize.buffer import allocate_keys
from render.rasterize.edge_pixels.edge_pixels import EdgePixels, Slots
from render.rasterize.rasterizer import ChunkFiller
from render.shade.mode import MODES
from render.shade.resolve import Resolver
from render.sheet.staging import ModeChunk
from render.types.buffer import Chunk, Visibility
from render.types.sheets import Panel


def draw_chunks(
    chunks: list[ModeChunk],
    filler: ChunkFiller,
    resolver: Resolver,
    device: torch.device,
    edges: EdgePixels | None = None,
) -> None:
    """Fills and shades the chunks; threads may each take chunks of their own.

    Args:
        chunks: Of one batch, those of one mode side by side.
        filler: Fills their keys: a rasterizer, or fragments that are there.
        resolver: Colours the canvas of the batch from them.
        device: Where the batch is.
        edges: What smooths edges, of panels that hold no labels and have one sample a pixel; None leaves
            them hard.
    """
    # One buffer for them all, so that it stays in the cache; shading empties it again.
    filled = [one.chunk if edges is None else edges.widen(one.chunk) for one in chunks]
    keys = allocate_keys(filled, device)
    slots = None if edges is None else edges.open(keys)
    for (mode, is_supersampled), run in groupby(chunks, key=lambda one: one[:2]):
        fill = filler.open(is_supersampled, keys)
        if edges is not None and slots is not None and not MODES.load(mode).is_label:
            smooth = _open_smooth(mode, fill, resolver, keys, slots)
            for one in run:
                smooth(one.chunk, edges.widen(one.chunk))
            continue
        shade = resolver.open(mode, is_supersampled, keys)
        for one in run:
            fill(one.chunk)
            shade(one.chunk)


def _open_smooth(
    mode: str, fill: Callable[[Chunk], None], resolver: Resolver, keys: torch.Tensor, slots: Slots
) -> Callable[[Chunk, Chunk], None]:
    """What draws a chunk, given as it is and wider, with smooth edges."""
    shade = resolver.open(mode, False, keys, faces_viewer=True)
    shade_edges = resolver.open_edges(mode, keys, slots)

    def draw(chunk: Chunk, wide: Chunk) -> None:
        # Whether an edge runs along the border of a chunk is seen from the rows next to it.
        fill(wide)
        inner = Chunk(chunk.rows, chunk.placements, wide.samples)
        for part in slots.fill(inner):
            shade_edges(inner, part)
        shade(inner)
        # What belongs to the chunks before and after, nothing has shaded.
        keys[: chunk.samples.start - wide.samples.start] = Visibility.EMPTY
        keys[chunk.samples.stop - wide.samples.start : len(wide.samples)] = Visibility.EMPTY

    return draw


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
