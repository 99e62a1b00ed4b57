"""Label sets a second from fits to files, beside the codec alone: python -m benchmarks.labels

IUV, instances and depths in millimetres of 16 bits, as PNG: the demo body on 640x480 photos, sizes as in
COCO, one person a photo, seen by a pinhole. The floors encode the same label sets with the same codec on as
many threads, draw nothing and write nothing: `planes` the pictures alone, `files` also the sidecar of each,
with its masks, points and DensePose's chart. Runs and floors take turns in one process, so that what is done
once a process is in none of the times, and ratios are those of neighbours. Processor time is what a machine
that has other work too disturbs least; of a run it is that of all sets less that of one alone, which reads
the same files.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from benchmarks.child import render
from benchmarks.coco_like import CocoLike, make_coco_like
from benchmarks.end_to_end import SHEET_BYTES
from benchmarks.label_encoding import encode_on_threads, read_label_sets
from benchmarks.results import print_table, show_spread, spread, write_json
from benchmarks.workspace import open_workspace
from render.compute.threads import one_thread_each
from render.fits.read import read_fits
from render.labels.people import LabelledPerson, Picture, format_sidecar
from render.types.labels import Plane
from render.write.format import FORMATS

SETS, REPEATS, WARM_UPS = 1000, 7, 1
WIDTH_PX, HEIGHT_PX, FOCAL_PX = 640, 480, 800.0
LAYERS = {"iuv": "iuv", "instance": "instance", "depth": "depth:16"}
CLOCKS, FLOORS = ("wall", "processor"), ("planes", "files")
PICTURE, PERSON = Picture("photo.jpg", WIDTH_PX, HEIGHT_PX), LabelledPerson(row=0)


def write_pinhole_fits(data: CocoLike, path: Path) -> None:
    """The people of a set as CameraHMR has them: as large, and at the same places, under a pinhole."""
    fits, _ = read_fits("eft", data.fit_file)
    entries = json.loads(data.fit_file.read_text())["data"]
    rotmat = np.array([entry["parm_pose"] for entry in entries]).reshape(-1, 3, 3)
    center = np.array([WIDTH_PX, HEIGHT_PX]) / 2
    away_m = FOCAL_PX / fits.scale
    shift_m = (fits.origin - center) / fits.scale[:, None]
    camera = np.array([[FOCAL_PX, 0, center[0]], [0, FOCAL_PX, center[1]], [0, 0, 1]])
    np.savez(
        path,
        imgname=fits.image_name.astype(str),
        pose_cam=Rotation.from_matrix(rotmat).as_rotvec().reshape(len(entries), 72),
        shape=np.array([entry["parm_shape"] for entry in entries]),
        trans_cam=np.column_stack([shift_m, away_m]),
        cam_int=np.tile(camera, (len(entries), 1, 1)),
    )


def time_run(settings: list[str], output_dir: Path) -> tuple[dict, float]:
    """What a run found, and the processor's seconds.

    Its folder must be new: where files were removed a moment ago, ext4 passes over their inodes one by one,
    and to make a file takes a millisecond.
    """
    began = time.process_time()
    found = render([*settings, f"output.dir={output_dir}"])
    return found, time.process_time() - began


def encode_files(label_sets: list[list[Plane]], threads: int, count: int) -> dict:
    """The floor of all files: encodes `count` sets and their sidecars in turn, one a thread at a time."""
    encode_layers = FORMATS.load("png").encode_layers

    def encode(planes: list[Plane]) -> None:
        encode_layers(planes)
        _, instance, _ = (plane.values for plane in planes)
        keypoints = np.zeros((1, 0, 3), np.float32)
        format_sidecar(PICTURE, [PERSON], instance[..., 0], keypoints, ())

    with one_thread_each(), ThreadPoolExecutor(threads) as pool:
        started = time.monotonic()
        for _ in pool.map(encode, islice(cycle(label_sets), count)):
            pass
        return {"seconds": time.monotonic() - started}


def measure_round(settings: list[str], folder: Path, threads: int) -> dict[str, dict]:
    """Milliseconds a set of one run and of the floors after it, by either clock, and those of the stages.

    Args:
        settings: Of the run.
        folder: Not there yet.
        threads: Of the run and of the floors.
    """
    _, opening = time_run([*settings, "samples=0:1"], folder / "one")
    run, processor = time_run(settings, folder / "labels")
    label_sets, count = read_label_sets(folder / "labels", list(LAYERS)), run["pictures"]
    # One set is in the opening too.
    times = {
        "wall": {"run": 1000 * run["seconds"] / count},
        "processor": {"run": 1000 * (processor - opening) / (count - 1)},
    }
    floors = {
        "planes": lambda: encode_on_threads(label_sets, "png", threads, count),
        "files": lambda: encode_files(label_sets, threads, count),
    }
    for name, encode in floors.items():
        began = time.process_time()
        times["wall"][name] = 1000 * encode()["seconds"] / count
        times["processor"][name] = 1000 * (time.process_time() - began) / count
    stages = {stage: 1000 * seconds / count for stage, seconds in run["stage_seconds"].items()}
    return {"times": times, "stages": stages}


def summarize(rounds: list[dict]) -> dict:
    """Spreads of the rounds."""
    found = {}
    for clock in CLOCKS:
        times = [one["times"][clock] for one in rounds]
        for what in ("run", *FLOORS):
            found[f"{clock}_{what}_sets_per_s"] = spread([1000 / ms[what] for ms in times])
        for floor in FLOORS:
            found[f"{clock}_ratio_to_{floor}"] = spread([ms[floor] / ms["run"] for ms in times])
    for stage in rounds[0]["stages"]:
        found[f"{stage}_ms"] = spread([one["stages"][stage] for one in rounds])
    return found


def main() -> None:
    """Measures, prints a table and writes a JSON file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=int, default=SETS)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--threads", type=int, nargs="*", default=sorted({1, len(os.sched_getaffinity(0))}))
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    load, results = os.getloadavg()[0], {}
    with open_workspace(given.sets * SHEET_BYTES) as folder:
        data = make_coco_like(folder / "set", given.sets)
        fit_file = folder / "pinhole.npz"
        write_pinhole_fits(data, fit_file)
        for threads in given.threads:
            settings = [
                *("dataset=camerahmr", f"dataset.fit_file={fit_file}", f"dataset.image_dir={data.image_dir}"),
                *("body=demo", "job=labels", "output=png", f"layers=[{','.join(LAYERS.values())}]"),
                *(f"threads={threads}", f"device={given.device}"),
            ]
            rounds = [
                measure_round(settings, folder / f"round_{threads}_{number}", threads)
                for number in range(WARM_UPS + given.repeats)
            ]
            results[f"threads_{threads}"] = summarize(rounds[WARM_UPS:])
    rows = [
        [f"{name.removeprefix('threads_')} thread(s): {what}", show_spread(value)]
        for name, found in results.items()
        for what, value in found.items()
    ]
    print_table("iuv, instance and depth:16, 640x480, PNG", ["", "median (least to greatest)"], rows)
    path = write_json("labels", {"device": given.device, "sets": given.sets, "load_before": load, **results})
    print(f"\n{path}")


if __name__ == "__main__":
    main()
