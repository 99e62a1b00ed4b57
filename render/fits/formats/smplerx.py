"""SMPLer-X's folder of results: `smplx/FRAME_PERSON.npz` and `meta/FRAME_PERSON.json` (main/inference.py).

Angles are axis-angles, hands are added to the model's mean hands, and each person has intrinsics of his own.
Photos are read without their EXIF orientation (common/utils/preprocessing.py).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from render.containers.columns import read_angles, read_column
from render.containers.json_values import RowFault
from render.containers.read import ContainerError, read_container
from render.fits.build import assemble, make_poses
from render.fits.cameras import pinhole
from render.fits.checks import check_rows, make_problem
from render.fits.fit_file import FitFile
from render.fits.image_paths import relative_name
from render.fits.reader import FitFormat
from render.fits.rotations import joints_rotmat
from render.types.fits import Fits, RowProblem

EXPECTED = "a folder of SMPLer-X's, with smplx/FRAME_PERSON.npz and meta/FRAME_PERSON.json"
_NOTES = (
    "axes: x right, y down, z away, in metres",
    "camera: OpenCV pinhole of each person in pixels of the photo, so people of one photo share no depth",
    "hands: added to the model's mean hands",
)
_NAME = re.compile(r"(\d{1,9})_(\d{1,9})\.npz", re.ASCII)
# In the order of SMPL-X's joints.
_POSES = {"global_orient": 1, "body_pose": 21, "jaw_pose": 1, "leye_pose": 1, "reye_pose": 1}
_HANDS = ("left_hand_pose", "right_hand_pose")


def recognises(file: FitFile) -> bool:
    """Whether a folder has SMPLer-X's two folders, with a person in the first."""
    return file.kind == "folder" and (file.path / "meta").is_dir() and bool(_list_people(file.path))


def read(file: FitFile) -> tuple[Fits, list[RowProblem]]:
    """Reads a folder of SMPLer-X's; see `render.fits.reader.Read`. Rows are its people, frame by frame."""
    people = _list_people(file.path)
    if not people:
        file.refuse("there is none", EXPECTED, "Set dataset.fit_file to SMPLer-X's output folder")
    columns: dict[str, list[Any]] = {}
    problems: list[RowProblem] = []
    for row, (frame, person, name) in enumerate(people):
        try:
            meta = _read_values(file.path / "meta" / f"{name}.json")
            image_name = relative_name(str(meta.get("img_path", "")), file.image_dir)
            found = _read_person(_read_values(file.path / "smplx" / f"{name}.npz"), meta)
        except RowFault as fault:
            problems.append(make_problem(row, "", f"{name}: {fault}"))
            continue
        found |= {"row": row, "image_name": image_name, "person": person, "frame": frame}
        for key, value in found.items():
            columns.setdefault(key, []).append(value)
    if not columns:
        file.refuse_rows(problems)
    fits, unfit = check_rows(_assemble(columns))
    problems = sorted([*problems, *unfit], key=lambda problem: problem.row)
    if not len(fits):
        file.refuse_rows(problems)
    return fits, problems


def _list_people(folder: Path) -> list[tuple[int, int, str]]:
    """Frame, person and name of each, in order of frames."""
    try:
        names = os.listdir(folder / "smplx")
    except OSError:
        return []
    found = [(match, name) for name in names if (match := _NAME.fullmatch(name))]
    return sorted((int(match[1]), int(match[2]), name.removesuffix(".npz")) for match, name in found)


def _read_values(path: Path) -> Mapping[str, Any]:
    try:
        values = read_container(path)
    except FileNotFoundError:
        raise RowFault(path.parent.name, "a file", "nothing") from None
    except (ContainerError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise RowFault(path.parent.name, "values of a person", str(reason)) from error
    if not isinstance(values, Mapping):
        raise RowFault(path.parent.name, "values of a person by name", "another value")
    return values


def _read_person(held: Mapping[str, Any], meta: Mapping[str, Any]) -> dict[str, Any]:
    angles = [read_angles(held, key, count) for key, count in _POSES.items()]
    return {
        "angles": np.concatenate(angles),
        "hands": np.array([read_angles(held, key, 15).reshape(45) for key in _HANDS]),
        "betas": read_column(held, "betas", (1, 10), (10,)).reshape(10),
        "expression": read_column(held, "expression", (1, 10), (10,)).reshape(10),
        "transl_m": read_column(held, "transl", (1, 3), (3,)).reshape(3),
        "focal": read_column(meta, "focal", (2,)),
        "center": read_column(meta, "princpt", (2,)),
    }


def _assemble(columns: dict[str, list[Any]]) -> Fits:
    arrays = {key: np.array(values) for key, values in columns.items() if key != "image_name"}
    poses = make_poses(
        "smplx",
        joints_rotmat(arrays["angles"], 55),
        arrays["betas"],
        expression=arrays["expression"],
        hands=arrays["hands"],
        adds_hand_mean=True,
    )
    cameras = pinhole(arrays["focal"], arrays["center"], arrays["transl_m"], is_metric=False)
    return assemble(
        "smplerx",
        columns["image_name"],
        poses,
        cameras,
        row=arrays["row"],
        notes=_NOTES,
        person=arrays["person"],
        frame=arrays["frame"],
    )


FORMAT = FitFormat(read=read, recognises=recognises, looks_at_photos=True, ignores_exif=True)
