"""Plates over a ground, and cameras that look at it."""

import numpy as np
import torch

from render.sheet.ground.layer import GroundLayer
from render.sheet.ground.stage import Stage
from render.sheet.shots import Shot
from render.types.bodies import Bodies
from render.types.buffer import Canvas
from render.types.placements import Cameras
from render.types.sheets import Panel, Rect, Viewpoint

CORNERS = np.array([[-1, 0, -1], [1, 0, -1], [1, 0, 1], [-1, 0, 1]])


def make_plates(*heights: float, half: float = 0.2, unit: float = 1.0) -> tuple[torch.Tensor, torch.Tensor]:
    """Squares that lie so far above y = 0: vertices (M, 4, 3), and faces."""
    verts = np.stack([half * CORNERS - [0, height, 0] for height in heights]) * unit
    return torch.from_numpy(verts).float(), torch.tensor([[0, 1, 2], [0, 2, 3]], dtype=torch.int32)


def look_down(px_per_m: float, size_px: tuple[int, int], count: int = 1) -> Cameras:
    """Straight from above, without perspective: x to the right, z up, 0 in the middle of the panel."""
    rotation = torch.tensor([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
    shift = torch.tensor([size_px[0] / 2, size_px[1] / 2, 100.0])
    return make_cameras(px_per_m * rotation, shift, 0.0, (0.0, 0.0), count)


def look_along(eye_m: float, focal_px: float, center_px: tuple[float, float]) -> Cameras:
    """Along z, from so far above x = z = 0."""
    return make_cameras(torch.eye(3), torch.tensor([0.0, eye_m, 0]), focal_px, center_px)


def make_cameras(
    matrix: torch.Tensor,
    translation: torch.Tensor,
    focal_px: float,
    center_px: tuple[float, float],
    count: int = 1,
) -> Cameras:
    return Cameras(
        matrix=matrix.float().repeat(count, 1, 1),
        translation=translation.float().repeat(count, 1),
        focal_px=torch.full((count,), focal_px),
        center_px=torch.tensor([center_px] * count),
        rotation=torch.eye(3).repeat(count, 1, 1),
        cull=torch.ones(count, dtype=torch.int32),
        depth_shift=torch.zeros(count),
    )


def lay_grounds(
    cameras: Cameras,
    size_px: tuple[int, int],
    verts: torch.Tensor,
    faces: torch.Tensor,
    first: list[int],
    *,
    radius: float = 1e3,
    ground: float = 0.0,
    unit: float = 1.0,
    background: str = "ground",
    page: tuple[int, ...] = (255, 255, 255),
    shift: list[list[float]] | None = None,
) -> np.ndarray:
    """The panels of sheets with one panel each, (S, H, W, channels), before their bodies are drawn."""
    (width, height), count, channels = size_px, len(first) - 1, len(page)
    stride = width * channels
    canvas = Canvas(
        torch.tensor(page, dtype=torch.uint8).repeat(count * height * width),
        channels,
        torch.arange(count)[None] * stride * height,
        torch.full((count,), stride, dtype=torch.int32),
    )
    people = len(verts)
    stage = Stage(
        matrix=torch.eye(3, dtype=torch.float64).repeat(people, 1, 1),
        shift=torch.tensor(shift or [[0.0] * 3] * people, dtype=torch.float64).view(-1, 3),
        unit=torch.full((count,), unit, dtype=torch.float64),
        center=torch.zeros(count, 3, dtype=torch.float64),
        radius=torch.full((count,), radius, dtype=torch.float64),
        ground=torch.full((count,), ground, dtype=torch.float64),
    )
    panel = Panel(Viewpoint("orbit"), "clay", background, Rect(0, 0, width, height))
    bodies = Bodies(verts, verts, torch.zeros(people, 1, 3), faces)
    shots = [Shot(i, panel.viewpoint, size_px, 0, False, (panel,)) for i in range(count)]
    for task in GroundLayer(shots, np.array(first), bodies, stage, cameras, canvas).list_tasks():
        task()
    return canvas.pixels.view(count, height, width, channels).numpy()


def lay_nobody(cameras: Cameras, size_px: tuple[int, int], **settings) -> np.ndarray:
    """A panel of nobody."""
    verts, faces = make_plates(0.0)
    return lay_grounds(cameras, size_px, verts[:0], faces, [0, 0], **settings)[0]
