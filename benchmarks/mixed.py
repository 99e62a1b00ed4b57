"""Sheets a second of several kinds of bodies in one run, and of each alone: python -m benchmarks.mixed

People of EFT's (poses of SMPL), of CameraHMR's layout (poses of SMPL-X) and vertices as SAM-3D-Body has so
many of, each person on a photo of 640x480 of their own, all in one list of files. Bodies are egg-shaped where
their models need a registration: of about as many vertices and faces, and as tall as the people of EFT's
file. Runs over the list and over its parts take turns. The ratio is the seconds of the parts, added up, over
those of the list.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from pathlib import Path

import numpy as np

from benchmarks.child import run_child
from benchmarks.coco_like import CocoLike, make_coco_like
from benchmarks.end_to_end import SHEET_BYTES, overlay_settings
from benchmarks.results import print_table, show_spread, spread, write_json
from benchmarks.workspace import open_workspace
from tests.helpers.model_files import make_arrays

SHEETS = 600
REPEATS = 5
PHOTO_HW = (480, 640)
FOCAL_PX = 800.0
HEIGHT_M, WIDTH_M = 1.7, 0.5
# Rings and segments of the eggs: near SMPL-X's 10,475 vertices and MHR's 18,439.
SMPLX_EGG, MHR_EGG = (104, 100), (135, 136)


def make_egg(rings: int, segments: int) -> tuple[np.ndarray, np.ndarray]:
    """Vertices (rings * segments + 2, 3) m, y up, and faces that look outwards."""
    polar = np.pi * (np.arange(rings) + 1) / (rings + 1)
    turn = 2 * np.pi * np.arange(segments) / segments
    around = np.stack([np.cos(turn), np.zeros(segments), -np.sin(turn)], 1)
    body = np.sin(polar)[:, None, None] * around + np.cos(polar)[:, None, None] * np.array([0.0, 1, 0])
    verts = np.concatenate([body.reshape(-1, 3), [[0, 1, 0], [0, -1, 0]]]) * [
        WIDTH_M / 2,
        HEIGHT_M / 2,
        WIDTH_M / 2,
    ]
    top, bottom = rings * segments, rings * segments + 1
    faces = []
    for k in range(segments):
        after = (k + 1) % segments
        faces += [(top, k, after), (bottom, top - segments + after, top - segments + k)]
        for ring in range(rings - 1):
            a, b = ring * segments + k, ring * segments + after
            faces += [(a, a + segments, b), (b, a + segments, b + segments)]
    return verts, np.array(faces, np.int32)


def write_parts(folder: Path, data: CocoLike, count: int) -> tuple[list[Path], list[str]]:
    """The files of the three parts, and the settings that draw them."""
    entries = json.loads(data.fit_file.read_text())["data"]
    parts = [entries[k * count : (k + 1) * count] for k in range(3)]
    eft = folder / "eft.json"
    eft.write_text(json.dumps({"ver": 0.1, "data": parts[0]}))
    model = folder / "egg_smplx.npz"
    verts, faces = make_egg(*SMPLX_EGG)
    np.savez(model, **_make_smplx(verts, faces))
    smplx = folder / "smplx.npz"
    np.savez(smplx, **_make_labels(parts[1]))
    meshes = folder / "meshes.npz"
    verts, faces = make_egg(*MHR_EGG)
    places = _list_places(parts[2])
    np.savez(
        meshes,
        vertices=np.tile(verts * [1, -1, -1], (count, 1, 1)).astype(np.float32),
        faces=faces,
        image=np.array([entry["imageName"] for entry in parts[2]]),
        K=np.array([[FOCAL_PX, 0, PHOTO_HW[1] / 2], [0, FOCAL_PX, PHOTO_HW[0] / 2], [0, 0, 1]]),
        cam_t=places,
    )
    return [eft, smplx, meshes], [f"body.files.smplx={model}"]


def _list_places(entries: list[dict]) -> np.ndarray:
    """(N, 3) m: where a pinhole has the people as large as EFT's camera has them, and in the same place."""
    places = []
    for entry in entries:
        side = 200 * entry["bbox_scale"]
        px_per_m = entry["parm_cam"][0] * side / 2
        depth = FOCAL_PX / px_per_m
        away = np.array(entry["bbox_center"]) - [PHOTO_HW[1] / 2, PHOTO_HW[0] / 2]
        places.append([*(away / px_per_m), depth])
    return np.array(places)


