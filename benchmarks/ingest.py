"""Seconds and memory for reading a fit file, from JSON, then from its cache: python -m benchmarks.ingest

The file has as many entries as EFT's largest, COCO2014-All, each of as many bytes. Every read is in a process
of its own. The peak is that of the process, so what Python and its libraries take is in it.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.child import run_child
from benchmarks.coco_like import Recipe, write_fit_file
from benchmarks.results import print_table, show_spread, spread, write_json
from benchmarks.workspace import open_workspace

PEOPLE = 79_051
REPEATS = 3
# In the file, and in a cache that is kept beside it.
ENTRY_BYTES = 8000
READS = ("first", "second")


def measure_reads(fit_file: Path) -> dict[str, dict]:
    """What the child tells of each read; the cache is empty before the first."""
    with tempfile.TemporaryDirectory(dir=fit_file.parent) as cache_dir:
        return {
            read: run_child("ingest", {"fit_file": str(fit_file)}, {"XDG_CACHE_HOME": cache_dir})
            for read in READS
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    options = parser.parse_args()
    with open_workspace(options.people * ENTRY_BYTES) as folder:
        fit_file = folder / "fits.json"
        write_fit_file(fit_file, Recipe(options.people, 1, 640, 480, seed=0))
        file_mb = fit_file.stat().st_size / 1e6
        print(f"{options.people} people in {file_mb:.0f} MB")
        runs = [measure_reads(fit_file) for _ in range(options.repeats)]
    results = {
        read: {key: spread([run[read][key] for run in runs]) for key in ("seconds", "peak_mb")}
        for read in READS
    }
    print_table(
        "reading a fit file",
        ["read", "s", "peak MB"],
        [
            [read, show_spread(found["seconds"], 2), show_spread(found["peak_mb"], 0)]
            for read, found in results.items()
        ],
    )
    print(f"\n{write_json('ingest', {'people': options.people, 'file_mb': file_mb, **results})}")


if __name__ == "__main__":
    main()
