"""Bodies that are posed and projected, for the benchmarks of what comes after, and their clock."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import torch

from render.body.family.body import FamilyBody
from render.compute.transfer import upload
from render.rasterize.backends.warp import Rasterizer
from render.rasterize.buffer import allocate_keys
from render.rasterize.buffer_layout import ShotRows, lay_out
from render.rasterize.kernel_views import view_scene
from render.rasterize.project import project
from render.shade.resolve import Resolver
from render.sheet.canvas import split_sections
from render.sheet.staging import LARGE_CHUNK, SMALL_CHUNK
from render.types.bodies import Bodies, Charts
from render.types.buffer import Canvas, Chunk
from render.types.placements import Cameras, People, Placements

SMALL, PHOTO, LARGE = (224, 224), (640, 480), (1920, 1080)
HEIGHT_SHARE = 467 / 480


class RestPose:
    """Copies of the demo body, each in the middle of a shot of its own.

    count: how many. size_px: width and height of a shot. chunks: as `render.library.renderer` would fill and
    shade them, one after the other, with `keys`, which are EMPTY. sections: of the canvas, where each chunk
    is. placements, layout: of which rasterizers are made.
    """

    def __init__(self, body: FamilyBody, charts: Charts, count: int, size_px: tuple[int, int]) -> None:
        device, kind = body.device, body.device.type
        self.device, self.count, self.size_px = device, count, size_px
        pose = torch.eye(3).repeat(count, 24, 1, 1)
        # The model is y up, pictures are y down.
        pose[:, 0] = torch.diag(torch.tensor([1.0, -1.0, -1.0]))
        bodies = body.pose(pose, torch.zeros(count, 10))
        self.placements = placements = _draw_upright(bodies, size_px)
        shot = np.arange(count, dtype=np.int32)
        rows = ShotRows(np.tile(size_px, (count, 1)), np.zeros(count, np.int32), shot, len(placements.faces))
        self.layout = layout = lay_out(placements, rows)
        scene = view_scene(
            bodies, charts, placements, People(torch.ones_like(placements.body), placements.body)
        )
        self.rasterizer = Rasterizer(placements, layout)
        canvas, parts = _make_canvas(count, size_px, device)
        self.resolver = Resolver(scene, layout, canvas, 1.0)
        self.chunks: list[Chunk] = []
        self.sections: list[int] = []
        for section, shots in enumerate(parts):
            chunks = list(rows.split(shots, SMALL_CHUNK[kind], LARGE_CHUNK[kind]))
            self.chunks += chunks
            self.sections += [section] * len(chunks)
        self.keys = allocate_keys(self.chunks, device)


def now(device: torch.device) -> float:
    """Seconds, when all that was queued is done."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return perf_counter()


def _draw_upright(bodies: Bodies, size_px: tuple[int, int]) -> Placements:
    count, device = len(bodies.verts), bodies.verts.device
    low, high = bodies.verts.amin(1), bodies.verts.amax(1)
    px_per_m = HEIGHT_SHARE * size_px[1] / (high - low)[:, 1]
    rotation = torch.eye(3, device=device).repeat(count, 1, 1)
    middle = torch.tensor([size_px[0] / 2, size_px[1] / 2, 0.0], device=device)
    cameras = Cameras(
        matrix=rotation * px_per_m[:, None, None],
        translation=middle - (low + high) / 2 * px_per_m[:, None],
        focal_px=torch.zeros(count, device=device),
        center_px=torch.zeros(count, 2, device=device),
        rotation=rotation,
        cull=torch.ones(count, dtype=torch.int32, device=device),
        depth_shift=torch.zeros(count, device=device),
    )
    each = torch.arange(count, dtype=torch.int32, device=device)
    return project(bodies, cameras, each, each, torch.zeros_like(each))


def _make_canvas(count: int, size_px: tuple[int, int], device: torch.device) -> tuple[Canvas, list[range]]:
    """A canvas, and the shots in each of its sections, as batches of runs have them."""
    sheet_bytes = 3 * size_px[0] * size_px[1]
    starts = [sheet_bytes * k for k in range(count + 1)]
    parts = split_sections(starts)
    within = [start - starts[part.start] for part in parts for start in starts[part.start : part.stop]]
    canvas = Canvas(
        pixels=_make_pixels(count * sheet_bytes, device),
        channels=3,
        layer_start=upload(np.array([within], np.int64), device),
        layer_stride=upload(np.full(count, 3 * size_px[0], np.int32), device),
        sections=tuple(range(starts[part.start], starts[part.stop]) for part in parts),
    )
    return canvas, parts


def _make_pixels(count: int, device: torch.device) -> torch.Tensor:
    if device.type == "cuda":
        return torch.zeros(count, dtype=torch.uint8, device=device)
    # NumPy asks the system for large pages, as the program's buffers have them; torch does not.
    pixels = np.empty(count, np.uint8)
    pixels.fill(0)
    return torch.from_numpy(pixels)
