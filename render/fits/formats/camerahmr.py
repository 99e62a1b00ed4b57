"""Labels of CameraHMR (COCO, MPII, AIC, INSTA) and of BEDLAM 1 and 2: npz with poses in the camera's frame.

Vertices of (`pose_cam`, `shape`) are moved by `trans_cam`, and by the last column of `cam_ext` where there is
one; `cam_int` is the camera (CameraHMR's core/datasets/dataset_train.py, BEDLAM's
data_processing/df_full_body.py). The rotation of `cam_ext` is in `pose_cam` already.

CameraHMR reads photos without their EXIF orientation; BEDLAM's have none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from render.containers.columns import ANY, has_value, read_column, read_texts
from render.containers.errors import ContainerError
from render.containers.json_values import RowFault, describe
from render.containers.mapped_npz import map_npz
from render.fits.build import assemble, make_marks, make_poses, merge_sources
from render.fits.cameras import has_no_skew, pinhole
from render.fits.checks import check_rows, make_problem
from render.fits.fit_file import FitFile
from render.fits.image_paths import relative_name
from render.fits.reader import FitFormat
from render.fits.rotations import joints_rotmat
from render.types.fits import BOX_UNIT_PX, Fits, RowProblem

EXPECTED = "an npz of labels, with imgname, pose_cam or pose, shape, trans_cam and cam_int"
_NEEDED = {"imgname", "shape", "trans_cam", "cam_int"}
_POSES = ("pose_cam", "pose")
_OPTIONAL = ("cam_ext", "gtkps", "center", "scale", "gender")
# Numbers of a pose, and the model that they are of. SMPL-X's are in the order of its joints: root, body, jaw,
# eyes, left hand, right hand.
_KINDS = {72: "smpl", 165: "smplx"}
# BEDLAM's `gender` is the subject's; bodies of 11 betas, with a component of children, are of the neutral
# model whoever the subject is.
_KID_BETAS = 11
# Of BEDLAM 2.
_LOCKED_HEAD_BETAS = 16
_VARIANTS = {
    "m": "male",
    "male": "male",
    "f": "female",
    "female": "female",
    "n": "neutral",
    "neutral": "neutral",
}
# Beyond it bodies are deformed, as those of some sequences of BEDLAM 2 are.
_LARGEST_SHAPE = 20
_NOTES = (
    "axes: x right, y down, z away, in metres",
    "camera: OpenCV pinhole in pixels of the photo; people of one photo who share it are at their true depth",
)
_HANDS_NOTE = "hands: added to flat hands"
_PORTRAITS = (
    "photos: BEDLAM stores those of scenes called closeup or portrait lying; turn them by 90 degrees "
    "clockwise first"
)


def recognises(file: FitFile) -> bool:
    """Whether a file is an npz with a camera matrix and a pose of each person."""
    return file.kind == "npz" and set(file.keys) >= _NEEDED and any(key in file.keys for key in _POSES)


def read(file: FitFile) -> tuple[Fits, list[RowProblem]]:
    """Reads a file of labels; see `render.fits.reader.Read`."""
    held = _read_arrays(file)
    missing = sorted(_NEEDED - held.keys())
    if missing or not any(key in held for key in _POSES):
        file.refuse(f"found no {missing[0] if missing else 'pose_cam and no pose'}", EXPECTED)
    try:
        return _read_rows(file, held)
    except RowFault as fault:
        file.refuse(str(fault), EXPECTED)


def _read_arrays(file: FitFile) -> dict[str, Any]:
    """Those that are needed: a file may hold thousands of vertices of each person beside them."""
    if file.kind != "npz":
        file.refuse(f"found {file.kind}", EXPECTED)
    try:
        with map_npz(file.path) as arrays:
            wanted = [*sorted(_NEEDED), *_OPTIONAL, *_POSES]
            return {key: arrays.read(key) for key in wanted if key in arrays.keys()}  # noqa: SIM118
    except (ContainerError, OSError) as error:
        file.refuse(str(error), EXPECTED)


def _read_rows(file: FitFile, held: Mapping[str, Any]) -> tuple[Fits, list[RowProblem]]:
    names = read_texts(held, "imgname")
    # What lies where is not asked: a million names are kept for the next start.
    names[:] = [relative_name(name, None) if type(name) is str else name for name in names]
    count = len(names)
    if not count:
        file.refuse("it has no rows", EXPECTED)
    key = next(key for key in _POSES if key in held)
    pose = read_column(held, key, (count, 72), (count, 165), (count, 24, 3), (count, 55, 3))
    pose = pose.reshape(count, -1)
    betas = read_column(held, "shape", (count, ANY))
    transl_m = read_column(held, "trans_cam", (count, 3)).astype(np.float64)
    cam_int = read_column(held, "cam_int", (count, 3, 3)).astype(np.float64)
    if has_value(held, "cam_ext"):
        transl_m += read_column(held, "cam_ext", (count, 4, 4))[:, :3, 3]
    box_px = _read_boxes(held, count)
    marks = _read_marks(held, count, pose.shape[1], betas.shape[1])
    variants, problems = _read_variants(held, names, betas.shape[1])
    is_plain = has_no_skew(cam_int)
    for row in np.flatnonzero(~is_plain & (variants != "")):
        fault = RowFault("cam_int", "a camera matrix fx 0 cx, 0 fy cy, 0 0 1", str(cam_int[row].tolist()))
        problems.append(make_problem(row, names[row], str(fault)))
    is_metric = _share_cameras(names, cam_int)
    notes: tuple[str, ...] = (*_NOTES, _HANDS_NOTE) if _KINDS[pose.shape[1]] == "smplx" else _NOTES
    # BEDLAM's principal points are the pictures' centres.
    if has_value(held, "cam_ext") and (cam_int[:, 1, 2] > cam_int[:, 0, 2]).any():
        notes += (_PORTRAITS,)
    joints = pose.shape[1] // 3
    parts = []
    # One is there even where no row is left.
    for variant in sorted({*variants[is_plain]} - {""}) or ["neutral"]:
        index = np.flatnonzero(is_plain & (variants == variant))
        rotmat = joints_rotmat(pose[index].reshape(len(index), joints, 3), joints)
        cameras = pinhole(
            cam_int[index][:, (0, 1), (0, 1)], cam_int[index][:, :2, 2], transl_m[index], is_metric=True
        )
        cameras.is_metric[:] = is_metric[index]
        poses = make_poses(_KINDS[pose.shape[1]], rotmat, betas[index], variant=variant)
        parts.append(
            assemble(
                "camerahmr",
                names[index],
                poses,
                cameras,
                row=np.arange(count)[index],
                marks=None if marks is None else make_marks(marks[0], marks[1][index]),
                notes=notes + _find_large(poses.betas),
                box_px=box_px[index],
            )
        )
    fits, unfit = check_rows(merge_sources(parts))
    return fits, sorted([*problems, *unfit], key=lambda problem: problem.row)


def _read_boxes(held: Mapping[str, Any], count: int) -> np.ndarray:
    if not (has_value(held, "center") and has_value(held, "scale")):
        return np.full((count, 3), np.nan)
    center = read_column(held, "center", (count, 2)).astype(np.float64)
    scale = read_column(held, "scale", (count,), (count, 1)).reshape(count)
    side_px = BOX_UNIT_PX * scale.astype(np.float64)
    return np.column_stack([center - side_px[:, None] / 2, side_px])


def _read_marks(
    held: Mapping[str, Any], count: int, pose_numbers: int, betas: int
) -> tuple[str, np.ndarray] | None:
    """The order and the joints of BEDLAM's files, which have extrinsics; of others no order is known."""
    if not (has_value(held, "cam_ext") and has_value(held, "gtkps")):
        return None
    points = read_column(held, "gtkps", (count, ANY, 2), (count, ANY, 3))
    order, joints = ("smpl24", 24) if pose_numbers == 72 else ("smplx22", 22)
    if betas == _LOCKED_HEAD_BETAS:
        order, joints = "openpose25", 25
    return (order, points[:, :joints]) if points.shape[1] >= joints else None


