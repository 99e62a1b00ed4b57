"""Whether a long run keeps its memory, its files and its speed: python -m benchmarks.soak

One run of overlay and side view, watched from outside. Fails if its peak grows by more than a tenth after the
first 1,000 sheets, or if it leaves files open or unfinished. The peak includes files that the run maps. How
long each tenth of the sheets took is told and not judged: other programs of the machine change it too.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from benchmarks.child import read_peak_mb, read_result, start_child
from benchmarks.coco_like import make_coco_like
from benchmarks.end_to_end import SHEET_BYTES, overlay_settings
from benchmarks.results import print_table, write_json
from benchmarks.workspace import open_workspace

SHEETS = 10_000
STEP = 1000
MOST_GROWTH = 1.1
# A look reads the names of all sheets, so a long run is looked at less often.
POLL_S, POLL_S_PER_SHEET = 0.1, 5e-5
TENTHS = 10


@dataclass
class Watched:
    """A run's peak in MiB, and its seconds since it began to draw, at each multiple of STEP sheets."""

    peaks_mb: dict[int, float] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)
    first_s: float = 0.0

    def look(self, made: int, peak_mb: float) -> None:
        """Notes where the run is, if it has come to the next multiple."""
        now_s = time.perf_counter()
        if not made:
            self.first_s = now_s
        made = made // STEP * STEP
        if made and made not in self.peaks_mb:
            self.peaks_mb[made] = peak_mb
            self.seconds[made] = now_s - self.first_s

    def list_tenths(self, sheets: int) -> list[float]:
        """Sheets a second in each tenth of the run, of those that were seen to end."""
        ends = [(0, 0.0), *((made, s) for made, s in self.seconds.items() if made * TENTHS % sheets == 0)]
        return [(made - before) / (s - since) for (before, since), (made, s) in pairwise(ends)]


def watch_run(settings: list[str], output_dir: Path) -> tuple[dict, Watched]:
    """What the run tells, and what was seen of it from outside."""
    watched, made = Watched(), 0
    with start_child("render", settings) as child:
        while True:
            try:
                # Or it would wait for us to read what it says.
                result = read_result(child, *child.communicate(timeout=POLL_S + POLL_S_PER_SHEET * made))
                watched.look(count_sheets(output_dir), result["peak_mb"])
                return result, watched
            except subprocess.TimeoutExpired:
                made = count_sheets(output_dir)
                watched.look(made, read_peak_mb(child.pid))


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
        run, watched = watch_run(overlay_settings(data, output_dir), output_dir)
        peaks_mb = watched.peaks_mb
        faults = list_faults(run, peaks_mb, output_dir)
    print_table(
        f"overlay + side, {run['pictures'] / run['seconds']:.1f} sheets/s, {run['open_files']} files open",
        ["sheets", "peak MB"],
        [[f"{made}", f"{peak_mb:.0f}"] for made, peak_mb in peaks_mb.items()],
    )
    growth = run["peak_mb"] / peaks_mb[STEP]
    print(f"\npeak after {options.sheets} over that after {STEP}: {growth:.3f}")
    tenths = watched.list_tenths(options.sheets)
    print("sheets a second in each tenth:", " ".join(f"{rate:.0f}" for rate in tenths))
    told = {"peaks_mb": peaks_mb, "growth": growth, "tenths_per_s": tenths, "faults": faults}
    name = "soak" if options.sheets == SHEETS else f"soak_{options.sheets}"
    print(f"\n{write_json(name, {**run, **told})}")
    for fault in faults:
        print(f"fault: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
