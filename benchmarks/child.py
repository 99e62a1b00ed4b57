"""One run in a process of its own, for a benchmark that asks for its time and its memory.

    python -m benchmarks.child render '["dataset=eft", ...]'   settings as on the command line
    python -m benchmarks.child floor '{"image_dir": ..., "sheet_dir": ..., "count": ..., "threads": ...}'

Prints a line of JSON: pictures, seconds, stage_seconds and peak_mb.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path

from benchmarks.results import REPOSITORY

# Sheets to encode again and again: enough that what they show is like what all show.
SHEETS = 64


def run_child(kind: str, settings: list | dict) -> dict:
    """What the child prints. Raises RuntimeError with what it said if it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.child", kind, json.dumps(settings)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"the {kind} run failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def render(overrides: list[str]) -> dict:
    """Renders with the shipped configuration; time from the first sheet that is planned to the last file."""
    from hydra import compose, initialize_config_dir

    from render.config import load_config, register_schemas
    from render.pipeline import render_dataset

    register_schemas()
    with initialize_config_dir(str(REPOSITORY / "conf"), version_base="1.3"):
        report = render_dataset(load_config(compose("config", overrides=overrides)))
    if report.failed or report.skipped:
        raise RuntimeError(report.summarize())
    return {
        "pictures": report.rendered,
        "seconds": report.seconds,
        "stage_seconds": report.stage_seconds,
    }


def copy_through_codecs(image_dir: str, sheet_dir: str, count: int, threads: int) -> dict:
    """The floor: decodes `count` photos and encodes as many sheets, with nothing drawn and nothing written.

    image_dir: of the photos. sheet_dir: of JPEG sheets that a run has made, decoded before the time starts.
    Both codecs are those of the program, and so are the threads: each decodes a photo and encodes a sheet.
    """
    from render.device import one_thread_each
    from render.photo import read_photo
    from render.write.jpg import encode

    photos = islice(cycle(sorted(Path(image_dir).iterdir())), count)
    sheets = [read_photo(path) for path in sorted(Path(sheet_dir).rglob("*.jpg"))[:SHEETS]]

    def copy(job: tuple) -> None:
        photo, sheet = job
        read_photo(photo)
        encode(sheet, 95)

    with one_thread_each(), ThreadPoolExecutor(threads) as pool:
        started = time.monotonic()
        for _ in pool.map(copy, zip(photos, cycle(sheets), strict=False)):
            pass
        seconds = time.monotonic() - started
    return {"pictures": count, "seconds": seconds}


def read_peak_mb() -> float:
    """The most memory that this process has held, in MiB, files that it maps included."""
    # getrusage's peak is also that of the process that started this one.
    return int(re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024


def main() -> None:
    kind, settings = sys.argv[1], json.loads(sys.argv[2])
    found = render(settings) if kind == "render" else copy_through_codecs(**settings)
    print(json.dumps(found | {"peak_mb": read_peak_mb()}))


if __name__ == "__main__":
    main()
