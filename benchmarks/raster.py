"""Milliseconds a body for rasterizing and for resolving, apart: python -m benchmarks.raster

The demo body in its rest pose, arms out, from the front without perspective: upright, 467 px tall in a panel
of 480 px, and as large a share of panels of other heights. On the CPU one core draws, in chunks as
`render.draw` has them for the device. Posing, projecting and what is done once a batch are not in the times.
"""

from __future__ import annotations

import argparse
from time import perf_counter

import numpy as np
import torch

from benchmarks.coco_like import DEMO_BODY
from benchmarks.results import print_table, show_spread, spread, write_json
from render.body.charts import read_charts
from render.body.smpl import SmplBody
from render.device import describe_device, one_thread_each, open_device, upload
from render.draw import LARGE_CHUNK, SMALL_CHUNK
from render.project import project
from render.rasterize.layout import PanelRows, lay_out
from render.rasterize.warp import Rasterizer
from render.resolve import Resolver
from render.scene import view_scene
from render.shade import MODES
from render.types import Bodies, Cameras, Canvas, Charts, Draws, People, Visibility

REPEATS, WARM_UPS = 30, 3
HEIGHT_SHARE = 467 / 480
SMALL, PHOTO, LARGE = (224, 224), (640, 480), (1920, 1080)
# So many that a GPU is busy, so few that the largest panels are no more bytes than kernels count in 32 bits.
BATCH = {"cpu": 16, "cuda": 256}
BATCHES = {"cpu": (1, 16, 64), "cuda": (1, 16, 64, 1024, 4096)}
MOST_CANVAS_BYTES = 2**31


class RestPose:
    """Copies of the demo body, each in the middle of a panel of its own.

    count: how many. size_px: width and height of a panel.
    """

    def __init__(self, body: SmplBody, charts: Charts, count: int, size_px: tuple[int, int]) -> None:
        device, kind = body.device, body.device.type
        self._device, self._count, self._size_px = device, count, size_px
        pose = torch.eye(3).repeat(count, 24, 1, 1)
        # The model is y up, pictures are y down.
        pose[:, 0] = torch.diag(torch.tensor([1.0, -1.0, -1.0]))
        bodies = body.pose(pose, torch.zeros(count, 10))
        draws = _draw_upright(bodies, size_px)
        panel = np.arange(count, dtype=np.int32)
        rows = PanelRows(np.tile(size_px, (count, 1)), np.zeros(count, np.int32), panel, len(draws.faces))
        layout = lay_out(draws, rows)
        scene = view_scene(bodies, charts, draws, People(torch.ones_like(draws.body), draws.body))
        self._rasterizer = Rasterizer(draws, layout)
        self._resolver = Resolver(scene, layout, _make_canvas(count, size_px, device), 1.0)
        self._chunks = list(rows.split(range(count), SMALL_CHUNK[kind], LARGE_CHUNK[kind]))
        most = max(len(chunk.samples) for chunk in self._chunks)
        self._keys = torch.full((most,), Visibility.EMPTY, dtype=torch.int64, device=device)

    def measure(self, mode: str, repeats: int) -> dict:
        """Visible pixels a body, and spreads of ms a body, apart, and of bodies/s, together."""
        rasterize = self._rasterizer.open(False, self._keys)
        resolve = self._resolver.open(mode, False, self._keys)
        visible = 0
        for chunk in self._chunks:
            rasterize(chunk)
            visible += int((self._keys != Visibility.EMPTY).sum())
            resolve(chunk)
        raster_ms, resolve_ms, bodies_per_s = [], [], []
        for _ in range(repeats + WARM_UPS):
            # Resolving empties the keys, as rasterizing is to find them: each prepares the other, and both
            # find in the cache what they find there in a run.
            at = [self._now()]
            for chunk in self._chunks:
                rasterize(chunk)
                at.append(self._now())
                resolve(chunk)
                at.append(self._now())
            spent = np.diff(at) * 1000 / self._count
            raster_ms.append(float(spent[0::2].sum()))
            resolve_ms.append(float(spent[1::2].sum()))
            # Once more, without a stop of the GPU after each.
            began = self._now()
            for chunk in self._chunks:
                rasterize(chunk)
                resolve(chunk)
            bodies_per_s.append(self._count / (self._now() - began))
        return {
            "mode": mode,
            "panel_px": self._size_px,
            "bodies": self._count,
            "visible_px_per_body": visible / self._count,
            "raster_ms_per_body": spread(raster_ms[WARM_UPS:]),
            "resolve_ms_per_body": spread(resolve_ms[WARM_UPS:]),
            "bodies_per_s": spread(bodies_per_s[WARM_UPS:]),
        }

    def _now(self) -> float:
        """Seconds, when all that was queued is done."""
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        return perf_counter()


def _draw_upright(bodies: Bodies, size_px: tuple[int, int]) -> Draws:
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
    )
    each = torch.arange(count, dtype=torch.int32, device=device)
    return project(bodies, cameras, each, each, torch.zeros_like(each))


def _make_canvas(count: int, size_px: tuple[int, int], device: torch.device) -> Canvas:
    sheet_bytes = 3 * size_px[0] * size_px[1]
    # NumPy asks the system for large pages, as the program's buffers have them; torch does not.
    pixels = np.empty(count * sheet_bytes, np.uint8)
    pixels.fill(0)
    return Canvas(
        pixels=torch.from_numpy(pixels).to(device),
        channels=3,
        panel_start=upload(sheet_bytes * np.arange(count, dtype=np.int64), device),
        panel_stride=upload(np.full(count, 3 * size_px[0], np.int32), device),
    )


def show(title: str, cases: list[dict]) -> None:
    """Prints measured cases as a table."""
    headers = ["mode", "panel", "bodies", "visible px", "raster, ms a body", "resolve, ms a body"]
    rows = [
        [
            case["mode"],
            "{}x{}".format(*case["panel_px"]),
            str(case["bodies"]),
            f"{case['visible_px_per_body']:.0f}",
            show_spread(case["raster_ms_per_body"], 4),
            show_spread(case["resolve_ms_per_body"], 4),
            show_spread(case["bodies_per_s"], 0),
        ]
        for case in cases
    ]
    print_table(title, [*headers, "both, bodies/s"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()
    device = open_device(options.device)
    body = SmplBody(DEMO_BODY, "demo", device)
    charts = read_charts(DEMO_BODY.with_name("demo_charts.mat"), body.faces, len(body.v_template))

    def measure(count: int, size_px: tuple[int, int], modes: tuple[str, ...] = ("geo",)) -> list[dict]:
        posed = RestPose(body, charts, count, size_px)
        return [posed.measure(mode, options.repeats) for mode in modes]

    results, usual = {}, BATCH[device.type]
    with one_thread_each():
        results["sizes"] = [case for size_px in (PHOTO, SMALL, LARGE) for case in measure(usual, size_px)]
        show(f"by size, {describe_device(device)}", results["sizes"])
        results["modes"] = measure(usual, PHOTO, MODES)
        show("by mode", results["modes"])
        results["batches"] = [
            case
            for size_px in (SMALL, PHOTO)
            for count in BATCHES[device.type]
            if 3 * count * size_px[0] * size_px[1] < MOST_CANVAS_BYTES
            for case in measure(count, size_px)
        ]
        show("by batch", results["batches"])
    print(f"\n{write_json('raster', {'device': describe_device(device), **results})}")


if __name__ == "__main__":
    main()
