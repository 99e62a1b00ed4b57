"""Chunks of a batch, from placements to pixels: runs and `shade_sheets` are both made of this."""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import groupby

import numpy as np
import torch

from render.annotate.annotate import annotate
from render.annotate.find_shown import ShownShot
from render.annotate.marks import PersonMarks
from render.rasterize.buffer import allocate_keys
from render.rasterize.edge_pixels.edge_pixels import EdgePixels, Slots
from render.rasterize.rasterizer import ChunkFiller
from render.shade.mode import MODES, legend_of
from render.shade.resolve import Layer, Resolver
from render.sheet.staging import ShotChunk
from render.types.buffer import Chunk, Visibility
from render.types.sheets import Panel


def draw_chunks(
    chunks: list[ShotChunk],
    filler: ChunkFiller,
    resolver: Resolver,
    device: torch.device,
    edges: EdgePixels | None = None,
) -> None:
    """Fills and shades the chunks; threads may each take chunks of their own.

    Args:
        chunks: Of one batch, those of the same modes side by side.
        filler: Fills their keys: a rasterizer, or fragments that are there.
        resolver: Colours the canvas of the batch from them.
        device: Where the batch is.
        edges: What smooths edges, of layers that hold no labels and have one sample a pixel; None leaves
            them hard.
    """
    # Those that one thread draws may all be labels, whatever else the batch holds.
    if not any(_can_be_smooth(mode, one.is_supersampled) for one in chunks for mode in one.modes):
        edges = None
    # One buffer for them all, so that it stays in the cache; shading empties it again.
    filled = [(one, one.chunk if edges is None else edges.widen(one.chunk)) for one in chunks]
    keys = allocate_keys((wide for _, wide in filled), device)
    slots = None if edges is None else edges.open(keys)
    for (modes, is_supersampled, section), run in groupby(filled, key=lambda one: _kind_of(one[0])):
        fill = filler.open(is_supersampled, keys)
        sharp, smooth = _list_layers(modes, is_supersampled, has_edges=edges is not None)
        shades = [resolver.open(layer, is_supersampled, keys, section=section) for layer in sharp]
        if edges is not None and slots is not None and smooth:
            draw = _open_smooth(shades, smooth, fill, resolver, keys, slots, section)
            for one, wide in run:
                draw(one.chunk, wide)
            continue
        for one, _ in run:
            fill(one.chunk)
            for shade in shades:
                shade(one.chunk)


def _kind_of(one: ShotChunk) -> tuple[tuple[str, ...], bool, int]:
    """What chunks have in common that the same kernels draw, with the same inputs."""
    return one.modes, one.is_supersampled, one.section


def _can_be_smooth(mode: str, is_supersampled: bool) -> bool:
    """With more samples edges are as those have them."""
    return not is_supersampled and not MODES.load(mode).is_label


def _list_layers(
    modes: tuple[str, ...], is_supersampled: bool, has_edges: bool
) -> tuple[list[Layer], list[Layer]]:
    """The layers with hard edges and those with smooth ones, in the order in which they are drawn.

    Those with smooth edges come last, because finding these marks the keys.
    """
    is_smooth = [has_edges and _can_be_smooth(mode, is_supersampled) for mode in modes]
    order = sorted(range(len(modes)), key=lambda number: is_smooth[number])
    layers = [Layer(number, modes[number], is_last=number == order[-1]) for number in order]
    count = len(modes) - sum(is_smooth)
    return layers[:count], layers[count:]


def _open_smooth(
    sharp: list[Callable[[Chunk], None]],
    layers: list[Layer],
    fill: Callable[[Chunk], None],
    resolver: Resolver,
    keys: torch.Tensor,
    slots: Slots,
    section: int,
) -> Callable[[Chunk, Chunk], None]:
    """What draws a chunk, given as it is and wider, with smooth edges in some layers."""
    shades = [resolver.open(layer, False, keys, faces_viewer=True, section=section) for layer in layers]
    edge_shades = [resolver.open_edges(layer, keys, slots, section) for layer in layers]

    def draw(chunk: Chunk, wide: Chunk) -> None:
        # Whether an edge runs along the border of a chunk is seen from the rows next to it.
        fill(wide)
        inner = Chunk(chunk.rows, chunk.placements, wide.samples)
        for shade in sharp:
            shade(inner)
        for part in slots.fill(inner):
            for shade_edges in edge_shades:
                shade_edges(inner, part)
        for shade in shades:
            shade(inner)
        empty_borders(keys, chunk, wide)

    return draw


def empty_borders(keys: torch.Tensor, chunk: Chunk, wide: Chunk) -> None:
    """Empties the keys of a wider chunk that belong to those before and after: no layer has done so.

    Args:
        keys: Of `wide`.
        chunk: As it is.
        wide: The same with the rows next to it.
    """
    # Nothing of whole shots, and to write nothing takes time too.
    if chunk.samples == wide.samples:
        return
    keys[: chunk.samples.start - wide.samples.start] = Visibility.EMPTY
    keys[chunk.samples.stop - wide.samples.start : len(wide.samples)] = Visibility.EMPTY


def annotate_panel(
    sheet: np.ndarray,
    panel: Panel,
    marks: list[PersonMarks],
    names: Collection[str],
    seen: ShownShot | None = None,
) -> None:
    """Paints the annotations of a panel into its sheet, in place; none over labels.

    Args:
        sheet: (H, W, 3) or (H, W, 4) uint8 pixels of the whole sheet.
        panel: Where on it.
        marks: Of its people, in its pixels.
        names: Which annotations.
        seen: What is seen in its shot; None where there are no legends.
    """
    # Its pixels are values: strokes among them would be wrong ones.
    if MODES.load(panel.mode).is_label:
        return
    rect = panel.rect
    pixels = sheet[rect.y : rect.y + rect.h, rect.x : rect.x + rect.w]
    if seen is None:
        annotate(pixels, marks, names)
    else:
        annotate(pixels, marks, names, legend_of(panel.mode, seen.shown), seen.free_px)
