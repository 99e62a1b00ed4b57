"""How long the photos of the demo set take to make, and what memory, in a process of its own for each try.

    python -m benchmarks.demo_set                      # 12 photos, as many threads as there are cores
    python -m benchmarks.demo_set --count 300 ../before .   # of two checkouts, each with its own .venv

The time begins when the demo body is read and Warp is started, and ends when the set is whole; kernels that
were never compiled are compiled in it, so a first try is warm-up and is not counted.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

# What each process runs, so that it can be a checkout's of before this file.
MAKE = """
import resource, sys, time
from pathlib import Path
from render import load_body
from render.compute.kernels import start_warp
from render.demo.dataset import make_demo_dataset

body = load_body(None, "cpu", name="demo")
start_warp()
wall, cpu = time.perf_counter(), time.process_time()
make_demo_dataset(Path(sys.argv[1]), int(sys.argv[2]), 0, body)
peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(time.perf_counter() - wall, time.process_time() - cpu, peak_mb)
"""


def make_set(checkout: Path, count: int) -> list[float]:
    """Seconds by the clock, seconds of processor, and the process's greatest memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        words = [checkout.absolute() / ".venv/bin/python", "-c", MAKE, f"{folder}/set", str(count)]
        said = subprocess.run(words, cwd=checkout, check=True, capture_output=True, text=True)
    return [float(number) for number in said.stdout.split()]


def main(words: list[str] | None = None) -> int:
    """Prints a line a checkout: the best of some tries, which a busy machine disturbs least."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("checkouts", nargs="*", type=Path, default=[Path()])
    parser.add_argument("--count", type=int, default=12, help="photos")
    parser.add_argument("--tries", type=int, default=3)
    asked = parser.parse_args(words)
    for checkout in asked.checkouts:
        make_set(checkout, 1)
        tries = [make_set(checkout, asked.count) for _ in range(asked.tries)]
        wall_s, cpu_s, peak_mb = (min(column) for column in zip(*tries, strict=True))
        print(
            f"{checkout}: {asked.count} photos in {wall_s:.2f} s, {cpu_s:.2f} s of processor, "
            f"{asked.count / wall_s:.1f} a second, {peak_mb:.0f} MB"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
