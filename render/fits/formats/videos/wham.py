"""Results of WHAM: wham_output.pkl, a pickle of joblib's of the people of a video.

`{person: {pose, trans, pose_world, trans_world, betas, verts, frame_ids}}` with a row for each frame in which
the person is tracked (demo.py). Over the video, SMPL's vertices of (pose, betas) are moved by trans, which is
what `verts` are; the pinhole's focal length is the picture's diagonal (lib/vis/run_vis.py).

In the world, trans_world is where the middle of the hips is (lib/models/smpl.py), and each person starts at
its origin.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from render.containers.columns import ANY, read_column, read_whole
from render.containers.json_values import RowFault, shown
from render.fits.build import assemble, make_poses
from render.fits.cameras import pinhole
from render.fits.fit_file import FitFile
from render.fits.motion.worlds import TO_WORLD
from render.fits.reader import FitFormat
from render.fits.rotations import axis_angle_to_rotmat, joints_rotmat
from render.fits.sequences.rows import check_sequence, name_rows, number_people, tell_sequence
from render.fits.sequences.worlds import SPACE, WORLD_NOTE, is_world, know_gravity, stand_in_world, turn
from render.types.fits import Fits, RowProblem, Unit

EXPECTED = "a result of WHAM, {person: {pose, trans, pose_world, trans_world, betas, frame_ids}}"
_AXES = "axes: x right, y down, z away, in metres"
_CAMERA = (
    "camera: OpenCV pinhole of the picture's diagonal, as WHAM guesses it; one that it was given is not in "
    "the file"
)
_FRAMES = "photos: frame i is the i-th picture of the image folder in the order of names, from 0 on"
_ALONE = "world: each person has one of his own and starts at its origin, wherever the others are"
_KEYS = {False: ("pose", "trans"), True: ("pose_world", "trans_world")}
# Of SMPL's mean body at rest, to a centimetre. WHAM finds its hips with weights that no file of it holds.
_PELVIS_M, _HIPS_M = np.array([0.0, -0.22, 0.03]), np.array([0.0, -0.31, 0.02])


def recognises(file: FitFile) -> bool:
    """Whether a file holds tables of people with poses in a world by WHAM's names."""
    return file.kind in ("joblib", "pickle") and _are_people(file.content)


def read(file: FitFile) -> tuple[Fits, list[RowProblem]]:
    """Reads a result; see `render.fits.reader.Read`. Rows are counted person by person."""
    if not _are_people(file.content):
        file.refuse("it holds no such tables", EXPECTED)
    try:
        fits, problems = _read_people(file, _join(file.content, _KEYS[is_world(file.options)]))
    except RowFault as fault:
        file.refuse(str(fault), EXPECTED)
    if not len(fits):
        file.refuse_rows(problems)
    return fits, problems


def _are_people(content: Any) -> bool:
    if not isinstance(content, Mapping) or not content:
        return False
    return all(
        isinstance(table, Mapping) and {"pose_world", "trans_world", "frame_ids"} <= set(table)
        for table in content.values()
    )


def _join(content: Mapping[Any, Mapping[str, Any]], keys: tuple[str, str]) -> dict[str, np.ndarray]:
    """Columns of all people, one after the other."""
    pose_key, transl_key = keys
    people = number_people(content)
    found: list[dict[str, np.ndarray]] = []
    # People of a pickle may name one array a million times, and copies of it would fill any memory.
    seen: set[int] = set()
    for (person, table), number in zip(content.items(), people, strict=True):
        try:
            arrays = {id(value) for value in table.values() if isinstance(value, np.ndarray | list)}
            if not seen.isdisjoint(arrays):
                raise RowFault("arrays", "arrays of each person", "those of another one again")
            seen |= arrays
            pose = read_column(table, pose_key, (ANY, 72))
            count = len(pose)
            betas = read_column(table, "betas", (count, found[0]["betas"].shape[1] if found else ANY))
            found.append(
                {
                    "pose": pose,
                    "root_world": read_column(table, "pose_world", (count, 72))[:, :3],
                    "betas": betas,
                    "transl_m": read_column(table, transl_key, (count, 3)),
                    "frame": read_whole(table, "frame_ids", count),
                    "person": np.full(count, number),
                }
            )
        except RowFault as fault:
            raise RowFault(f"person {shown(str(person))}", "a row for each frame", str(fault)) from fault
    return {key: np.concatenate([part[key] for part in found]) for key in found[0]}


def _read_people(file: FitFile, columns: Mapping[str, np.ndarray]) -> tuple[Fits, list[RowProblem]]:
    pose, transl_m, frame = columns["pose"].reshape(-1, 24, 3), columns["transl_m"], columns["frame"]
    bodies = make_poses("smpl", joints_rotmat(pose, 24), columns["betas"])
    told = tell_sequence(file.path, columns["person"], frame)
    names = name_rows(frame, file.image_dir)
    if is_world(file.options):
        # SMPL turns about the pelvis, and so the hips turn about it.
        hips_m = _PELVIS_M + turn(axis_angle_to_rotmat(pose[:, 0]), _HIPS_M - _PELVIS_M)
        cameras, world = stand_in_world(TO_WORLD["y"], turn(TO_WORLD["y"], transl_m - hips_m))
        notes = (_AXES, WORLD_NOTE, _ALONE)
        fits = assemble("wham", names, bodies, cameras, world=world, notes=notes, **told)
    else:
        ones = np.ones(len(frame))
        cameras = pinhole(ones, np.zeros(2), transl_m, unit=Unit.DIAGONAL, is_metric=True)
        world = know_gravity(TO_WORLD["y"], columns["root_world"], pose[:, 0])
        notes = (_AXES, _CAMERA, _FRAMES)
        fits = assemble("wham", names, bodies, cameras, world=world, notes=notes, **told)
    return check_sequence(fits, needs_place=is_world(file.options))


FORMAT = FitFormat(read=read, recognises=recognises, looks_at_photos=True, options=(SPACE,))