def _make_labels(entries: list[dict]) -> dict[str, np.ndarray]:
    """Labels in CameraHMR's layout, of people who stand upright."""
    count = len(entries)
    pose = np.random.default_rng(0).normal(0, 0.1, (count, 165))
    pose[:, :3] = [np.pi, 0, 0]
    intrinsics = np.array([[FOCAL_PX, 0, PHOTO_HW[1] / 2], [0, FOCAL_PX, PHOTO_HW[0] / 2], [0, 0, 1]])
    return {
        "imgname": np.array([entry["imageName"] for entry in entries]),
        "pose_cam": pose.astype(np.float32),
        "shape": np.zeros((count, 10), np.float32),
        "trans_cam": _list_places(entries).astype(np.float32),
        "cam_int": np.tile(intrinsics, (count, 1, 1)).astype(np.float32),
        "center": np.array([entry["bbox_center"] for entry in entries], np.float32),
        "scale": np.array([entry["bbox_scale"] for entry in entries], np.float32),
    }


def _make_smplx(verts: np.ndarray, faces: np.ndarray) -> dict[str, np.ndarray]:
    """A model file of an egg: SMPL-X's keys and sizes, with offsets and weights of chance."""
    arrays = make_arrays("smplx", 400)
    count = len(verts)
    for key in ("shapedirs", "posedirs", "weights"):
        arrays[key] = arrays[key][:count]
    arrays["shapedirs"] = arrays["shapedirs"] * 0.1
    arrays["posedirs"] = arrays["posedirs"] * 0.1
    regressor = np.zeros((arrays["J_regressor"].shape[0], count))
    regressor[np.arange(len(regressor)), np.linspace(0, count - 1, len(regressor)).astype(int)] = 1
    # The pelvis in the middle, so that the egg turns about it.
    regressor[0] = 1 / count
    arrays["J_regressor"] = regressor
    arrays["v_template"], arrays["f"] = verts, faces.astype(np.uint32)
    arrays["lmk_faces_idx"] = arrays["lmk_faces_idx"] % len(faces)
    return arrays


def measure(data: CocoLike, folder: Path, files: list[Path], settings: list[str], threads: int) -> dict:
    """One run over a list of files."""
    output_dir = folder / "sheets"
    shutil.rmtree(output_dir, ignore_errors=True)
    also = f"dataset.also=[{','.join(map(str, files[1:]))}]"
    whole = [*overlay_settings(data, output_dir), "dataset.format=auto", "dataset.exif=apply"]
    whole[1] = f"dataset.fit_file={files[0]}"
    return run_child("render", [*whole, also, f"threads={threads}", "device=cpu", *settings])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sheets", type=int, default=SHEETS, help="of each part")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    options = parser.parse_args()
    threads = len(os.sched_getaffinity(0))
    names = ("EFT, SMPL", "CameraHMR, SMPL-X", "vertices")
    with open_workspace(3 * options.sheets * SHEET_BYTES) as folder:
        data = make_coco_like(folder / "set", 3 * options.sheets)
        files, settings = write_parts(folder, data, options.sheets)
        # Compiles what kernels are missing.
        measure(data, folder, files, settings, threads)
        rounds = [
            {
                "list": measure(data, folder, files, settings, threads),
                **{
                    name: measure(data, folder, [file], settings, threads)
                    for name, file in zip(names, files, strict=True)
                },
            }
            for _ in range(options.repeats)
        ]
    speeds = {
        name: spread([one[name]["pictures"] / one[name]["seconds"] for one in rounds]) for name in rounds[0]
    }
    ratio = spread([sum(one[name]["seconds"] for name in names) / one["list"]["seconds"] for one in rounds])
    print_table(
        f"overlay + side, 640x480, {threads} threads, {options.sheets} sheets of each kind",
        ["", "sheets/s"],
        [[name, show_spread(found, 1)] for name, found in speeds.items()],
    )
    print_table("the parts' seconds over the list's", ["", "ratio"], [["", show_spread(ratio, 3)]])
    print(
        f"\n{write_json('mixed', {'sheets_of_each': options.sheets, 'sheets_per_s': speeds, 'ratio': ratio})}"
    )


if __name__ == "__main__":
    main()
