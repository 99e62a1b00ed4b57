"""Milliseconds a body for rasterizing, and for resolving each mode: python -m benchmarks.raster

The demo body in its rest pose, front view, orthographic, about 38,000 visible pixels at 640x480, on one core.
Medians over repeats after a warm-up, with the least and the greatest.
"""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch

from render.body.charts import read_charts
from render.body.smpl import SmplBody
from render.project import project
from render.rasterize.layout import allocate_visibility
from render.rasterize.warp import rasterize
from render.resolve import make_scene, resolve
from render.shade import MODES
from render.types import Bodies, Cameras, Canvas, Draws, People, Visibility

DEMO_BODY = Path(__file__).parents[1] / "extradata" / "demo" / "demo_smpl.npz"
WIDTH, HEIGHT = 640, 480
BODY_HEIGHT_PX = 467.0
BODIES = 16
REPEATS = 30


def pose_bodies() -> Bodies:
    """Copies of one body in its rest pose, upright on the picture."""
    body = SmplBody(DEMO_BODY, "demo", torch.device("cpu"))
    pose = torch.eye(3).repeat(BODIES, 24, 1, 1)
    pose[:, 0] = torch.diag(torch.tensor([1.0, -1.0, -1.0]))
    return body.pose(pose, torch.zeros(BODIES, 10))


def draw_bodies(bodies: Bodies) -> Draws:
    """Each body in the middle of a panel of its own."""
    low, high = bodies.verts.amin(1), bodies.verts.amax(1)
    scale = BODY_HEIGHT_PX / (high - low)[:, 1]
    rotation = torch.eye(3).repeat(BODIES, 1, 1)
    middle = torch.tensor([WIDTH / 2, HEIGHT / 2, 0.0])
    cameras = Cameras(
        matrix=rotation * scale[:, None, None],
        translation=middle - (low + high) / 2 * scale[:, None],
        focal_px=torch.zeros(BODIES),
        center_px=torch.zeros(BODIES, 2),
        rotation=rotation,
        cull=torch.ones(BODIES, dtype=torch.int32),
    )
    each = torch.arange(BODIES, dtype=torch.int32)
    return project(bodies, cameras, each, each, torch.zeros(BODIES, dtype=torch.int32))


def measure(work: Callable[[], None], prepare: Callable[[], None]) -> str:
    """Times `work` on the batch; `prepare` runs before each repeat, untimed."""
    samples = []
    for repeat in range(REPEATS + 3):
        prepare()
        begin = time.perf_counter()
        work()
        if repeat >= 3:
            samples.append((time.perf_counter() - begin) * 1000 / BODIES)
    return f"{statistics.median(samples):7.3f} ms a body   ({min(samples):.3f} to {max(samples):.3f})"


def main() -> None:
    bodies = pose_bodies()
    draws = draw_bodies(bodies)
    sizes = torch.tensor([[WIDTH, HEIGHT]] * BODIES, dtype=torch.int32)
    visibility = allocate_visibility(draws, sizes, torch.zeros(BODIES, dtype=torch.int32))
    charts = read_charts(DEMO_BODY.with_name("demo_charts.mat"), bodies.faces, bodies.verts.shape[1])
    people = People(instance=torch.ones(BODIES, dtype=torch.int32), row=draws.body)
    scene = make_scene(bodies, charts, draws, people, BODIES)
    sheet_bytes = WIDTH * HEIGHT * 3
    canvas = Canvas(
        pixels=torch.zeros(BODIES * sheet_bytes, dtype=torch.uint8),
        channels=3,
        panel_size=sizes,
        panel_start=torch.arange(BODIES) * sheet_bytes,
        panel_stride=torch.full((BODIES,), WIDTH * 3, dtype=torch.int32),
    )
    everything = range(BODIES)

    def clear() -> None:
        visibility.keys.fill_(Visibility.EMPTY)

    raster = measure(lambda: rasterize(draws, visibility, everything), clear)
    covered = int((visibility.keys != Visibility.EMPTY).sum()) // BODIES
    print(
        f"{covered} visible pixels a body, {WIDTH}x{HEIGHT}, {BODIES} bodies, one core, {platform.machine()}"
    )
    print(f"rasterize          {raster}")
    for mode in MODES:
        shaded = measure(
            lambda mode=mode: resolve(mode, 1.0, scene, visibility, canvas, everything), lambda: None
        )
        print(f"resolve {mode:10s} {shaded}")


if __name__ == "__main__":
    main()
