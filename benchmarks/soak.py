"""Whether a long run keeps its memory and its files: python -m benchmarks.soak

One run of overlay and side view, watched from outside. Fails if its peak grows by more than a tenth after the
first 1,000 sheets, or if it leaves files open or unfinished. The peak includes files that the run maps.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.child import read_peak_mb, read_result, start_child
from benchmarks.coco_like import make_coco_like
from benchmarks.end_to_end import SHEET_BYTES, overlay_settings
from benchmarks.results import print_table, write_json
from benchmarks.workspace import open_workspace

SHEETS = 10_000
STEP = 1000
MOST_GROWTH = 1.1
POLL_S = 0.1


def watch_run(settings: list[str], output_dir: Path) -> tuple[dict, dict[int, float]]:
    """What the run tells, and its peak in MiB when it had made each multiple of STEP sheets."""
    peaks_mb: dict[int, float] = {}
    with start_child("render", settings) as child:
        while True:
            try:
                # Or it would wait for us to read what it says.
                return read_result(child, *child.communicate(timeout=POLL_S)), peaks_mb
            except subprocess.TimeoutExpired:
                note_peak(peaks_mb, child.pid, output_dir)


def note_peak(peaks_mb: dict[int, float], pid: int, output_dir: Path) -> None:
    """Adds the peak of the process if it has come to the next multiple of STEP sheets."""
    made = count_sheets(output_dir) // STEP * STEP
    if made and made not in peaks_mb:
        peaks_mb[made] = read_peak_mb(pid)


def count_sheets(output_dir: Path) -> int:
    """Finished ones."""
    if not output_dir.is_dir():
        return 0
    with os.scandir(output_dir) as found:
        return sum(entry.name.endswith(".jpg") for entry in found)


def list_faults(run: dict, peaks_mb: dict[int, float], output_dir: Path) -> list[str]:
    """What the run did not keep, in words."""
    faults = []
    if run["peak_mb"] > MOST_GROWTH * peaks_mb[STEP]:
        faults.append(f"memory grew from {peaks_mb[STEP]:.0f} MB to {run['peak_mb']:.0f} MB")
    if run["open_files"]:
        faults.append(f"{run['open_files']} files are left open")
    unfinished = list(output_dir.rglob(".*"))
    if unfinished:
        faults.append(f"{len(unfinished)} files are left unfinished, the first is {unfinished[0].name}")
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sheets", type=int, default=SHEETS)
    options = parser.parse_args()
    if options.sheets <= STEP:
        parser.error(f"--sheets: expected more than {STEP}, found {options.sheets}")
    with open_workspace(options.sheets * SHEET_BYTES) as folder:
        data = make_coco_like(folder / "set", options.sheets)
        output_dir = folder / "sheets"
        run, peaks_mb = watch_run(overlay_settings(data, output_dir), output_dir)
        faults = list_faults(run, peaks_mb, output_dir)
    peaks_mb[options.sheets] = run["peak_mb"]
    print_table(
        f"overlay + side, {run['pictures'] / run['seconds']:.1f} sheets/s, {run['open_files']} files open",
        ["sheets", "peak MB"],
        [[f"{made}", f"{peak_mb:.0f}"] for made, peak_mb in peaks_mb.items()],
    )
    growth = run["peak_mb"] / peaks_mb[STEP]
    print(f"\npeak after {options.sheets} over that after {STEP}: {growth:.3f}")
    print(f"\n{write_json('soak', {**run, 'peaks_mb': peaks_mb, 'growth': growth, 'faults': faults})}")
    for fault in faults:
        print(f"fault: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
