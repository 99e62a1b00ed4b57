"""What smooth edges cost: python -m benchmarks.edges

Runs of the overlay job on photos of COCO's entropy, from files to JPEGs, with hard and with smooth edges in
turns, and the ratio of neighbours. In one process: what is done once a process is not in the times.
"""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path

from benchmarks.coco_like import CocoLike, make_coco_like
from benchmarks.end_to_end import SHEET_BYTES, overlay_settings
from benchmarks.results import print_table, show_spread, spread, write_json
from benchmarks.workspace import open_workspace
from render.config.load import load_config
from render.run.render_dataset import render_dataset

SHEETS, REPEATS, WARM_UPS = 120, 12, 2
EDGES = ("hard", "smooth")


def time_run(data: CocoLike, folder: Path, sheets: int, threads: int, device: str, edges: str) -> float:
    """Milliseconds a sheet of one run."""
    output_dir = folder / "sheets"
    shutil.rmtree(output_dir, ignore_errors=True)
    words = [f"threads={threads}", f"device={device}", f"edges={edges}", "output=jpg"]
    config = load_config(overlay_settings(data, output_dir, *words))
    began = time.perf_counter()
    report = render_dataset(config)
    spent = time.perf_counter() - began
    if report.rendered != sheets:
        raise SystemExit(f"{report.rendered} sheets of {sheets} were drawn")
    return 1000 * spent / sheets


def main() -> None:
    """Measures, prints a table and writes a JSON file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sheets", type=int, default=SHEETS)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    times: dict[str, list[float]] = {edges: [] for edges in EDGES}
    with open_workspace(given.sheets * SHEET_BYTES) as folder:
        data = make_coco_like(folder / "data", given.sheets)
        for _ in range(given.repeats + WARM_UPS):
            for edges in EDGES:
                times[edges].append(
                    time_run(data, folder, given.sheets, given.threads, given.device, edges)
                )
    hard, smooth = (times[edges][WARM_UPS:] for edges in EDGES)
    ratios = [b / a for a, b in zip(hard, smooth, strict=True)]
    found = {"hard_ms": spread(hard), "smooth_ms": spread(smooth), "ratio": spread(ratios)}
    print_table(["edges", "ms a sheet"], [[name, show_spread(value)] for name, value in found.items()])
    write_json("edges", {"sheets": given.sheets, "threads": given.threads, "device": given.device, **found})


if __name__ == "__main__":
    main()
