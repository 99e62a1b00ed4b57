"""What the studio's light costs, and how near it is to rays: python -m benchmarks.studio

People of the demo set, one after the other on one thread. Times are processor time, which a machine that has
other work too disturbs least, and cases take turns. Pictures are from fits to pixels, a person on each,
without photos or files. The light of all around, by depth maps, is compared with rays of this benchmark's own
from each vertex; vertices count by their share of a body's surface.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
import warp as wp

from benchmarks.results import print_table, show_spread, spread, write_json
from benchmarks.workspace import open_workspace
from render.body.fit_bodies import FitBodies
from render.body.models.smpl import open_body
from render.compute.kernels import MODULE_OPTIONS, launch
from render.compute.steps import run_steps
from render.compute.threads import one_thread_each
from render.demo.dataset import make_demo_dataset
from render.fits.read import read_fits
from render.library.renderer import BatchRenderer
from render.light.depth_maps import DepthMapper, sum_boundary
from render.light.directions import SPHERE_COUNT, spread_over_sphere
from render.light.placed_bodies import place_bodies
from render.resources import DEMO_BODY_FILE
from render.sheet.canvas import sheet_starts
from render.sheet.framing import make_batch
from render.sheet.layout import lay_out_sheet
from render.sheet.lighting import bake
from render.sheet.panels import parse_panel
from render.types.bodies import Bodies
from render.types.fits import Fits

wp.set_module_options(MODULE_OPTIONS)

CPU = torch.device("cpu")
PEOPLE, REPEATS, WARM_UPS = 6, 8, 1
# A photo of the demo set shows two people and more where it is one of three.
PEOPLE_A_PHOTO = 1.5
MODES = ("geo", "clay", "studio")
SIZES_HW = ((480, 640), (2048, 2048))
RAYS = 512
# From where rays start, off the surface; as near as a path tracer's.
START_M = 0.001


@wp.kernel
def count_open(
    mesh: wp.uint64,
    verts: wp.array(dtype=wp.vec3f),
    normals: wp.array(dtype=wp.vec3f),
    ways: wp.array(dtype=wp.vec3f),
    open: wp.array(dtype=wp.float32),
):
    vertex = wp.tid()
    left, whole = wp.float32(0.0), wp.float32(0.0)
    for i in range(ways.shape[0]):
        lean = wp.dot(normals[vertex], ways[i])
        if lean > 0.0:
            whole += lean
            start = verts[vertex] + START_M * normals[vertex]
            if not wp.mesh_query_ray_anyhit(mesh, start, ways[i], 100.0):
                left += lean
    open[vertex] = left / whole


def place(bodies: Bodies, person: int) -> dict[str, Any]:
    """A person alone, in metres and without a ground, as `bake_ambient` takes it."""
    wide, none = torch.float64, torch.zeros(1, dtype=torch.int32)
    eye, one = torch.eye(3, dtype=wide)[None], torch.ones(1, dtype=wide)
    own = bodies.verts[person : person + 1].contiguous()
    return {
        "bodies": place_bodies(own, eye, torch.zeros(1, 3, dtype=wide), one),
        "normals": bodies.normals[person : person + 1].contiguous(),
        "faces": bodies.faces,
        "boundary": sum_boundary(bodies.faces),
        "first": none,
        "end": none + 1,
        "most_people": 1,
        "ground_m": torch.full((1,), torch.nan, dtype=wide),
    }


def compare_with_rays(placed: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """How far the light of all around is off at each vertex, and the vertex's share of the surface."""
    verts, normals, faces = placed["bodies"].verts[0], placed["normals"][0], placed["faces"]
    found = bake.bake_ambient(**placed)[0].sum(1)
    mesh = wp.Mesh(wp.from_torch(verts.clone(), dtype=wp.vec3f), wp.from_torch(faces.reshape(-1).clone()))
    ways = torch.from_numpy(spread_over_sphere(2 * RAYS)).float()
    expected = torch.empty(len(verts))
    launch(count_open, len(verts), [mesh.id, verts, normals, ways, expected], CPU)
    corners = verts[faces.long()]
    area = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]).norm(dim=1)
    share = torch.zeros(len(verts)).index_add_(0, faces.reshape(-1).long(), area.repeat_interleave(3))
    return (found - expected).numpy(), (share / share.sum()).numpy()


def measure_error(bodies: Bodies) -> dict[str, float]:
    """Mean and 95th percentile of the error over the surfaces of all people."""
    pairs = [compare_with_rays(place(bodies, person)) for person in range(len(bodies.verts))]
    error, share = (np.concatenate(one) for one in zip(*pairs, strict=True))
    order = np.argsort(np.abs(error))
    passed = np.cumsum(share[order]) / share.sum()
    return {
        "mean": float((np.abs(error) * share).sum() / share.sum()),
        "p95": float(np.abs(error)[order][np.searchsorted(passed, 0.95)]),
        "bias": float((error * share).sum() / share.sum()),
    }


