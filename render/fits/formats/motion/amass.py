"""AMASS's npz of motion capture, of SMPL-H or SMPL-X, and BEDLAM's animations; or a folder of such.

SMPL-H's files have `poses` (F, 156), `trans`, 16 `betas`, `gender` and `mocap_framerate`; SMPL-X's, called
`_stageii`, have `poses` (F, 165) or its parts by name, and `mocap_frame_rate` (nghorbani/amass; smplcodec's
codec.py). The world's z axis is up. BEDLAM's `motion_seq.npz` and files of others in this layout may have y
up instead: that is told from how the bodies stand, or by the option `up`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from render.containers.columns import ANY, has_value, read_column, unwrap
from render.containers.contents.npz_members import read_npz_keys
from render.containers.errors import ContainerError
from render.containers.json_values import RowFault, describe, shown
from render.errors import FitFileError
from render.fits.checks import check_rows, make_problem
from render.fits.fit_file import FitFile
from render.fits.motion.codec import check_coefficients, check_rate, read_number
from render.fits.motion.tracks import Motion, Track, assemble_tracks, check_frames
from render.fits.motion.worlds import stand
from render.fits.reader import FitFormat, ReaderOption
from render.fits.rotations import axis_angle_to_rotmat
from render.types.fits import Fits, RowProblem

EXPECTED = "an npz of AMASS's, with trans and poses, or root_orient and pose_body; or a folder of such"
# Numbers of a pose, and the model that they are of.
_KINDS = {72: "smpl", 156: "smplh", 165: "smplx"}
# In the order of the joints.
_ROOT_AND_BODY = {"root_orient": 3, "pose_body": 63}
_FACE = {"pose_jaw": 3, "pose_eye": 6}
_HANDS = {"pose_hand": 90}
_RATES = ("mocap_frame_rate", "mocap_framerate")
_KEYS = ("poses", "trans", "betas", "gender", *_RATES, *_ROOT_AND_BODY, *_FACE, *_HANDS)
_VARIANTS = {"m": "male", "f": "female", "n": "neutral"}
_VARIANTS |= {variant: variant for variant in _VARIANTS.values()}
# What AMASS keeps beside the motions of a subject: his shape.
_SHAPES = ("shape.npz", "_stagei.npz")
_DEEPEST, _MOST_FILES, _MOST_LOOKED_AT = 8, 1 << 17, 1 << 14
# Of the pelvis' own up along y on average, and of the body's origin, m: people of a world whose y is up stand
# so, and those who lie in one whose z is up do not.
_LEAST_UPRIGHT, _LEAST_HEIGHT_M = 0.8, 0.5
_AXES = {
    "z": "axes: x right, z up, in metres; turned to x right, y down, z away",
    "y": "axes: x right, y up, in metres, as the bodies stand; turned to x right, y down, z away; "
    "dataset.options='{up: z}' says that z is up",
}
_NOTES = ("camera: there is none, and bodies are shown whole", "hands: added to flat hands")


def recognises(file: FitFile) -> bool:
    """Whether a file is an npz of poses and translations in AMASS's layout, or a folder with one."""
    if file.kind == "folder":
        for place, path in enumerate(_walk(file.path)):
            if place == _MOST_LOOKED_AT:
                return False
            if _is_motion(path):
                return _is_npz_of_motion(path)
        return False
    if file.kind != "npz":
        return False
    shapes = file.keys
    if len(shapes.get("trans") or ()) != 2:
        return False
    poses = shapes.get("poses") or ()
    parts = [shapes.get(key) or () for key in _ROOT_AND_BODY]
    return (len(poses) == 2 and poses[1] in _KINDS) or [part[1:] for part in parts] == [(3,), (63,)]


def read(file: FitFile) -> tuple[Fits, list[RowProblem]]:
    """Reads a file, or all of a folder and of those below it; see `render.fits.reader.Read`.

    Rows are frames, file by file in the order of their paths. A file that cannot be read takes one row.
    """
    is_folder = file.kind == "folder"
    paths = _list_motions(file) if is_folder else [file.path]
    tracks: list[Track] = []
    problems: list[RowProblem] = []
    row = frames = 0
    for path in paths:
        try:
            motion = _read_motion(path)
        except RowFault as fault:
            if not is_folder:
                file.refuse(str(fault), EXPECTED)
            name = shown(path.relative_to(file.path).as_posix())
            problems.append(make_problem(row, "", f"{name}: {fault}"))
            row += 1
            continue
        frames += len(motion)
        _check_total(file, frames)
        sequence = path.relative_to(file.path).with_suffix("").as_posix() if is_folder else path.stem
        up = file.options.get("up") or _find_up(motion)
        cameras, world = stand(up, motion.transl_m)
        notes = (_AXES[up], *_NOTES)
        tracks.append(Track(motion, sequence, 0, row, 0, cameras, world, notes))
        row += len(motion)
    if not tracks:
        file.refuse_rows(problems)
    fits, unfit = check_rows(assemble_tracks("amass", tracks))
    return fits, sorted([*problems, *unfit], key=lambda problem: problem.row)


