"""SMPL-X parameters in a JSON file a frame, as LHM and ExAvatar write them.

LHM's `smplx_params/00001.json` have root_pose, body_pose, jaw_pose, leye_pose, reye_pose, lhand_pose,
rhand_pose, trans, betas, and focal, princpt and img_size_wh of frames that were scaled and had a margin of
`pad_ratio` added (engine/pose_estimation/video2motion.py). ExAvatar's have expr, and no betas and no camera,
which are in `shape_param.json` and `cam_params` (fitting/main/fit.py).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from render.containers.columns import ANY, has_value, read_angles, read_column
from render.containers.json_values import RowFault
from render.containers.read import ContainerError, list_keys, read_container
from render.fits.build import assemble, make_poses
from render.fits.cameras import PhotoCameras, join_cameras, pinhole
from render.fits.checks import check_rows, make_problem
from render.fits.fit_file import FitFile
from render.fits.image_paths import find_numbered
from render.fits.reader import FitFormat, ReaderOption
from render.fits.rotations import joints_rotmat
from render.fits.sequences.rows import name_sequence
from render.types.fits import Fits, RowProblem, Unit

EXPECTED = "a folder with smplx_params/FRAME.json, each with root_pose, body_pose and trans"
_AXES = "axes: x right, y down, z away, in metres"
_CAMERA = "camera: OpenCV pinhole of each frame"
_HANDS = {
    "flat": "hands: as they are (options={hands: mean} adds the model's mean hands)",
    "mean": "hands: added to the model's mean hands (options={hands: flat} takes them as they are)",
}
_PHOTOS = "photos: FRAME.json is of the picture of the same number in the image folder"
_OFFSETS = "left out: ExAvatar's offsets of joints and of the face, so bodies are off by what these are"
_COUNTED = ("betas", "expr")
_PLACES = ("smplx_optimized/smplx_params", "smplx_params", ".")
_NAME = re.compile(r"(\d{1,9})\.json", re.ASCII)
_POSES = {"root_pose": 1, "body_pose": 21, "jaw_pose": 1, "leye_pose": 1, "reye_pose": 1}


@dataclass(frozen=True)
class _Folder:
    """Where things are; all of it is below the folder that the user names.

    Attributes:
        frames: Number and file of each frame, in order.
        shape: Betas of all frames.
        cameras: Folder of files of the same names as the frames', with R, t, focal and princpt.
    """

    frames: list[tuple[int, Path]]
    shape: Path
    cameras: Path


def recognises(file: FitFile) -> bool:
    """Whether the first frame in a folder has SMPL-X parameters by LHM's names."""
    if file.kind != "folder" or not (frames := _find_frames(file.path).frames):
        return False
    try:
        return {"root_pose", "body_pose", "trans"} <= set(list_keys(frames[0][1]))
    except (ContainerError, OSError):
        return False


def read(file: FitFile) -> tuple[Fits, list[RowProblem]]:
    """Reads such a folder; see `render.fits.reader.Read`. Rows are its frames in order of their numbers."""
    folder = _find_frames(file.path)
    if not folder.frames:
        file.refuse("there is none", EXPECTED, "Set dataset.fit_file to the folder that holds smplx_params")
    names = find_numbered((number for number, _ in folder.frames), file.image_dir)
    try:
        shape = (
            {"shape_param": _read_values(folder.shape, folder.shape.name, "betas")}
            if folder.shape.is_file()
            else {}
        )
    except RowFault as fault:
        file.refuse(str(fault), EXPECTED)
    rows: list[int] = []
    people: list[dict[str, Any]] = []
    problems: list[RowProblem] = []
    for row, ((_, path), name) in enumerate(zip(folder.frames, names, strict=True)):
        try:
            person = _read_frame(path, shape, folder.cameras / path.name)
            for key in _COUNTED:
                if people and len(person[key]) != len(people[0][key]):
                    raise RowFault(key, f"{len(people[0][key])} numbers as before", str(len(person[key])))
            people.append(person)
            rows.append(row)
        except RowFault as fault:
            problems.append(make_problem(row, name, f"{path.name}: {fault}"))
    if not rows:
        file.refuse_rows(problems)
    is_of_exavatar = not people[0]["has_camera"]
    hands = file.options.get("hands", "mean" if is_of_exavatar else "flat")
    columns = {
        key: np.array([person[key] for person in people]) for key in ("angles", "hands", "betas", "expr")
    }
    fits = assemble(
        "smplx_json",
        [names[row] for row in rows],
        make_poses(
            "smplx",
            joints_rotmat(columns["angles"], 55),
            columns["betas"],
            expression=columns["expr"],
            hands=columns["hands"],
            adds_hand_mean=hands == "mean",
        ),
        join_cameras([person["camera"] for person in people]),
        row=np.array(rows),
        notes=(_AXES, _CAMERA, _HANDS[hands], _PHOTOS, *((_OFFSETS,) if is_of_exavatar else ())),
        frame=np.array([folder.frames[row][0] for row in rows]),
        sequence=[name_sequence(file.path)] * len(rows),
        identity=np.zeros(len(rows)),
    )
    fits, unfit = check_rows(fits)
    problems = sorted([*problems, *unfit], key=lambda problem: problem.row)
    if not len(fits):
        file.refuse_rows(problems)
    return fits, problems


