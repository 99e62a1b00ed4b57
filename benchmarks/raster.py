"""Milliseconds a body for rasterizing and for resolving, apart: python -m benchmarks.raster

The demo body in its rest pose, arms out, from the front without perspective: upright, 467 px tall in a panel
of 480 px, and as large a share of panels of other heights. On the CPU one core draws, in chunks as
`render.library.renderer` has them for the device. Posing, projecting and what is done once a batch are not in
the times. With --peers our rasterizer is measured beside PyTorch3D instead: `benchmarks.peers.rasterizers`.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

from benchmarks.coco_like import DEMO_BODY
from benchmarks.peers.rasterizers import BUDGET_S, compare_rasterizers
from benchmarks.rest_pose import LARGE, PHOTO, SMALL, RestPose, now
from benchmarks.results import print_table, show_spread, spread, write_json
from render.body.charts import read_charts
from render.body.family.body import FamilyBody
from render.body.models.smpl import open_body
from render.compute.device import describe_device, open_device
from render.compute.memory import plan_memory
from render.compute.threads import one_thread_each
from render.config.values import MAX_BATCH
from render.errors import RenderError
from render.run.batches import BodyCost
from render.shade.mode import MODES
from render.shade.resolve import Layer
from render.types.buffer import Visibility

REPEATS, WARM_UPS = 30, 3
# So many that a GPU is busy, so few that the largest panels fit on small ones.
BATCH = {"cpu": 16, "cuda": 256}
BATCHES = {"cpu": (1, 16, 64), "cuda": (1, 16, 64, 256, 1024, 4096)}


def count_most(body: FamilyBody, size_px: tuple[int, int]) -> int:
    """How many bodies a batch may have: as many as take what runs may take of the device's memory."""
    plan = plan_memory(body.device, threads=1, batch=MAX_BATCH)
    cost = BodyCost(body.vert_count, len(body.faces))
    taken = 3 * size_px[0] * size_px[1] + cost.body_bytes + cost.placement_bytes
    return plan.capacity_bytes // taken


def measure(posed: RestPose, mode: str, repeats: int) -> dict:
    """Visible pixels a body, and spreads of ms a body, apart, and of bodies/s, together."""
    rasterize = posed.rasterizer.open(False, posed.keys)
    of_section = [
        posed.resolver.open(Layer(0, mode), False, posed.keys, section=section)
        for section in range(posed.sections[-1] + 1)
    ]
    work = [(chunk, of_section[section]) for chunk, section in zip(posed.chunks, posed.sections, strict=True)]
    visible = 0
    for chunk, resolve in work:
        rasterize(chunk)
        visible += int((posed.keys != Visibility.EMPTY).sum())
        resolve(chunk)
    raster_ms, resolve_ms, bodies_per_s = [], [], []
    for _ in range(repeats + WARM_UPS):
        # Resolving empties the keys, as rasterizing is to find them: each prepares the other, and both
        # find in the cache what they find there in a run.
        at = [now(posed.device)]
        for chunk, resolve in work:
            rasterize(chunk)
            at.append(now(posed.device))
            resolve(chunk)
            at.append(now(posed.device))
        spent = np.diff(at) * 1000 / posed.count
        raster_ms.append(float(spent[0::2].sum()))
        resolve_ms.append(float(spent[1::2].sum()))
        # Once more, without a stop of the GPU after each.
        began = now(posed.device)
        for chunk, resolve in work:
            rasterize(chunk)
            resolve(chunk)
        bodies_per_s.append(posed.count / (now(posed.device) - began))
    return {
        "mode": mode,
        "panel_px": posed.size_px,
        "bodies": posed.count,
        "visible_px_per_body": visible / posed.count,
        "raster_ms_per_body": spread(raster_ms[WARM_UPS:]),
        "resolve_ms_per_body": spread(resolve_ms[WARM_UPS:]),
        "bodies_per_s": spread(bodies_per_s[WARM_UPS:]),
    }


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
    parser.add_argument(
        "--peers",
        action="store_true",
        help="measure our rasterizer beside PyTorch3D, which must be installed; minutes on the CPU",
    )
    parser.add_argument(
        "--repeats",
        type=int,
        default=REPEATS,
        help=f"default %(default)s; with --peers at most so many, fewer where a case takes {BUDGET_S} s",
    )
    parser.add_argument(
        "--device",
        default="auto",
        help="auto, cpu, cuda or cuda:N; auto is the first GPU or else the CPU, with --peers the CPU and all "
        "GPUs",
    )
    options = parser.parse_args()
    if options.peers:
        try:
            compare_rasterizers(options.device, options.repeats)
        except RenderError as error:
            sys.exit(str(error))
        return
    device = open_device(options.device)
    body = open_body(DEMO_BODY, "demo", device)
    charts = read_charts(DEMO_BODY.with_name("demo_charts.mat"), body.faces, len(body.v_template))

    def measure_all(count: int, size_px: tuple[int, int], modes: tuple[str, ...] = ("geo",)) -> list[dict]:
        posed = RestPose(body, charts, count, size_px)
        return [measure(posed, mode, options.repeats) for mode in modes]

    results, usual = {}, BATCH[device.type]
    with one_thread_each():
        results["sizes"] = [case for size_px in (PHOTO, SMALL, LARGE) for case in measure_all(usual, size_px)]
        show(f"by size, {describe_device(device)}", results["sizes"])
        results["modes"] = measure_all(usual, PHOTO, MODES)
        show("by mode", results["modes"])
        results["batches"] = [
            case
            for size_px in (SMALL, PHOTO)
            for count in BATCHES[device.type]
            if count <= count_most(body, size_px)
            for case in measure_all(count, size_px)
        ]
        show("by batch", results["batches"])
    print(f"\n{write_json('raster', {'device': describe_device(device), **results})}")


if __name__ == "__main__":
    main()