def _walk(folder: Path, depth: int = 0) -> Iterator[Path]:
    """Files below a folder in the order of their names; links to folders are not followed."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if not entry.is_dir(follow_symlinks=False):
            yield Path(entry.path)
        elif depth < _DEEPEST:
            yield from _walk(Path(entry.path), depth + 1)


def _is_motion(path: Path) -> bool:
    return path.suffix.lower() == ".npz" and not path.name.endswith(_SHAPES)


def _is_npz_of_motion(path: Path) -> bool:
    try:
        return recognises(FitFile(path))
    except FitFileError:
        return False


def _list_motions(file: FitFile) -> list[Path]:
    paths = []
    for path in _walk(file.path):
        if _is_motion(path):
            paths.append(path)
        if len(paths) > _MOST_FILES:
            file.refuse(f"found more than {_MOST_FILES} files", EXPECTED, "Choose a folder below it")
    if not paths:
        file.refuse("no npz file is in it", EXPECTED)
    return paths


def _check_total(file: FitFile, frames: int) -> None:
    try:
        check_frames(frames)
    except RowFault as fault:
        file.refuse(str(fault), EXPECTED, "Set dataset.fit_file to one of the folders below it")


def _read_motion(path: Path) -> Motion:
    try:
        held = read_npz_keys(path, _KEYS)
    except (ContainerError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise RowFault("file", "an npz", str(reason)) from error
    if not has_value(held, "trans"):
        raise RowFault("trans", "numbers", "nothing")
    transl_m = read_column(held, "trans", (ANY, 3)).astype(np.float64)
    count = len(transl_m)
    if not count:
        raise RowFault("trans", "a row for each frame", "none")
    check_frames(count)
    pose = _read_pose(held, count)
    betas = np.zeros(0, np.float32)
    if has_value(held, "betas"):
        betas = read_column(held, "betas", (ANY,), (1, ANY)).reshape(-1)
        check_coefficients("betas", len(betas))
    rate_hz = np.nan
    for key in _RATES:
        if has_value(held, key):
            rate_hz = check_rate(key, read_number(held, key, np.nan))
    return Motion(
        kind=_KINDS[pose.shape[1]],
        variant=_read_variant(held),
        angles_rad=pose.reshape(count, -1, 3),
        betas=betas,
        expression=np.zeros((count, 0), np.float32),
        transl_m=transl_m,
        rate_hz=rate_hz,
    )


def _read_pose(held: Mapping[str, Any], count: int) -> np.ndarray:
    """(F, K) float32 of all joints in the model's order."""
    if has_value(held, "poses"):
        pose = read_column(held, "poses", *((count, numbers) for numbers in _KINDS))
        return pose.astype(np.float32)
    is_smplx = any(has_value(held, key) for key in _FACE)
    parts = {**_ROOT_AND_BODY, **(_FACE if is_smplx else {}), **_HANDS}
    pose = np.zeros((count, sum(parts.values())), np.float32)
    first = 0
    for key, numbers in parts.items():
        # Bodies whose hands and face nobody captured have none.
        if key in _ROOT_AND_BODY or has_value(held, key):
            pose[:, first : first + numbers] = read_column(held, key, (count, numbers))
        first += numbers
    return pose


def _read_variant(held: Mapping[str, Any]) -> str:
    gender = unwrap(held.get("gender"))
    if gender is None:
        return "neutral"
    if isinstance(gender, bytes):
        gender = gender.decode("latin-1")
    found = _VARIANTS.get(gender.lower()) if isinstance(gender, str) else None
    if found is None:
        raise RowFault("gender", "male, female or neutral", describe(gender))
    return found


def _find_up(motion: Motion) -> str:
    """The axis that is up: z, unless the bodies stand along y."""
    upright = axis_angle_to_rotmat(motion.angles_rad[:, 0])[:, 1, 1]
    height_m = motion.transl_m[:, 1]
    known = np.isfinite(upright) & np.isfinite(height_m)
    if not known.any():
        return "z"
    stands = upright[known].mean() > _LEAST_UPRIGHT and np.median(height_m[known]) > _LEAST_HEIGHT_M
    return "y" if stands else "z"


FORMAT = FitFormat(
    read=read,
    recognises=recognises,
    options=(ReaderOption("up", "which axis is up, where it is not as AMASS has it", ("y", "z")),),
)
