"""What workers cost beside one process: python -m benchmarks.executors

The same sheets by one process of so many threads and by as many workers of one thread each, which take turns.
Times are from the first sheet to the last; what comes before and after, such as imports, joining what the
workers noted and ending them, is the rest. Processor time is of all processes, other than Ray's workers, for
other programs on the machine do not change it much. Also the peak memory of each process.
"""

from __future__ import annotations

import argparse
import contextlib
import resource
import shutil
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from benchmarks.child import read_peak_mb, read_result, start_child
from benchmarks.coco_like import CocoLike, make_coco_like
from benchmarks.end_to_end import SHEET_BYTES, overlay_settings
from benchmarks.results import print_table, show_spread, spread, write_json
from benchmarks.soak import STEP, count_sheets
from benchmarks.workspace import open_workspace

SHEETS, REPEATS, WORKERS = 2000, 3, 2
MOST_RATIO, MOST_RAY_RATIO = 1.05, 1.10
POLL_S = 0.2


class Measured(NamedTuple):
    """A run: seconds from its first sheet to its last, those before and after, processor seconds, peaks in
    MiB of the process that was started and of its workers, and by how much the highest of these grew after
    STEP sheets."""

    seconds: float
    rest_s: float
    cpu_s: float
    peak_mb: float
    worker_mb: dict[int, float]
    growth: float


def measure(data: CocoLike, output_dir: Path, *words: str) -> Measured:
    """Renders all sheets of a set anew."""
    shutil.rmtree(output_dir, ignore_errors=True)
    begun_s, before = time.monotonic(), _read_cpu_s()
    peaks: dict[int, float] = {}
    early_mb = 0.0
    with start_child("render", overlay_settings(data, output_dir, *words)) as child:
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                run = read_result(child, *child.communicate(timeout=POLL_S))
                break
            peaks |= _read_workers(child.pid)
            if not early_mb and peaks and count_sheets(output_dir) >= STEP:
                early_mb = max(peaks.values())
    all_s = time.monotonic() - begun_s
    growth = max(peaks.values()) / early_mb if early_mb else 1.0
    cpu_s = _read_cpu_s() - before
    return Measured(run["seconds"], all_s - run["seconds"], cpu_s, run["peak_mb"], peaks, growth)


def _read_workers(pid: int) -> dict[int, float]:
    """Of all that it has started, and of what these have started: Ray's workers are not the driver's own."""
    found: dict[int, float] = {}
    # Any of them may end meanwhile.
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in map(int, children.read_text().split()):
                found |= _read_workers(child)
                with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                    found[child] = read_peak_mb(child)
    return found


def _read_cpu_s() -> float:
    """Of all processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def list_engines(workers: int) -> dict[str, list[str]]:
    """Settings by the name of what draws: one process first, with which all others are compared."""
    on_ray = {}
    if find_spec("ray") is not None:
        words = ["executor=ray", "workers=1", f"executor.cpus={workers}", f"threads={workers}"]
        on_ray[f"ray workers=1 threads={workers}"] = words
    return {
        f"threads={workers}": ["executor=threads", f"threads={workers}"],
        f"processes workers={workers}": ["executor=processes", f"workers={workers}", "threads=1"],
        **on_ray,
    }


def main() -> None:
    """Measures, and prints tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sheets", type=int, default=SHEETS)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--workers", type=int, default=WORKERS)
    given = parser.parse_args()
    engines = list_engines(given.workers)
    found: dict[str, list[Measured]] = {name: [] for name in engines}
    with open_workspace((given.sheets + 1) * SHEET_BYTES) as folder:
        data = make_coco_like(folder / "set", given.sheets)
        for _ in range(given.repeats):
            for name, words in engines.items():
                found[name].append(measure(data, folder / "sheets", "device=cpu", *words))
    first = next(iter(found.values()))
    rows, results = [], {}
    for name, runs in found.items():
        ratios = spread([run.seconds / one.seconds for run, one in zip(runs, first, strict=True)])
        cpu_ratios = spread([run.cpu_s / one.cpu_s for run, one in zip(runs, first, strict=True)])
        columns = {key: spread([getattr(run, key) for run in runs]) for key in ("seconds", "rest_s", "cpu_s")}
        peaks = [max(run.worker_mb.values(), default=0.0) for run in runs]
        results[name] = columns | {"ratios": ratios, "cpu_ratios": cpu_ratios, "worker_mb": peaks}
        rows.append(
            [
                name,
                show_spread(columns["seconds"], 1),
                show_spread(ratios),
                show_spread(columns["rest_s"], 1),
                show_spread(columns["cpu_s"], 1),
                f"{max(run.peak_mb for run in runs):.0f}",
                f"{max(peaks):.0f}",
                f"{max(run.growth for run in runs):.3f}",
            ]
        )
    headers = [
        "engine",
        "seconds",
        "over the first",
        "rest s",
        "processor s",
        "driver MB",
        "worker MB",
        "growth",
    ]
    print_table(f"{given.sheets} sheets of overlay and side view", headers, rows)
    print(f"\nat most {MOST_RATIO} is meant, with Ray {MOST_RAY_RATIO}, on a quiet machine")
    # A long run tells of memory, and does not take the place of the many short ones that tell of time.
    name = "executors" if given.sheets == SHEETS else f"executors_{given.sheets}"
    print(f"\n{write_json(name, {'sheets': given.sheets, 'engines': results})}")


if __name__ == "__main__":
    main()
