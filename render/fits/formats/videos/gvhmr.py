"""Results of GVHMR: hmr4d_results.pt, a file of torch of one person in a video.

`smpl_params_incam` and `smpl_params_global` have body_pose, betas, global_orient and transl of each frame,
and `K_fullimg` the cameras (tools/demo/demo.py). In spite of the names they are SMPL-X's, whose hands have
the model's mean pose (hmr4d/utils/smplx_utils.py). Each of the two is a prediction of its own: no one
movement of a camera leads from one to the other. But both are of one body, so that the two turns of it tell
how each frame's camera is turned in the world, and with it which way is down.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from render.containers.columns import ANY, read_column
from render.containers.json_values import RowFault
from render.fits.build import assemble, make_poses
from render.fits.cameras import has_no_skew, pinhole
from render.fits.fit_file import FitFile
from render.fits.reader import FitFormat
from render.fits.rotations import joints_rotmat
from render.fits.sequences.rows import check_sequence, name_rows, tell_sequence
from render.fits.sequences.worlds import SPACE, WORLD_NOTE, is_world, know_gravity, stand_in_world, turn
from render.types.fits import Fits, RowProblem

EXPECTED = "a result of GVHMR, with smpl_params_incam, smpl_params_global and K_fullimg"
_BODY = "body: SMPL-X with the model's mean hands, as GVHMR poses it"
_AXES = "axes: x right, y down, z away, in metres"
_CAMERA = "camera: OpenCV pinhole in pixels of the photo, which GVHMR guesses from the picture's size"
_FRAMES = "photos: frame i is the i-th picture of the image folder in the order of names, from 0 on"
_PLACES = {False: "smpl_params_incam", True: "smpl_params_global"}
_JOINTS, _BODY_JOINTS, _HAND_NUMBERS = 55, 22, 45
# GVHMR's world is the view of the first frame with y along gravity, turned by 180 degrees about z: its y
# points up (hmr4d/utils/geo/hmr_global.py).
_FROM_WORLD = np.diag([-1.0, -1.0, 1.0])


def recognises(file: FitFile) -> bool:
    """Whether a file of torch has poses and cameras by GVHMR's names."""
    return file.kind == "torch" and {*_PLACES.values(), "K_fullimg"} <= set(file.keys)


def read(file: FitFile) -> tuple[Fits, list[RowProblem]]:
    """Reads a result; see `render.fits.reader.Read`. Rows are frames."""
    content = file.content
    for place in _PLACES.values():
        if not isinstance(content, Mapping) or not isinstance(content.get(place), Mapping):
            file.refuse(f"found no {place}", EXPECTED)
    try:
        fits, problems = _read_frames(file, content, content[_PLACES[is_world(file.options)]])
    except RowFault as fault:
        file.refuse(str(fault), EXPECTED)
    if not len(fits):
        file.refuse_rows(problems)
    return fits, problems


def _read_frames(
    file: FitFile, content: Mapping[str, Any], params: Mapping[str, Any]
) -> tuple[Fits, list[RowProblem]]:
    root = read_column(params, "global_orient", (ANY, 3))
    count = len(root)
    angles = np.concatenate([root, read_column(params, "body_pose", (count, 63))], 1)
    transl_m = read_column(params, "transl", (count, 3))
    cam_int = read_column(content, "K_fullimg", (count, 3, 3)).astype(np.float64)
    bodies = make_poses(
        "smplx",
        joints_rotmat(angles.reshape(count, _BODY_JOINTS, 3), _JOINTS),
        read_column(params, "betas", (count, ANY)),
        hands=np.zeros((count, 2, _HAND_NUMBERS), np.float32),
        adds_hand_mean=True,
    )
    frame = np.arange(count)
    columns = tell_sequence(file.path, np.zeros(count, np.int64), frame)
    names = name_rows(frame, file.image_dir)
    if is_world(file.options):
        cameras, world = stand_in_world(_FROM_WORLD, turn(_FROM_WORLD, transl_m))
        notes: tuple[str, ...] = (_BODY, _AXES, WORLD_NOTE)
        fits = assemble("gvhmr", names, bodies, cameras, world=world, notes=notes, **columns)
        return check_sequence(fits, needs_place=True)
    cameras = pinhole(cam_int[:, (0, 1), (0, 1)], cam_int[:, :2, 2], transl_m, is_metric=True)
    in_world = read_column(content[_PLACES[True]], "global_orient", (count, 3))
    world = know_gravity(_FROM_WORLD, in_world, root)
    told = (_BODY, _AXES, _CAMERA, _FRAMES)
    fits = assemble("gvhmr", names, bodies, cameras, world=world, notes=told, **columns)
    return check_sequence(
        fits,
        [
            (
                has_no_skew(cam_int),
                lambda k: RowFault(
                    "K_fullimg", "a camera matrix fx 0 cx, 0 fy cy, 0 0 1", str(cam_int[k].tolist())
                ),
            )
        ],
    )


FORMAT = FitFormat(read=read, recognises=recognises, looks_at_photos=True, options=(SPACE,))
