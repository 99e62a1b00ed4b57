"""A batch whose bodies are posed and framed: all that is left is to fill its chunks and to shade them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import numpy as np
import torch

from render.body.anatomy import Anatomy
from render.compute.transfer import upload
from render.rasterize.buffer_layout import ShotRows, lay_out
from render.rasterize.edge_pixels.edge_pixels import EdgePixels
from render.rasterize.kernel_views import Scene, view_scene
from render.rasterize.project import project
from render.shade.mode import MODES
from render.sheet.cameras import frame_cameras
from render.sheet.framing import Batch, PlacementList, list_placements
from render.sheet.ground.stage import Stage
from render.types.bodies import Bodies, Charts, TextureMap
from render.types.buffer import Chunk, Layout
from render.types.light import Light
from render.types.placements import Cameras, People, Placements

# In samples of eight bytes. On the CPU neighbouring shots share a buffer that stays in the cache of a core;
# a shot that is larger has one to itself up to 32 MB, and is drawn in several beyond. On CUDA each
# batch under way has a buffer, and 0.5 GB holds two hundred shots of 640x480: millions of threads a launch.
SMALL_CHUNK = {"cpu": 1 << 18, "cuda": 1 << 26}
LARGE_CHUNK = {"cpu": 1 << 22, "cuda": 1 << 26}
# Rays take so much longer that threads share a picture, and that a run can be stopped between its pieces.
RAYS_CHUNK = {"cpu": 1 << 14, "cuda": 1 << 20}


class ShotChunk(NamedTuple):
    """A chunk with what all its shots have in common.

    Attributes:
        modes: Of their layers.
        is_supersampled: Whether they have more than one sample a pixel.
        chunk: The chunk.
        is_slow: Whether rays find light of them.
        section: Of the canvas, which has all of them.
    """

    modes: tuple[str, ...]
    is_supersampled: bool
    chunk: Chunk
    is_slow: bool = False
    section: int = 0


@dataclass(frozen=True)
class StagedBatch:
    """Where the bodies of a batch are drawn.

    Attributes:
        batch: The sheets, their shots and their people.
        bodies: Of the people, in their order.
        charts: Of their topology, None where no mode needs them.
        placement_list: Who is drawn where, on the host.
        body_index: Its column `body`, on the device.
        people: Its columns `instance` and `colour`, on the device.
        cameras: A row for each of `placement_list`.
        shots: See `Framed`.
        stage: See `Framed`.
        placements: A row for each of `placement_list`.
        rows: Where the shots lie in the visibility buffer, on the host.
        layout: Where the shots lie in the visibility buffer, on the device.
        texture: Of the bodies' topology, None where no mode needs it.
    """

    batch: Batch
    bodies: Bodies
    charts: Charts | None
    placement_list: PlacementList
    body_index: torch.Tensor
    people: People
    cameras: Cameras
    shots: Cameras
    stage: Stage
    placements: Placements
    rows: ShotRows
    layout: Layout
    texture: TextureMap | None = None

    def view_scene(self, light: Light | None = None, most_value: float = 1.0) -> Scene:
        """All that shading needs, for kernels.

        Args:
            light: None where no mode needs it.
            most_value: What values of vertices are shares of.
        """
        return view_scene(
            self.bodies, self.charts, self.placements, self.people, self.texture, light, most_value
        )

    def find_edges(self) -> EdgePixels | None:
        """What finds the edge pixels of its shots; None where no layer of them can have smooth edges."""
        return self.find_all_edges() if any(shot.can_be_smooth for shot in self.batch.shots) else None

    def find_all_edges(self) -> EdgePixels:
        """What finds the edge pixels of its shots of one sample a pixel, whatever their layers are."""
        return EdgePixels(self.placements, self.layout, self.rows, self.cameras)

    def list_chunks(self, has_rays: bool = False, sections: Sequence[int] = ()) -> list[ShotChunk]:
        """The chunks in which the batch is drawn; shots whose layers have the same modes are side by side.

        Args:
            has_rays: Whether some of their light is found by rays.
            sections: Of the canvas, where each shot is; no chunk has several. Left out, all are in the first.
        """
        shots, kind = self.batch.shots, self.placements.verts.device.type
        of_shot = sections or [0] * len(shots)
        found = []
        for (modes, section), run in groupby(range(len(shots)), key=lambda k: (shots[k].modes, of_shot[k])):
            of_modes = list(run)
            # Whether they are labels decides that, so all shots of these modes have the same.
            is_supersampled = shots[of_modes[0]].sample_bits > 0
            span = range(of_modes[0], of_modes[-1] + 1)
            is_slow = has_rays and any(MODES.load(mode).needs_light for mode in modes)
            small = RAYS_CHUNK[kind] if is_slow else SMALL_CHUNK[kind]
            large = RAYS_CHUNK[kind] if is_slow else LARGE_CHUNK[kind]
            for chunk in self.rows.split(span, small, large):
                found.append(ShotChunk(modes, is_supersampled, chunk, is_slow, section))
        return found


def stage_batch(
    batch: Batch,
    bodies: Bodies,
    charts: Charts | None,
    adjust: Callable[[Cameras, PlacementList], Cameras] | None = None,
    anatomies: list[Anatomy] | None = None,
    texture: TextureMap | None = None,
) -> StagedBatch:
    """Frames and projects the bodies of a batch.

    Args:
        batch: The sheets, their shots and their people.
        bodies: In the order of `batch.fits`.
        charts: None where no mode needs them.
        adjust: What takes the place of the cameras that the views give.
        anatomies: Where the bodies' joints are, for up=body.
        texture: None where no mode needs it.
    """
    device = bodies.verts.device
    sample_bits = np.array([shot.sample_bits for shot in batch.shots], np.int32)
    size_px = np.array([shot.size_px for shot in batch.shots])
    listed = list_placements(batch)
    body, shot, instance, _, colour = (upload(column, device) for column in listed)
    framed = frame_cameras(batch, bodies, charts, listed, body, anatomies)
    cameras = framed.cameras
    if adjust is not None:
        cameras = adjust(cameras, listed)
    placements = project(bodies, cameras, body, shot, upload(sample_bits, device))
    # The host plans chunks without waiting for what the device is at.
    rows = ShotRows(size_px, sample_bits, listed.shot, len(placements.faces))
    return StagedBatch(
        batch=batch,
        bodies=bodies,
        charts=charts,
        placement_list=listed,
        body_index=body,
        people=People(instance, colour),
        cameras=cameras,
        shots=framed.shots,
        stage=framed.stage,
        placements=placements,
        rows=rows,
        layout=lay_out(placements, rows),
        texture=texture,
    )
