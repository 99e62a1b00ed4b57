"""Makes a seeded sample of small faults in the rooms that decide pixels and records, and tests each.

    python -m tests.mutants                           # 60 faults; fails if fewer than nine in ten are found
    python -m tests.mutants --count 10 --seed 3 --room shade

Each fault is made in a copy of the repository. First the tests of its own room run, then those that draw
whole pictures; the first that fails has found it. A fault that makes tests run for ever counts as found.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutants.faults import Fault, list_faults

ROOT = Path(__file__).parents[2]
# The rooms, and which tests may find what is wrong in them, from the quickest to the slowest.
ROOMS = {
    "rasterize": ["tests/rasterize", "tests/record/test_pixels_version.py", "tests/shade"],
    "shade": ["tests/record/test_pixels_version.py", "tests/shade"],
    "sheet": ["tests/sheet", "tests/record/test_pixels_version.py", "tests/shade", "tests/run"],
    "body": ["tests/body", "tests/shade"],
    "photos": ["tests/photos", "tests/run"],
    "library": ["tests/library", "tests/rasterize"],
    "labels": ["tests/labels"],
    "record": ["tests/record", "tests/run"],
}
# What PyTorch3D does can only be seen where it is installed.
PASSED_OVER = ("rasterize/backends/pytorch3d.py", "rasterize/load_pytorch3d.py")
LONGEST_S = 900
LEAST_FOUND = 0.9


def pick_faults(rooms: list[str], count: int, seed: int) -> list[Fault]:
    """As many faults of each room, and in it of any place with the same chance."""
    chosen: list[Fault] = []
    chance = random.Random(seed)
    for place, room in enumerate(rooms):
        files = sorted((ROOT / "render" / room).rglob("*.py"))
        files = [path for path in files if not str(path).endswith(PASSED_OVER)]
        faults = [fault for path in files for fault in list_faults(path)]
        of_room = count // len(rooms) + (place < count % len(rooms))
        chosen += chance.sample(faults, min(of_room, len(faults)))
    return chosen


def find(fault: Fault, copy: Path) -> str | None:
    """The test that finds the fault in a copy of the repository; None where none does."""
    path = copy / fault.path.relative_to(ROOT)
    whole = path.read_text()
    path.write_text(fault.apply(whole))
    try:
        room = fault.path.relative_to(ROOT / "render").parts[0]
        for tests in ROOMS[room]:
            if not (copy / tests).exists():
                continue
            words = ["-x", "-q", "--no-header", "-p", "no:cacheprovider", tests]
            command = [sys.executable, "-m", "pytest", *words]
            try:
                done = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=LONGEST_S)
            except subprocess.TimeoutExpired:
                return f"{tests} runs for ever"
            if done.returncode:
                lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
                return lines[0].split(" - ")[0] if lines else f"{tests} ends with {done.returncode}"
    finally:
        path.write_text(whole)
    return None


def main() -> None:
    """Prints what became of each fault; the exit code is 1 where too few are found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--room", choices=ROOMS, action="append")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    faults = pick_faults(given.room or list(ROOMS), given.count, given.seed)
    with tempfile.TemporaryDirectory() as folder:
        copies = [Path(folder) / str(i) for i in range(given.workers)]
        for copy in copies:
            ignored = shutil.ignore_patterns(".venv", ".git", "outputs", "__pycache__", ".*_cache", "eft_fit")
            shutil.copytree(ROOT, copy, ignore=ignored)
        free = list(copies)

        def judge(fault: Fault) -> tuple[Fault, str | None, float]:
            copy, begin = free.pop(), time.monotonic()
            try:
                return fault, find(fault, copy), time.monotonic() - begin
            finally:
                free.append(copy)

        found = 0
        with ThreadPoolExecutor(given.workers) as pool:
            for fault, by, seconds in pool.map(judge, faults):
                place = str(fault).removeprefix(f"{ROOT}/")
                print(f"{'found' if by else 'ALIVE'} {seconds:4.0f} s  {place}  {by or ''}", flush=True)
                found += by is not None
    print(f"{found} of {len(faults)} faults found ({found / len(faults):.0%}), seed {given.seed}")
    sys.exit(found < LEAST_FOUND * len(faults))


if __name__ == "__main__":
    main()
