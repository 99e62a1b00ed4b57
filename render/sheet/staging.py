"""A batch whose bodies are posed and framed: all that is left is to fill its chunks and to shade them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import numpy as np
import torch

from render.body.anatomy import Anatomy
from render.compute.transfer import upload
from render.rasterize.buffer_layout import PanelRows, lay_out
from render.rasterize.edge_pixels.edge_pixels import EdgePixels
from render.rasterize.kernel_views import Scene, view_scene
from render.rasterize.project import project
from render.shade.mode import MODES
from render.sheet.cameras import frame_cameras
from render.sheet.framing import Batch, PlacementList, list_placements
from render.sheet.ground.stage import Stage
from render.types.bodies import Bodies, Charts, TextureMap
from render.types.buffer import Chunk, Layout
from render.types.placements import Cameras, People, Placements

# In samples of eight bytes. On the CPU neighbouring panels share a buffer that stays in the cache of a core;
# a panel that is larger has one to itself up to 32 MB, and is drawn in several beyond. On CUDA 1 GB holds
# some hundred panels.
SMALL_CHUNK = {"cpu": 1 << 18, "cuda": 1 << 27}
LARGE_CHUNK = {"cpu": 1 << 22, "cuda": 1 << 27}


class ModeChunk(NamedTuple):
    """A chunk with what all its panels have in common.

    Attributes:
        mode: Their mode.
        is_supersampled: Whether they have more than one sample a pixel.
        chunk: The chunk.
    """

    mode: str
    is_supersampled: bool
    chunk: Chunk


@dataclass(frozen=True)
class StagedBatch:
    """Where the bodies of a batch are drawn.

    Attributes:
        batch: The sheets, their panels and their people.
        bodies: Of the people, in their order.
        charts: Of their topology, None where no mode needs them.
        placement_list: Who is drawn where, on the host.
        body_index: Its column `body`, on the device.
        people: Its columns `instance` and `colour`, on the device.
        cameras: A row for each of `placement_list`.
        panels: See `Framed`.
        stage: See `Framed`.
        placements: A row for each of `placement_list`.
        rows: Where the panels lie in the visibility buffer, on the host.
        layout: Where the panels lie in the visibility buffer, on the device.
        texture: Of the bodies' topology, None where no mode needs it.
    """

    batch: Batch
    bodies: Bodies
    charts: Charts | None
    placement_list: PlacementList
    body_index: torch.Tensor
    people: People
    cameras: Cameras
    panels: Cameras
    stage: Stage
    placements: Placements
    rows: PanelRows
    layout: Layout
    texture: TextureMap | None = None

    def view_scene(self) -> Scene:
        """All that shading needs, for kernels."""
        return view_scene(self.bodies, self.charts, self.placements, self.people, self.texture)

    @property
    def is_supersampled(self) -> bool:
        """Whether a panel has more samples than one a pixel."""
        return bool(self.rows.sample_bits.any())

    def find_edges(self) -> EdgePixels:
        """What finds the edge pixels of its panels, of those that have one sample a pixel."""
        return EdgePixels(self.placements, self.layout, self.rows, self.cameras)

    def list_chunks(self) -> list[ModeChunk]:
        """The chunks in which the batch is drawn; panels of one mode are side by side."""
        modes = [panel.mode for _, panel in self.batch.panels]
        kind = self.placements.verts.device.type
        found = []
        for mode, run in groupby(range(len(modes)), key=lambda k: modes[k]):
            panels = list(run)
            # Whether it is a label decides that, so all panels of a mode have the same.
            is_supersampled = bool(self.rows.sample_bits[panels[0]])
            span = range(panels[0], panels[-1] + 1)
            for chunk in self.rows.split(span, SMALL_CHUNK[kind], LARGE_CHUNK[kind]):
                found.append(ModeChunk(mode, is_supersampled, chunk))
        return found


def stage_batch(
    batch: Batch,
    bodies: Bodies,
    charts: Charts | None,
    supersample: int = 1,
    adjust: Callable[[Cameras, PlacementList], Cameras] | None = None,
    anatomies: list[Anatomy] | None = None,
    texture: TextureMap | None = None,
) -> StagedBatch:
    """Frames and projects the bodies of a batch.

    Args:
        batch: The sheets, their panels and their people.
        bodies: In the order of `batch.fits`.
        charts: None where no mode needs them.
        supersample: n for n x n samples a pixel, 1, 2 or 4, of panels that hold no labels.
        adjust: What takes the place of the cameras that the views give.
        anatomies: Where the bodies' joints are, for up=body.
        texture: None where no mode needs it.
    """
    device = bodies.verts.device
    # 1, 2, 4 to 0, 1, 2: kernels shift instead of multiplying.
    bits = supersample.bit_length() - 1
    sample_bits = np.array(
        [0 if MODES.load(panel.mode).is_label else bits for _, panel in batch.panels], np.int32
    )
    size_px = np.array([[panel.rect.w, panel.rect.h] for _, panel in batch.panels])
    listed = list_placements(batch)
    body, panel, instance, _, colour = (upload(column, device) for column in listed)
    framed = frame_cameras(batch, bodies, charts, listed, body, anatomies)
    cameras = framed.cameras
    if adjust is not None:
        cameras = adjust(cameras, listed)
    placements = project(bodies, cameras, body, panel, upload(sample_bits, device))
    # The host plans chunks without waiting for what the device is at.
    rows = PanelRows(size_px, sample_bits, listed.panel, len(placements.faces))
    return StagedBatch(
        batch=batch,
        bodies=bodies,
        charts=charts,
        placement_list=listed,
        body_index=body,
        people=People(instance, colour),
        cameras=cameras,
        panels=framed.panels,
        stage=framed.stage,
        placements=placements,
        rows=rows,
        layout=lay_out(placements, rows),
        texture=texture,
    )
