"""Sheets a second from warm files to files, beside the codecs alone: python -m benchmarks.end_to_end

Overlay and side view of the demo body on 640x480 photos of COCO's entropy, one person an image, sizes as in
COCO; by the default look, and as the viewer of EFT has it. The floor decodes the same photos and encodes the
same sheets with the same codecs on as many threads, draws nothing and writes nothing. Runs and floors take
turns, and the ratio is that of neighbours.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.child import run_child
from benchmarks.coco_like import CocoLike, make_coco_like
from benchmarks.results import REPOSITORY, print_table, show_spread, spread, write_json
from benchmarks.workspace import open_workspace

SHEETS = 3000
REPEATS = 5
# A sheet as a JPEG, with room for its photo and its fit.
SHEET_BYTES = 400_000
STARTS = 3
# Settings by what the results call them.
LOOKS = {"default": [], "eft": ["preset=eft"]}


def overlay_settings(data: CocoLike, output_dir: Path, *more: str) -> list[str]:
    """Overlay and side view of the set, as JPEG."""
    return [
        "dataset=eft",
        f"dataset.fit_file={data.fit_file}",
        f"dataset.image_dir={data.image_dir}",
        "body=demo",
        f"output.dir={output_dir}",
        *more,
    ]


def measure_pair(
    data: CocoLike, folder: Path, sheets: int, threads: int, device: str, look: str
) -> tuple[dict, dict]:
    """One run and one floor after it."""
    output_dir = folder / "sheets"
    shutil.rmtree(output_dir, ignore_errors=True)
    words = [f"threads={threads}", f"device={device}", "executor=threads", *LOOKS[look]]
    settings = overlay_settings(data, output_dir, *words)
    run = run_child("render", settings)
    floor = run_child(
        "floor",
        {
            "image_dir": str(data.image_dir),
            "sheet_dir": str(output_dir),
            "count": sheets,
            "threads": threads,
        },
    )
    return run, floor


def time_starts(folder: Path) -> list[float]:
    """Seconds from the start of the program to the first file, the demo set and the kernels being there."""
    root, output_dir = folder / "demo", folder / "first"
    command = [sys.executable, "-m", "render", f"dataset.root={root}", f"output.dir={output_dir}"]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    seconds = []
    for _ in range(STARTS):
        shutil.rmtree(output_dir)
        started = time.monotonic()
        with subprocess.Popen(
            command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            while not any(output_dir.glob("[!.]*")) and process.poll() is None:
                time.sleep(0.005)
            seconds.append(time.monotonic() - started)
    return seconds


def summarize(pairs: list[tuple[dict, dict]]) -> dict:
    """What runs, each with a floor, have in common."""
    return {
        "run_sheets_per_s": spread([r["pictures"] / r["seconds"] for r, _ in pairs]),
        "floor_sheets_per_s": spread([f["pictures"] / f["seconds"] for _, f in pairs]),
        "ratio": spread([f["seconds"] / r["seconds"] for r, f in pairs]),
        "peak_mb": spread([r["peak_mb"] for r, _ in pairs]),
        "stage_ms_per_sheet": {
            stage: spread([1000 * r["stage_seconds"][stage] / r["pictures"] for r, _ in pairs])
            for stage in pairs[0][0]["stage_seconds"]
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sheets", type=int, default=SHEETS)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    results, rows, stage_rows = {}, [], []
    with open_workspace(options.sheets * SHEET_BYTES) as folder:
        data = make_coco_like(folder / "set", options.sheets)
        print(f"{options.sheets} sheets, photos of {data.photo_bytes / 1000:.0f} kB")
        starts = spread(time_starts(folder))
        for look in LOOKS:
            # The first compiles what kernels are missing.
            measure_pair(data, folder, options.sheets, cores, options.device, look)
            for threads in sorted({1, cores}):
                pairs = [
                    measure_pair(data, folder, options.sheets, threads, options.device, look)
                    for _ in range(options.repeats)
                ]
                found = summarize(pairs)
                results[f"{look}_threads_{threads}"] = found
                rows.append(
                    [
                        look,
                        str(threads),
                        show_spread(found["run_sheets_per_s"], 1),
                        show_spread(found["floor_sheets_per_s"], 1),
                        show_spread(found["ratio"], 3),
                        show_spread(found["peak_mb"], 0),
                    ]
                )
                stages = sorted(found["stage_ms_per_sheet"].items(), key=lambda item: -item[1]["median"])
                stage_rows += [
                    [f"{look}, {threads} thread(s): {stage}", show_spread(value, 3)]
                    for stage, value in stages
                ]
    print_table(
        "overlay + side, 640x480",
        ["look", "threads", "sheets/s", "codec floor, sheets/s", "ratio", "peak MB"],
        rows,
    )
    print_table("time by stage, summed over the threads", ["stage", "ms a sheet"], stage_rows)
    print_table("start to first file", ["", "s"], [["python -m render", show_spread(starts, 2)]])
    path = write_json(
        "end_to_end",
        {
            "sheets": options.sheets,
            "photo_bytes": data.photo_bytes,
            "start_to_first_file_s": starts,
            **results,
        },
    )
    print(f"\n{path}")


if __name__ == "__main__":
    main()
