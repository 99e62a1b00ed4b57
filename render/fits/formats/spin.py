"""SPIN's npz of predictions, as those of HMR, GraphCMR and their successors are too.

The keys are those of SPIN's datasets (datasets/base_dataset.py): `imgname`, `center`, and `scale`, which is
the side of the square crop / 200 px. Beside them are a network's `pred_cam`, s, tx and ty of s (X + t) in
that crop, and its `pred_rotmat` or `pred_pose` with `pred_betas`, or its vertices. Without them, `pose` and
`shape` of the dataset are drawn. SPIN cuts crops at whole pixels, so people are off by up to a pixel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from render.containers.columns import ANY, has_value, read_column, read_texts
from render.containers.json_values import RowFault
from render.fits.build import assemble, make_marks, make_poses, merge_sources
from render.fits.cameras import weak_in_box
from render.fits.checks import check_rows, make_problem
from render.fits.fit_file import FitFile
from render.fits.image_paths import relative_name
from render.fits.reader import FitFormat
from render.fits.rotations import axis_angle_to_rotmat
from render.types.fits import BOX_UNIT_PX, Fits, RowProblem
from render.types.sources import Meshes, Poses

EXPECTED = "an npz of SPIN's predictions, with imgname, center, scale and pred_cam"
NOTES = (
    "axes: x right, y down, z away, in metres",
    "camera: weak perspective, s (X + t) in a square crop, so people of one photo share no depth",
)
_NEEDED = {"imgname", "center", "scale"}
# Of formats that name photos and boxes as SPIN does, and have other cameras.
_OTHERS = {"cam_int", "trans_cam", "global_t", "focal_l"}
_NO_FIT = "has_smpl: expected 1, found 0: the dataset has no fit of this person"
_CAMERAS = ("pred_cam", "pred_camera", "cam")
_VARIANTS = {"m": "male", "male": "male", "f": "female", "female": "female"}


def recognises(file: FitFile) -> bool:
    """Whether a file is an npz that names photos and boxes as SPIN does, and no other format's."""
    if file.kind != "npz":
        return False
    keys = set(file.keys)
    return keys >= _NEEDED and not keys & _OTHERS


def read(file: FitFile) -> tuple[Fits, list[RowProblem]]:
    """Reads a file of SPIN's; see `render.fits.reader.Read`."""
    held = file.content
    if not isinstance(held, Mapping) or not set(held) >= _NEEDED:
        file.refuse("these keys are not there", EXPECTED)
    camera = _find(held, *_CAMERAS)
    if camera is None:
        file.refuse(
            "it has no camera, as SPIN's training labels have none",
            EXPECTED,
            "Save the network's pred_cam, (s, tx, ty) of each row, beside imgname, center and scale",
        )
    try:
        return _read_rows(file, held, camera)
    except RowFault as fault:
        file.refuse(str(fault), EXPECTED)


def _read_rows(file: FitFile, held: Mapping[str, Any], camera: str) -> tuple[Fits, list[RowProblem]]:
    names = read_texts(held, "imgname")
    count = len(names)
    names[:] = [relative_name(name, file.image_dir) if type(name) is str else name for name in names]
    cam = read_column(held, camera, (count, 3))
    center = read_column(held, "center", (count, 2)).astype(np.float64)
    scale = read_column(held, "scale", (count,), (count, 1)).reshape(count)
    side_px = BOX_UNIT_PX * scale.astype(np.float64)
    box_px = np.column_stack([center - side_px[:, None] / 2, side_px])
    points = [
        read_column(held, key, (count, joints, 3)) if has_value(held, key) else np.zeros((count, joints, 3))
        for key, joints in (("openpose", 25), ("part", 24))
    ]
    problems: list[RowProblem] = []
    parts = []
    for index, bodies in _read_bodies(held, count, problems, names):
        cameras = weak_in_box(cam[index], center[index], side_px[index], adds_before_scaling=True)
        marks = make_marks("spin49", np.concatenate([group[index] for group in points], 1))
        parts.append(
            assemble(
                "spin",
                names[index],
                bodies,
                cameras,
                row=index,
                marks=marks,
                notes=NOTES,
                box_px=box_px[index],
            )
        )
    if not parts:
        file.refuse_rows(problems)
    fits, unfit = check_rows(merge_sources(parts))
    problems = sorted([*problems, *unfit], key=lambda problem: problem.row)
    if not len(fits):
        file.refuse_rows(problems)
    return fits, problems


def _read_bodies(
    held: Mapping[str, Any], count: int, problems: list[RowProblem], names: np.ndarray
) -> Iterator[tuple[np.ndarray, Poses | Meshes]]:
    """Rows and their bodies for each of SMPL's files; rows without a fit are added to `problems`."""
    everyone = np.arange(count)
    betas = _find(held, "pred_betas", "pred_shape", "betas", "shape")
    pose = _find(held, "pred_rotmat", "pred_pose")
    verts = _find(held, "pred_vertices", "pred_verts", "vertices", "verts")
    if count and pose is not None and betas is not None:
        yield everyone, make_poses("smpl", _rotmat(held, pose, count), read_column(held, betas, (count, ANY)))
    elif count and verts is not None:
        mesh = read_column(held, verts, (count, 6890, 3)).astype(np.float32)
        yield everyone, Meshes("smpl", np.zeros((0, 3), np.int32), mesh)
    elif count:
        # The dataset's own fit, of a body of its gender.
        shape = read_column(held, betas or "shape", (count, ANY))
        rotmat = _rotmat(held, "pose", count)
        has_fit = np.ones(count, bool)
        if has_value(held, "has_smpl"):
            has_fit = read_column(held, "has_smpl", (count,), (count, 1)).reshape(count) != 0
        problems += [make_problem(row, names[row], _NO_FIT) for row in np.flatnonzero(~has_fit)]
        genders = read_texts(held, "gender", count) if has_value(held, "gender") else [""] * count
        variants = np.array([_VARIANTS.get(str(gender), "neutral") for gender in genders])
        for variant in ("neutral", "male", "female"):
            index = np.flatnonzero(has_fit & (variants == variant))
            if len(index):
                yield index, make_poses("smpl", rotmat[index], shape[index], variant=variant)


def _rotmat(held: Mapping[str, Any], key: str, count: int) -> np.ndarray:
    pose = read_column(held, key, (count, 72), (count, 24, 3), (count, 24, 3, 3))
    return pose if pose.ndim == 4 else axis_angle_to_rotmat(pose.reshape(count, 24, 3))


def _find(held: Mapping[str, Any], *keys: str) -> str | None:
    return next((key for key in keys if has_value(held, key)), None)


FORMAT = FitFormat(read=read, recognises=recognises, looks_at_photos=True)
