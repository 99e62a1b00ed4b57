"""How long pictures of mode studio take by rays: python -m benchmarks.studio_rays

A picture of one person of the demo set, from its fit to a PNG, under each preset, at two sizes, by depth maps
and by rays, with one thread and with two; and how many rays a second of processor time that is, over and
above the picture in mode clay, which has no light to find. Processor time is what a machine that has other
work too disturbs least. All are in one process, so that what is done once a process is in none of the times.
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from benchmarks.child import render
from benchmarks.coco_like import DEMO_BODY
from benchmarks.results import print_table, write_json
from benchmarks.workspace import open_workspace
from render.body.models.smpl import open_body
from render.demo.dataset import make_demo_dataset

PRESETS = ("default", "eft")
SIZES = ("640x480", "2048x2048")
RAYS = (0, 64, 256)
THREADS = (1, 2)
LEAST_FREE_BYTES = 200_000_000


def draw(
    fit_file: Path, folder: Path, mode: str, rays: int, threads: int, size: str, preset: str
) -> tuple[float, float]:
    """Seconds of one picture: how long it took, and processor time."""
    shutil.rmtree(folder / "sheets", ignore_errors=True)
    began = time.process_time()
    found = render(
        [
            "dataset=eft",
            f"dataset.fit_file={fit_file}",
            f"dataset.image_dir={fit_file.parent}/images",
            "body=demo",
            "output=png",
            f"output.dir={folder}/sheets",
            f"preset={preset}",
            f"panels=[orbit:20:8/{mode}/transparent]",
            f"size={size}",
            "samples=0",
            f"rays={rays}",
            f"threads={threads}",
            "device=cpu",
        ]
    )
    return found["seconds"], time.process_time() - began


def measure(fit_file: Path, folder: Path, preset: str, size: str, given: argparse.Namespace) -> list[dict]:
    """A row for each number of rays and threads."""
    # The first compiles, where that is to be done.
    for rays in given.rays:
        draw(fit_file, folder, "studio", rays, 1, "64x48", preset)
    draw(fit_file, folder, "clay", 0, 1, "64x48", preset)
    plain = min(draw(fit_file, folder, "clay", 0, 1, size, preset)[1] for _ in range(3))
    (picture,) = (folder / "sheets").glob("**/*.png")
    covered = int((np.asarray(Image.open(picture))[..., 3] > 0).sum())
    rows = []
    for rays in given.rays:
        for threads in given.threads:
            wall_s, cpu_s = draw(fit_file, folder, "studio", rays, threads, size, preset)
            row = {"preset": preset, "size": size, "rays": rays, "threads": threads, "covered_px": covered}
            row |= {"wall_s": round(wall_s, 3), "cpu_s": round(cpu_s, 3), "clay_cpu_s": round(plain, 3)}
            # Without those from the ground on, which some of them need.
            row["rays_per_cpu_s"] = round(covered * rays / max(cpu_s - plain, 1e-3))
            rows.append(row)
    return rows


def main() -> None:
    """Measures, prints a table and writes a JSON file."""
    parser = argparse.ArgumentParser(description="How long pictures of mode studio take by rays.")
    parser.add_argument("--sizes", nargs="+", default=SIZES)
    parser.add_argument("--presets", nargs="+", default=PRESETS)
    parser.add_argument("--rays", nargs="+", type=int, default=RAYS)
    parser.add_argument("--threads", nargs="+", type=int, default=THREADS)
    given = parser.parse_args()
    load = os.getloadavg()[0]
    with open_workspace(LEAST_FREE_BYTES) as folder:
        body = open_body(DEMO_BODY, "demo", torch.device("cpu"))
        fit_file = make_demo_dataset(folder / "set", 1, 0, body)
        rows = [
            row
            for preset in given.presets
            for size in given.sizes
            for row in measure(fit_file, folder, preset, size, given)
        ]
    shown = [
        [
            f"{row['preset']}, {row['size']}, {row['rays']} rays"
            if row["rays"]
            else f"{row['preset']}, {row['size']}",
            str(row["threads"]),
            f"{row['wall_s']:.2f}",
            f"{row['cpu_s']:.2f}",
            f"{row['rays_per_cpu_s'] / 1e6:.2f}" if row["rays"] else "maps",
        ]
        for row in rows
    ]
    headers = ["a picture", "threads", "wall s", "CPU s", "million rays a CPU s"]
    print_table("Mode studio, from a fit to a PNG", headers, shown)
    print(f"\nwritten to {write_json('studio_rays', {'load_before': load, 'rows': rows})}")


if __name__ == "__main__":
    main()
