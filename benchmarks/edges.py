"""What smooth edges cost: python -m benchmarks.edges

Runs of the overlay job on the demo fits, from files to JPEGs, with hard and with smooth edges in turns, and
the ratio of neighbours, for each preset. All are in one process, so that what is done once a process is in none of the times.
Processor time is what a machine that has other work too disturbs least.
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
from pathlib import Path

import torch

from benchmarks.child import render
from benchmarks.coco_like import DEMO_BODY
from benchmarks.end_to_end import SHEET_BYTES
from benchmarks.results import print_table, show_spread, spread, write_json
from benchmarks.workspace import open_workspace
from render.body.models.smpl import open_body
from render.demo.dataset import make_demo_dataset

PHOTOS, REPEATS, WARM_UPS = 48, 12, 2
PRESETS = ("default", "eft")
EDGES = ("hard", "smooth")


def time_run(
    fit_file: Path, output_dir: Path, threads: int, device: str, settings: list[str]
) -> tuple[float, float]:
    """Milliseconds a sheet of one run: how long it took, and processor time."""
    shutil.rmtree(output_dir, ignore_errors=True)
    began = time.process_time()
    found = render(
        [
            "dataset=eft",
            f"dataset.fit_file={fit_file}",
            f"dataset.image_dir={fit_file.parent / 'images'}",
            "body=demo",
            "output=jpg",
            f"output.dir={output_dir}",
            f"threads={threads}",
            f"device={device}",
            *settings,
        ]
    )
    spent = time.process_time() - began
    return 1000 * found["seconds"] / found["pictures"], 1000 * spent / found["pictures"]


def compare(fit_file: Path, output_dir: Path, given: argparse.Namespace, preset: str) -> dict:
    """Times of hard and smooth edges, and the ratio of neighbours, under a preset."""
    times: dict[str, list[tuple[float, float]]] = {edges: [] for edges in EDGES}
    for _ in range(given.repeats + WARM_UPS):
        for edges in EDGES:
            settings = [f"preset={preset}", f"edges={edges}"]
            times[edges].append(time_run(fit_file, output_dir, given.threads, given.device, settings))
    found = {}
    for i, kind in enumerate(("wall", "processor")):
        hard, smooth = ([run[i] for run in times[edges][WARM_UPS:]] for edges in EDGES)
        found[f"{kind}_hard_ms"] = spread(hard)
        found[f"{kind}_smooth_ms"] = spread(smooth)
        found[f"{kind}_ratio"] = spread([after / before for before, after in zip(hard, smooth, strict=True)])
    return found


def main() -> None:
    """Measures, prints a table and writes a JSON file."""
    parser = argparse.ArgumentParser(description="What smooth edges cost.")
    parser.add_argument("--photos", type=int, default=PHOTOS)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    with open_workspace(2 * given.photos * SHEET_BYTES) as folder:
        body = open_body(DEMO_BODY, "demo", torch.device("cpu"))
        fit_file = make_demo_dataset(folder / "set", given.photos, 0, body)
        found = {preset: compare(fit_file, folder / "sheets", given, preset) for preset in PRESETS}
    rows = [
        [f"{preset}, {name}", show_spread(value)]
        for preset in PRESETS
        for name, value in found[preset].items()
    ]
    print_table("Overlay job, from files to JPEGs", ["a sheet", "median (least to greatest)"], rows)
    path = write_json(
        "edges",
        {
            "device": given.device,
            "threads": given.threads,
            "photos": given.photos,
            "load_before": load,
            "presets": found,
        },
    )
    print(f"\nwritten to {path}")


if __name__ == "__main__":
    main()