def _find_frames(folder: Path) -> _Folder:
    for place in _PLACES:
        try:
            names = os.listdir(folder / place)
        except OSError:
            continue
        found = [(match, name) for name in names if (match := _NAME.fullmatch(name))]
        if found:
            frames = sorted((int(match[1]), folder / place / name) for match, name in found)
            # Never above the folder that the user names.
            beside = folder / place if place == "." else (folder / place).parent
            return _Folder(frames, beside / "shape_param.json", folder / "cam_params")
    return _Folder([], folder, folder)


def _read_values(path: Path, what: str, expected: str) -> Any:
    try:
        return read_container(path)
    except FileNotFoundError:
        raise RowFault(what, expected, "nothing") from None
    except (ContainerError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise RowFault(what, expected, str(reason)) from error


def _read_frame(path: Path, shape: Mapping[str, Any], camera_path: Path) -> dict[str, Any]:
    held = _read_values(path, "the file", "values by name")
    if not isinstance(held, Mapping):
        raise RowFault("the file", "values by name", "another value")
    has_camera = has_value(held, "focal")
    betas = next((key for key in ("betas", "shape") if has_value(held, key)), None)
    return {
        "angles": np.concatenate([_read_joints(held, key, joints) for key, joints in _POSES.items()]),
        "hands": np.array([_read_joints(held, key, 15).reshape(45) for key in ("lhand_pose", "rhand_pose")]),
        "betas": _read_row(held, betas) if betas else _read_row(shape, "shape_param"),
        "expr": _read_row(held, "expr") if has_value(held, "expr") else np.zeros(0),
        "has_camera": has_camera,
        "camera": _read_camera(held) if has_camera else _read_camera_file(held, camera_path),
    }


def _read_joints(held: Mapping[str, Any], key: str, joints: int) -> np.ndarray:
    """Angles of joints; all but those of the body may be left out, and are at rest."""
    if key in ("root_pose", "body_pose") or has_value(held, key):
        return read_angles(held, key, joints)
    return np.zeros((joints, 3))


def _read_row(held: Mapping[str, Any], key: str) -> np.ndarray:
    return read_column(held, key, (ANY,), (1, ANY)).reshape(-1)


def _read_camera(held: Mapping[str, Any]) -> PhotoCameras:
    """LHM's, of the photo scaled and with a margin, so it is given relative to the photo's longer side."""
    focal, center = read_column(held, "focal", (2,)), read_column(held, "princpt", (2,))
    transl_m = read_angles(held, "trans", 1)
    if not has_value(held, "img_size_wh"):
        return pinhole(focal[None], center[None], transl_m, is_metric=True)
    size = read_column(held, "img_size_wh", (2,))
    margin = float(read_column(held, "pad_ratio", ())) if has_value(held, "pad_ratio") else 0.0
    if not (size > 0).all():
        raise RowFault("img_size_wh", "numbers above 0", str(size.tolist()))
    scale = (1 + margin) / size.max()
    return pinhole(
        focal[None] * scale, (center - size / 2)[None] * scale, transl_m, unit=Unit.SIDE, is_metric=True
    )


def _read_camera_file(held: Mapping[str, Any], path: Path) -> PhotoCameras:
    """ExAvatar's, from the frame of the bodies to the camera's."""
    what, expected = f"cam_params/{path.name}", "a camera, as there is no focal in the frame's file"
    camera = _read_values(path, what, expected)
    if not isinstance(camera, Mapping):
        raise RowFault(what, expected, "another value")
    rotation, shift = read_column(camera, "R", (3, 3)), read_angles(camera, "t", 1)
    transl_m = read_angles(held, "trans", 1) @ rotation.T + shift
    focal, center = read_column(camera, "focal", (2,)), read_column(camera, "princpt", (2,))
    return pinhole(focal[None], center[None], transl_m, rotation[None], is_metric=True)


FORMAT = FitFormat(
    read=read,
    recognises=recognises,
    looks_at_photos=True,
    options=(
        ReaderOption(
            "hands", "whether the model's mean hands are added to those of the files", ("flat", "mean")
        ),
    ),
)
