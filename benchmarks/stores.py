"""Sheets a second to stores on the loopback, and requests a sheet: python -m benchmarks.stores

The stores are SeaweedFS and moto's server, on the same cores as the run: what they take of them is in the
times, and no network is. Requests are counted by a proxy, in a run of their own, for it is slower than they
are. A run that goes on finds all sheets there.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks.coco_like import make_coco_like
from benchmarks.results import print_table, write_json
from benchmarks.workspace import open_workspace
from render.files.stores.output import open_output
from tests.cluster.stores.proxy import Proxy
from tests.cluster.stores.servers import BUCKET, KEYS, Bucket, start_moto, start_seaweed
from tests.helpers.runs import run

SHEETS, OBJECTS, OBJECT_BYTES, THREADS = 1000, 1000, 80_000, 8
SERVERS: dict[str, Callable[[Path], AbstractContextManager[Bucket]]] = {
    "seaweedfs": start_seaweed,
    "moto": start_moto,
}
WAYS = {"sheets": (), "tars of 100": ("output.tar=100",)}


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sheets", type=int, default=SHEETS)
    sheets = parser.parse_args().sheets
    os.environ |= {**KEYS, "AWS_REGION": "us-east-1"}
    rows = []
    with open_workspace(4 * sheets * OBJECT_BYTES) as folder:
        data = make_coco_like(folder / "set", sheets)
        words = [f"dataset.fit_file={data.fit_file}", f"dataset.image_dir={data.image_dir}", "dataset=eft"]
        words += ["body=demo", "device=cpu", "threads=2"]
        # Kernels are compiled by the first run of all.
        run(*words, "samples=0:8", f"output.dir={folder / 'first'}")
        for way, more in WAYS.items():
            row = measure(lambda place, more=more: run(*words, *more, f"output.dir={place}"), folder / way)
            rows.append(["disk", way, f"{sheets / row[0]:.1f}", f"{row[1]:.2f}", "", "", ""])
        for name, start in SERVERS.items():
            # Servers reserve room, of which the workspace may have little.
            with tempfile.TemporaryDirectory() as served, start(Path(served)) as bucket:
                reach(bucket.port)
                puts = OBJECTS / time_puts(f"s3://{BUCKET}/puts")
                for way, more in WAYS.items():
                    place = f"s3://{BUCKET}/{way.replace(' ', '-')}"
                    draw = lambda at, more=more: run(*words, *more, f"output.dir={at}")  # noqa: E731
                    first, second = measure(draw, place)
                    proxy = Proxy(bucket.port)
                    reach(proxy.port)
                    counts = []
                    for _ in range(2):
                        before = proxy.requests
                        draw(f"{place}-counted")
                        counts.append(f"{(proxy.requests - before) / sheets:.3f}")
                    proxy.close()
                    reach(bucket.port)
                    rows.append([name, way, f"{sheets / first:.1f}", f"{second:.2f}", *counts, f"{puts:.0f}"])
    heads = ["place", "what", "sheets/s", "again s", "requests/sheet", "again", "put/s"]
    print_table("Stores on the loopback", heads, rows)
    write_json("stores", {"sheets": sheets, "heads": heads, "rows": rows})


def measure(draw: Callable[[str], object], place: str | Path) -> tuple[float, float]:
    """Seconds of a run, and of one that finds all there."""
    seconds = []
    for _ in range(2):
        begun = time.perf_counter()
        draw(str(place))
        seconds.append(time.perf_counter() - begun)
    return seconds[0], seconds[1]


def time_puts(place: str) -> float:
    """Seconds that objects of a sheet's size take, several at a time."""
    output, content = open_output(place), os.urandom(OBJECT_BYTES)
    begun = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda number: output.write(f"{number}.jpg", content), range(OBJECTS)))
    return time.perf_counter() - begun


def reach(port: int) -> None:
    """Makes `s3://` lead to a port of this machine."""
    os.environ["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{port}"


if __name__ == "__main__":
    main()