def _read_variants(
    held: Mapping[str, Any], names: np.ndarray, betas: int
) -> tuple[np.ndarray, list[RowProblem]]:
    """The model's file that each row is of, empty where that is not known, and the problems of these rows."""
    count = len(names)
    if betas == _KID_BETAS or not has_value(held, "gender"):
        return np.full(count, "neutral"), []
    genders = read_texts(held, "gender", count)
    found = [_VARIANTS.get(gender, "") if type(gender) is str else "" for gender in genders]
    problems = [
        make_problem(
            row, names[row], str(RowFault("gender", "male, female or neutral", describe(genders[row])))
        )
        for row, variant in enumerate(found)
        if not variant
    ]
    return np.array(found), problems


def _share_cameras(names: np.ndarray, cam_int: np.ndarray) -> np.ndarray:
    """Whether all rows of a row's photo have its camera (N,)."""
    places: dict[str, int] = {}
    # What is no text is named as such later.
    photo = np.array([places.setdefault(str(name), len(places)) for name in names])
    first = np.full(len(places), len(names))
    np.minimum.at(first, photo, np.arange(len(names)))
    is_other = (cam_int != cam_int[first[photo]]).any((1, 2))
    return np.bincount(photo, is_other)[photo] == 0


def _find_large(betas: np.ndarray) -> tuple[str, ...]:
    """A note of bodies that look wrong, if there are any."""
    # A norm beyond float32 is infinite, and too large as well.
    with np.errstate(over="ignore", invalid="ignore"):
        large = int((np.linalg.norm(betas.astype(np.float64), axis=1) > _LARGEST_SHAPE).sum())
    if not large:
        return ()
    return (f"shape: {large} of {len(betas)} bodies look wrong, with betas of a norm above {_LARGEST_SHAPE}",)


FORMAT = FitFormat(read=read, recognises=recognises, ignores_exif=True)
