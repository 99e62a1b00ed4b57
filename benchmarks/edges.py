"""What smooth edges cost: python -m benchmarks.edges

Runs of the overlay job on the demo fits, from files to JPEGs, with hard and with smooth edges in turns, and
the ratio of neighbours. All are in one process, so that what is done once a process is in none of the times.
"""

from __future__ import annotations

import argparse
import shutil
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
EDGES = ("hard", "smooth")


def time_run(fit_file: Path, output_dir: Path, threads: int, device: str, edges: str) -> float:
    """Milliseconds a sheet of one run."""
    shutil.rmtree(output_dir, ignore_errors=True)
    settings = [
        "dataset=eft",
        f"dataset.fit_file={fit_file}",
        f"dataset.image_dir={fit_file.parent / 'images'}",
        "body=demo",
        "output=jpg",
        f"output.dir={output_dir}",
        f"threads={threads}",
        f"device={device}",
        f"edges={edges}",
    ]
    found = render(settings)
    return 1000 * found["seconds"] / found["pictures"]


def main() -> None:
    """Measures, prints a table and writes a JSON file."""
    parser = argparse.ArgumentParser(description="What smooth edges cost.")
    parser.add_argument("--photos", type=int, default=PHOTOS)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    times: dict[str, list[float]] = {edges: [] for edges in EDGES}
    with open_workspace(2 * given.photos * SHEET_BYTES) as folder:
        body = open_body(DEMO_BODY, "demo", torch.device("cpu"))
        fit_file = make_demo_dataset(folder / "set", given.photos, 0, body)
        for _ in range(given.repeats + WARM_UPS):
            for edges in EDGES:
                times[edges].append(time_run(fit_file, folder / "sheets", given.threads, given.device, edges))
    hard, smooth = (times[edges][WARM_UPS:] for edges in EDGES)
    ratios = [after / before for before, after in zip(hard, smooth, strict=True)]
    rows = [
        ["hard, ms a sheet", show_spread(spread(hard))],
        ["smooth, ms a sheet", show_spread(spread(smooth))],
        ["ratio of neighbours", show_spread(spread(ratios))],
    ]
    print_table("Overlay job, from files to JPEGs", ["edges", "median (least to greatest)"], rows)
    path = write_json(
        "edges",
        {
            "device": given.device,
            "threads": given.threads,
            "photos": given.photos,
            "hard_ms": spread(hard),
            "smooth_ms": spread(smooth),
            "ratio": spread(ratios),
        },
    )
    print(f"\nwritten to {path}")


if __name__ == "__main__":
    main()
