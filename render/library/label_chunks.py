"""Chunks of a batch, from placements to layers of labels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from render.labels.coverage import open_coverage
from render.labels.keypoints import JointProbe
from render.labels.point import LabelBodies
from render.labels.write_layers import Planes, group_layers, open_layers
from render.library.chunks import empty_borders
from render.rasterize.buffer import allocate_keys
from render.rasterize.edge_pixels.edge_pixels import EdgePixels
from render.rasterize.kernel_views import Scene
from render.rasterize.rasterizer import ChunkFiller
from render.sheet.staging import ShotChunk
from render.types.buffer import Chunk, Layout


class LabelDrawing:
    """Writes the layers of one batch, chunk by chunk; threads may each take chunks of their own.

    Args:
        filler: Fills keys: a rasterizer, or fragments that are there.
        layout: Of the batch's shots, with one sample a pixel.
        scene: Of the batch.
        labels: Of the batch.
        planes: Of the layers of shots that panels show, and
        lone: that of those of one person, which no panel shows; None where there are none.
        edges: What finds edge pixels, for alpha; None where it is not asked for.
        probe: What looks at joints in shots that panels show; None where nobody asks for them.
    """

    def __init__(
        self,
        filler: ChunkFiller,
        layout: Layout,
        scene: Scene,
        labels: LabelBodies,
        planes: Sequence[Planes],
        lone: Planes | None = None,
        edges: EdgePixels | None = None,
        probe: JointProbe | None = None,
    ) -> None:
        self._filler = filler
        self._of_batch = (layout, scene, labels)
        by_spec = {of.spec: of for of in planes}
        self._groups = [[by_spec[spec] for spec in group] for group in group_layers(list(by_spec))]
        self._lone = [] if lone is None else [[lone]]
        self._edges = edges
        self._probe = probe

    def draw(self, chunks: list[ShotChunk]) -> None:
        """Fills the chunks and writes their layers."""
        device = self._of_batch[2].bodies.verts.device
        edges = self._edges
        filled = [one.chunk if edges is None else edges.widen(one.chunk) for one in chunks]
        keys = allocate_keys(filled, device)
        fill = self._filler.open(False, keys)
        for has_panels, run in groupby(chunks, key=lambda one: bool(one.modes)):
            groups = self._groups if has_panels else self._lone
            # Those that empty the keys come last.
            writes = [
                open_layers(group, keys, *self._of_batch, is_last=group is groups[-1]) for group in groups
            ]
            if self._probe is not None and has_panels:
                writes = [self._probe.open(keys), *writes]
            if edges is None or not has_panels:
                for one in run:
                    fill(one.chunk)
                    for write in writes:
                        write(one.chunk)
                continue
            slots = edges.open(keys)
            write_edges = open_coverage(groups[-1][0], keys, slots, self._of_batch[0])
            for one in run:
                wide = edges.widen(one.chunk)
                fill(wide)
                inner = Chunk(one.chunk.rows, one.chunk.placements, wide.samples)
                for write in writes[:-1]:
                    write(inner)
                for part in slots.fill(inner):
                    write_edges(inner, part)
                writes[-1](inner)
                empty_borders(keys, one.chunk, wide)
