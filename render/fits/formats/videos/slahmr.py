"""Results of SLAHMR: SEQ_000060_world_results.npz and the like, of the people of a video in one world.

Of B people in T frames: trans, root_orient, pose_body, betas; cam_R and cam_t, from the world to each frame's
camera; intrins; and from the last stage floor_plane, and track_mask, which frames each person is tracked in
(slahmr/optim/base_scene.py, moving_scene.py). The model is SMPL-H with flat hands, and 16 betas
(slahmr/body_model/body_model.py). A track_info.json in the folder of the run has the numbers of the tracks
and of the first frame (slahmr/optim/output.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from render.containers.columns import ANY, has_value, read_column
from render.containers.json_values import RowFault
from render.containers.mapped_npz import map_npz
from render.containers.read import ContainerError
from render.fits.build import assemble, make_poses
from render.fits.cameras import World, pinhole
from render.fits.fit_file import FitFile
from render.fits.reader import FitFormat
from render.fits.rotations import joints_rotmat
from render.fits.sequences.floors import Floor
from render.fits.sequences.rows import check_sequence, name_rows, tell_sequence
from render.fits.sequences.slahmr_tracks import read_tracks
from render.fits.sequences.worlds import SPACE, WORLD_NOTE, is_world, stand_in_world, turn
from render.types.fits import Fits, RowProblem

EXPECTED = "a world result of SLAHMR, with trans, root_orient, pose_body, betas, cam_R, cam_t and intrins"
_NEEDED = {"trans", "root_orient", "pose_body", "betas", "cam_R", "cam_t", "intrins"}
_OPTIONAL = ("floor_plane", "track_mask")
_BODY = "body: SMPL-H with flat hands"
_AXES = "axes: x right, y down, z away, in metres"
_CAMERA = "camera: OpenCV pinhole of each frame, which people share, so depth is true"
_FRAMES = "photos: frame i is the i-th picture of the image folder in the order of names, from 0 on"
_UNTOLD = "frames: counted from the first of the file, as there is no track_info.json"
_NO_FLOOR = "world: not known, as there is no floor_plane before SLAHMR's last stage"
_JOINTS, _BODY_JOINTS = 52, 22


def recognises(file: FitFile) -> bool:
    """Whether a file is an npz of poses and cameras by SLAHMR's names."""
    return file.kind == "npz" and set(file.keys) >= _NEEDED


def read(file: FitFile) -> tuple[Fits, list[RowProblem]]:
    """Reads a result; see `render.fits.reader.Read`. Rows are counted person by person."""
    held = _read_arrays(file)
    try:
        fits, problems = _read_people(file, held)
    except RowFault as fault:
        file.refuse(str(fault), EXPECTED)
    if not len(fits):
        file.refuse_rows(problems)
    return fits, problems


def _read_arrays(file: FitFile) -> dict[str, Any]:
    """Those that are needed: a file holds all of an optimisation's numbers beside them."""
    if file.kind != "npz":
        file.refuse(f"found {file.kind}", EXPECTED)
    try:
        with map_npz(file.path) as arrays:
            there = arrays.keys()
            held = {key: arrays.read(key) for key in (*sorted(_NEEDED), *_OPTIONAL) if key in there}
    except (ContainerError, OSError) as error:
        file.refuse(str(error), EXPECTED)
    missing = sorted(_NEEDED - held.keys())
    if missing:
        file.refuse(f"found no {missing[0]}", EXPECTED, "Name a file of motion_chunks/ or smooth_fit/")
    return held


def _read_people(file: FitFile, held: Mapping[str, Any]) -> tuple[Fits, list[RowProblem]]:
    trans = read_column(held, "trans", (ANY, ANY, 3))
    people, frames = trans.shape[:2]
    root = read_column(held, "root_orient", (people, frames, 3))
    pose = read_column(held, "pose_body", (people, frames, 63), (people, frames, 21, 3))
    betas = read_column(held, "betas", (people, ANY))
    # In the middle of a run there are more cameras than poses.
    cam_r = read_column(held, "cam_R", (people, ANY, 3, 3))
    cam_t = read_column(held, "cam_t", (people, ANY, 3))
    if min(cam_r.shape[1], cam_t.shape[1]) < frames:
        raise RowFault("cam_R", f"{frames} frames, as trans has", str(cam_r.shape[1]))
    tracks = read_tracks(file.path, people, frames)
    is_there = np.ones((people, frames), bool) if tracks is None else tracks.is_there
    if has_value(held, "track_mask"):
        is_there = is_there & (read_column(held, "track_mask", (people, frames)) != 0)
    who, when = np.nonzero(is_there)
    if not len(who):
        file.refuse("nobody is tracked in it", EXPECTED)
    frame = when + (0 if tracks is None else tracks.first_frame)
    angles = np.concatenate([root[who, when, None], pose.reshape(people, frames, 21, 3)[who, when]], 1)
    bodies = make_poses("smplh", joints_rotmat(angles, _JOINTS), betas[who])
    camera_r, moved = cam_r[who, when].astype(np.float64), trans[who, when]
    floor = None
    if has_value(held, "floor_plane"):
        floor = Floor.parse("floor_plane", read_column(held, "floor_plane", (ANY, 3)))
    notes: tuple[str, ...] = (_BODY, _AXES)
    if is_world(file.options):
        if floor is None:
            raise RowFault("floor_plane", "the floor, for options={space: world}", "nothing")
        cameras, world = stand_in_world(floor.rotation, floor.place(moved))
        notes += (WORLD_NOTE,)
    else:
        intrins = read_column(held, "intrins", (4,)).astype(np.float64)
        cameras = pinhole(
            np.tile(intrins[:2], (len(who), 1)),
            intrins[2:],
            turn(camera_r, moved) + cam_t[who, when],
            camera_r,
            is_metric=True,
        )
        notes += (_CAMERA, _FRAMES, *(() if tracks else (_UNTOLD,)), *(() if floor else (_NO_FLOOR,)))
        world = World.unknown(len(who))
        if floor is not None:
            world = World(floor.rotation @ camera_r.transpose(0, 2, 1), floor.place(moved))
    left_out = is_there.size - len(who)
    if left_out:
        notes += (f"left out: {left_out} entries of people in frames in which they are not tracked",)
    fits = assemble(
        "slahmr",
        name_rows(frame, file.image_dir),
        bodies,
        cameras,
        world=world,
        notes=notes,
        **tell_sequence(file.path, who if tracks is None else tracks.person[who], frame),
    )
    return check_sequence(fits, needs_place=is_world(file.options))


FORMAT = FitFormat(read=read, recognises=recognises, looks_at_photos=True, options=(SPACE,))