def measure_body(bodies: Bodies, repeats: int) -> dict[str, list[float]]:
    """Milliseconds a body for the maps of all around, for looking points up in them, and for all of it."""
    spent: Counter[str] = Counter()
    draw, gather = DepthMapper.draw, bake.gather
    DepthMapper.draw = lambda *given: _count(spent, "maps", draw, *given)
    bake.gather = lambda *given: _count(spent, "look-ups", gather, *given)
    found: dict[str, list[float]] = {name: [] for name in ("maps", "look-ups", "all")}
    try:
        for i in range(repeats + WARM_UPS):
            spent.clear()
            for person in range(len(bodies.verts)):
                placed = place(bodies, person)
                _count(spent, "all", lambda placed=placed: bake.bake_ambient(**placed))
            for name in found if i >= WARM_UPS else ():
                found[name].append(1000 * spent[name] / len(bodies.verts))
    finally:
        DepthMapper.draw, bake.gather = draw, gather
    return found


def _count(spent: Counter[str], stage: str, call: Any, *given: Any) -> Any:
    began = time.thread_time()
    try:
        return call(*given)
    finally:
        spent[stage] += time.thread_time() - began


def measure_pictures(
    renderer: BatchRenderer, fits: Fits, people: int, repeats: int
) -> dict[tuple, list[float]]:
    """Milliseconds a picture by mode and size, in turns."""
    found: dict[tuple, list[float]] = {case: [] for case in product(MODES, SIZES_HW)}
    for i in range(repeats + WARM_UPS):
        for mode, size_hw in found:
            specs = (parse_panel(f"camera/{mode}", "black"),)
            spent = 0.0
            for person in range(people):
                sheet = lay_out_sheet("a", None, size_hw, specs, (person,), columns=1)
                batch = make_batch(fits, [sheet])
                pixels = torch.zeros(sheet_starts(batch.sheets, 3)[-1], dtype=torch.uint8)
                began = time.thread_time()
                run_steps(renderer.draw(batch, pixels, renderer.open_queue()))
                spent += time.thread_time() - began
            if i >= WARM_UPS:
                found[mode, size_hw].append(1000 * spent / people)
    return found


def main() -> None:
    """Measures, prints tables and writes a JSON file."""
    parser = argparse.ArgumentParser(description="What the studio's light costs, and how near it is to rays.")
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    given = parser.parse_args()
    load = os.getloadavg()[0]
    with open_workspace(1 << 28) as folder, one_thread_each():
        body = open_body(Path(DEMO_BODY_FILE), "demo", CPU)
        fit_file = make_demo_dataset(folder / "set", round(given.people / PEOPLE_A_PHOTO), 0, body)
        fits, _ = read_fits("eft", fit_file)
        poses = fits.sources[0].bodies
        rows = np.arange(min(given.people, len(fits)))
        bodies = body.pose(*(torch.from_numpy(one[fits.place[rows]]) for one in (poses.rotmat, poses.betas)))
        costs = measure_body(bodies, given.repeats)
        error = measure_error(bodies)
        pictures = measure_pictures(BatchRenderer(FitBodies((body,))), fits, len(rows), given.repeats)
    title = f"The light of all around at the vertices of a body, {SPHERE_COUNT} directions, one thread"
    print_table(title, ["", "ms"], [[name, show_spread(spread(runs), 1)] for name, runs in costs.items()])
    print_table(
        f"Its error, of {RAYS} rays a vertex and of 1",
        ["", "share"],
        [[k, f"{v:.4f}"] for k, v in error.items()],
    )
    print_table(
        "A picture of one person, one thread",
        ["mode", *(f"{w}x{h} ms" for h, w in SIZES_HW)],
        [[mode, *(show_spread(spread(pictures[mode, size]), 1) for size in SIZES_HW)] for mode in MODES],
    )
    path = write_json(
        "studio",
        {
            "people": len(rows),
            "load_before": load,
            "directions": SPHERE_COUNT,
            "body_ms": {name: spread(runs) for name, runs in costs.items()},
            "error": error | {"rays": RAYS},
            "picture_ms": {
                f"{mode} {w}x{h}": spread(pictures[mode, (h, w)]) for mode, (h, w) in product(MODES, SIZES_HW)
            },
            "studio_over_geo": {
                f"{w}x{h}": statistics.median(pictures["studio", (h, w)])
                / statistics.median(pictures["geo", (h, w)])
                for h, w in SIZES_HW
            },
        },
    )
    print(f"\nwritten to {path}")


if __name__ == "__main__":
    main()
