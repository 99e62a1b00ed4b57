"""What more layers of a view cost: python -m benchmarks.layers [OTHER CHECKOUT]

People of the demo set, each on a sheet of 640x480, are drawn as `camera/geo` alone and with three labels
more, with hard and with smooth edges: from fits to pixels, without photos, annotations or files. All sheets
are one batch, and one thread draws it. Times are processor time, which a machine that has other work too
disturbs least, and cases take turns. Another checkout is measured by its own `.venv` in the same turns.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import product
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[1]
PANELS = {
    "geo": ["camera/geo"],
    "geo and labels": ["camera/geo", "camera/iuv", "camera/mask", "camera/depth"],
}
EDGES = ("hard", "smooth")
SIZE_HW = (480, 640)
# What finds edge pixels and fills their samples counts as rasterizing.
STAGES = ("pose, project", "raster", "shade")
PEOPLE, REPEATS, WARM_UPS = 20, 25, 2
# A photo of the demo set shows two people and more where it is one of three.
PEOPLE_A_PHOTO = 1.5
Draw = Callable[[str, str], dict[str, float]]


@contextmanager
def open_drawing(fit_file: Path, people: int) -> Iterator[Draw]:
    """What draws the people once and gives seconds a sheet of each stage, in this process."""
    import torch

    from render.body.charts import read_charts
    from render.body.fit_bodies import FitBodies
    from render.body.models.smpl import open_body
    from render.compute.threads import one_thread_each
    from render.fits.read import read_fits
    from render.library.renderer import BatchRenderer
    from render.library.style import Style
    from render.rasterize.backends import warp
    from render.rasterize.edge_pixels.edge_pixels import Slots
    from render.resources import DEMO_BODY_FILE
    from render.sheet.canvas import sheet_starts
    from render.sheet.framing import make_batch
    from render.sheet.layout import lay_out_sheet
    from render.sheet.panels import parse_panel

    spent: Counter[str] = Counter()
    fill_slots = Slots.fill

    class Timed(warp.Rasterizer):
        def open(self, is_supersampled: bool, keys: torch.Tensor) -> Callable[[Any], None]:
            fill = super().open(is_supersampled, keys)
            return lambda chunk: _count(spent, "raster", fill, chunk)

    def fill_timed(slots: Slots, chunk: Any) -> Iterator[range]:
        parts = fill_slots(slots, chunk)
        while (part := _count(spent, "raster", next, parts, None)) is not None:
            yield part

    fits, _ = read_fits("eft", fit_file)
    body = open_body(DEMO_BODY_FILE, "demo", torch.device("cpu"))
    charts = read_charts(DEMO_BODY_FILE.with_name("demo_charts.mat"), body.faces, len(body.v_template))
    renderers = {
        edges: BatchRenderer(FitBodies((body,)), Style(edges=edges), charts, rasterizer=Timed)
        for edges in EDGES
    }
    batches = {}
    for name, panels in PANELS.items():
        specs = tuple(parse_panel(panel, "black") for panel in panels)
        batches[name] = make_batch(
            fits, [lay_out_sheet(str(i), None, SIZE_HW, specs, (i,), columns=9) for i in range(people)]
        )

    def draw(name: str, edges: str) -> dict[str, float]:
        batch, renderer = batches[name], renderers[edges]
        pixels = torch.zeros(sheet_starts(batch.sheets, 3)[-1], dtype=torch.uint8)
        spent.clear()
        steps, results = renderer.draw(batch, pixels, renderer.open_queue()), None
        while True:
            try:
                # A step that is asked for is first prepared.
                step = _count(spent, "pose, project", steps.send, results)
            except StopIteration:
                break
            results = [_count(spent, step.stage, task) for task in step.tasks]
        raster, drawn = spent["raster"], spent.pop("draw")
        found = {"raster": raster, "shade": drawn - raster}
        found["pose, project"] = sum(spent.values()) - raster
        return {stage: found[stage] / people for stage in STAGES}

    with one_thread_each():
        Slots.fill = fill_timed
        try:
            yield draw
        finally:
            Slots.fill = fill_slots


def _count(spent: Counter[str], stage: str, call: Callable, *given: Any) -> Any:
    began = time.thread_time()
    try:
        return call(*given)
    finally:
        spent[stage] += time.thread_time() - began


def serve(fit_file: Path, people: int) -> None:
    """Draws what each line of the input asks for, and answers with a line."""
    with open_drawing(fit_file, people) as draw:
        for line in sys.stdin:
            print(json.dumps(draw(*json.loads(line))), flush=True)


@contextmanager
def open_checkout(checkout: Path, fit_file: Path, people: int) -> Iterator[Draw]:
    """As `open_drawing`, by a process of another checkout, or of this one beside it."""
    words = [checkout.absolute() / ".venv/bin/python", __file__, "--serve", fit_file, "--people", str(people)]
    # What is imported is the checkout's, and this file is ours.
    environment = os.environ | {"PYTHONPATH": str(checkout.absolute())}
    with subprocess.Popen(
        words, cwd=checkout, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        stdin, stdout = child.stdin, child.stdout

        def draw(name: str, edges: str) -> dict[str, float]:
            stdin.write(json.dumps([name, edges]) + "\n")
            stdin.flush()
            line = stdout.readline()
            if not line:
                raise RuntimeError(f"{checkout}: the process that draws has ended with {child.wait()}")
            return json.loads(line)

        yield draw
        stdin.close()


def measure(drawings: dict[str, Draw], repeats: int) -> dict[tuple[str, str, str], list[dict[str, float]]]:
    """Seconds a sheet by checkout, edges and panels, in turns."""
    cases = list(product(drawings, EDGES, PANELS))
    found: dict[tuple[str, str, str], list[dict[str, float]]] = {case: [] for case in cases}
    for i in range(repeats + WARM_UPS):
        for checkout, edges, name in cases:
            times = drawings[checkout](name, edges)
            if i >= WARM_UPS:
                found[checkout, edges, name].append(times)
    return found


def main() -> None:
    """Measures, prints a table and writes a JSON file."""
    parser = argparse.ArgumentParser(description="What more layers of a view cost.")
    parser.add_argument("checkout", type=Path, nargs="?", help="another one to compare with")
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve is not None:
        serve(given.serve, given.people)
        return
    import torch

    from benchmarks.results import print_table, spread, write_json
    from benchmarks.workspace import open_workspace
    from render.body.models.smpl import open_body
    from render.demo.dataset import make_demo_dataset
    from render.resources import DEMO_BODY_FILE

    load = os.getloadavg()[0]
    checkouts = {"this": REPOSITORY} | ({"other": given.checkout} if given.checkout else {})
    with open_workspace(1 << 28) as folder, ExitStack() as stack:
        body = open_body(DEMO_BODY_FILE, "demo", torch.device("cpu"))
        fit_file = make_demo_dataset(folder / "set", round(given.people / PEOPLE_A_PHOTO), 0, body)
        drawings = {
            name: stack.enter_context(open_checkout(path, fit_file, given.people))
            for name, path in checkouts.items()
        }
        found = measure(drawings, given.repeats)
    rows, cases = [], []
    for (checkout, edges, name), runs in found.items():
        stages = {stage: spread([1000 * run[stage] for run in runs]) for stage in STAGES}
        of_geo = found[checkout, edges, "geo"]
        # Of neighbours, which the machine disturbs alike.
        ratio = [sum(run.values()) / sum(geo.values()) for run, geo in zip(runs, of_geo, strict=True)]
        whole = spread([1000 * sum(run.values()) for run in runs])
        rows.append(
            [
                f"{checkout}, {edges}, {name}",
                *(f"{stages[stage]['median']:.3f}" for stage in STAGES),
                f"{whole['median']:.3f}",
                f"{statistics.median(ratio):.2f}",
            ]
        )
        case = {"checkout": checkout, "edges": edges, "panels": PANELS[name], "stages_ms": stages}
        cases.append(case | {"whole_ms": whole, "ratio_to_geo": spread(ratio)})
    headers = ["checkout, edges, panels", *(f"{stage}, ms" for stage in STAGES), "whole, ms", "of geo"]
    print_table("A sheet of one person, medians", headers, rows)
    path = write_json("layers", {"people": given.people, "load_before": load, "cases": cases})
    print(f"\nwritten to {path}")


if __name__ == "__main__":
    main()
