"""Milliseconds for encoding a label set, and its bytes, by format: python -m benchmarks.label_encoding

IUV as bytes, instances and depths in millimetres of 16 bits: the demo body in each of its poses, on 640x480.
Nothing is drawn while the time runs, and nothing is written: this is the floor of a run that writes such
sets, on as many threads. `benchmarks.child labels_floor` measures it with the label sets that a run wrote.
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path

import cv2
import numpy as np

from benchmarks.coco_like import DEMO_BODY
from benchmarks.results import print_table, show_spread, spread, write_json
from render import build_sheets, load_body, load_charts, pose_bodies, rasterize_sheets, shade_sheets
from render.compute.threads import one_thread_each
from render.demo.people.poses import POSES, pose_rotmat
from render.types.labels import Plane
from render.write.format import FORMATS

SIZE_PX = (640, 480)
SETS, REPEATS = 400, 5
FORMAT_NAMES = ("png", "exr", "npz")
# Label sets to encode again and again: enough that what they show is like what all show.
DISTINCT = 64
# So that a body covers 15 % of its picture, which cuts some of them.
ZOOM = 1.5
# From the camera, at which people are photographed.
NEAREST_MM = 3000


def draw_label_sets() -> list[list[Plane]]:
    """A set for each pose of the demo body, in the middle of its picture."""
    body = load_body(DEMO_BODY, "cpu", name="demo")
    charts = load_charts(DEMO_BODY.with_name("demo_charts.mat"), body)
    rng = np.random.default_rng(0)
    rotmat = np.stack([pose_rotmat(pose, rng) for pose in POSES.values()])
    posed = pose_bodies(body, rotmat, np.zeros((len(rotmat), 10)), up="y")
    sheets = build_sheets(posed, ["orbit:0:0/iuv"], size_px=SIZE_PX, charts=charts, zoom=ZOOM)
    fragments = rasterize_sheets(sheets)
    dense = fragments.to_pytorch3d()
    is_body, depth = (dense.pix_to_face >= 0).numpy(), dense.zbuf.numpy()
    # The view's depth has no unit: it is stretched to that of the bodies.
    thickest_mm = 1000 * float(np.ptp(posed.verts.numpy()[:, :, 2], axis=1).max())
    depth_mm = NEAREST_MM + thickest_mm * (depth - depth[is_body].min()) / np.ptp(depth[is_body])
    depth_mm[~is_body] = 0
    return [
        [
            # In the order of OpenCV, which the mode is made for.
            Plane("iuv", ("I", "U", "V"), np.ascontiguousarray(picture[:, :, ::-1])),
            Plane("instance", ("V",), is_body[k].astype(np.uint16)),
            Plane("depth", ("Z",), depth_mm[k].astype(np.uint16)),
        ]
        for k, picture in enumerate(shade_sheets(sheets, fragments))
    ]


def read_label_sets(folder: Path, layers: list[str]) -> list[list[Plane]]:
    """Up to DISTINCT of the label sets that a run with output=png has written below a folder.

    Raises FileNotFoundError where there are none, or one lacks a layer.
    """
    first = f".{layers[0]}.png"
    keys = sorted(str(path).removesuffix(first) for path in folder.rglob(f"*{first}"))[:DISTINCT]
    if not keys:
        raise FileNotFoundError(f"{folder}: expected label sets with files *{first}, found none")
    return [[_read_plane(Path(f"{key}.{layer}.png"), layer) for layer in layers] for key in keys]


def encode_on_threads(label_sets: list[list[Plane]], format_name: str, threads: int, count: int) -> dict:
    """The floor: encodes `count` sets, each in turn, one a thread at a time.

    Returns pictures (how many sets), seconds, and bytes (of all of them).
    """
    encode_layers = FORMATS.load(format_name).encode_layers

    def encode(planes: list[Plane]) -> int:
        return sum(len(content) for content in encode_layers(planes).values())

    with one_thread_each(), ThreadPoolExecutor(threads) as pool:
        started = time.monotonic()
        encoded = sum(pool.map(encode, islice(cycle(label_sets), count)))
        seconds = time.monotonic() - started
    return {"pictures": count, "seconds": seconds, "bytes": encoded}


def _read_plane(path: Path, layer: str) -> Plane:
    values = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if values is None:
        raise FileNotFoundError(f"{path}: expected a layer of a label set")
    values = values.reshape(*values.shape[:2], -1)
    return Plane(layer, tuple(str(k) for k in range(values.shape[2])), values)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=int, default=SETS)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    options = parser.parse_args()
    label_sets = draw_label_sets()
    share = float(np.mean([(planes[1].values > 0).mean() for planes in label_sets]))
    threads = sorted({1, len(os.sched_getaffinity(0))})
    found: dict[tuple[str, int], list[dict]] = {}
    # They take turns, so that what else the machine does hits all.
    for repeat in range(options.repeats + 1):
        for name in FORMAT_NAMES:
            for count in threads:
                measured = encode_on_threads(label_sets, name, count, options.sets)
                # The first warms up.
                if repeat:
                    found.setdefault((name, count), []).append(measured)
    rows, results = [], {}
    for (name, count), runs in found.items():
        ms = spread([1000 * run["seconds"] / run["pictures"] for run in runs])
        kilobytes = runs[0]["bytes"] / runs[0]["pictures"] / 1000
        rows.append([name, str(count), show_spread(ms, 2), f"{kilobytes:.1f}"])
        results[f"{name}_threads_{count}"] = {"ms_a_set": ms, "kilobytes_a_set": kilobytes}
    print_table(
        f"iuv, instance and depth, 640x480, a body on {share:.0%} of the picture",
        ["format", "threads", "ms a set", "kB a set"],
        rows,
    )
    print(f"\n{write_json('label_encoding', {'sets': options.sets, 'body_share': share, **results})}")


if __name__ == "__main__":
    main()
