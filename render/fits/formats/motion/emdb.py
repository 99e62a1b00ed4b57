"""EMDB's sequences (P0/SEQ/P0_SEQ_data.pkl): a person of SMPL before a camera that moves with him.

A file is a pickle with `smpl` (poses_root, poses_body, trans, betas), `camera` (intrinsics, extrinsics from
the world to the camera), `good_frames_mask`, `kp2d` and `bboxes` (EMDB's dataset.md). Frame i is
`images/0000i.jpg` beside the file. The world's y axis is up (WHAM's lib/eval/evaluate_emdb.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from render.containers.columns import ANY, has_value, read_column, unwrap
from render.containers.json_values import RowFault, describe
from render.fits.build import assemble, make_marks, make_poses
from render.fits.cameras import pinhole
from render.fits.checks import check_rows, make_problem
from render.fits.fit_file import FitFile
from render.fits.motion.codec import check_coefficients
from render.fits.motion.dataset_camera import name_photos, read_dataset_camera
from render.fits.motion.worlds import see
from render.fits.reader import FitFormat
from render.fits.rotations import joints_rotmat
from render.types.fits import Fits, RowProblem

EXPECTED = "a sequence of EMDB's, with gender, smpl, camera and good_frames_mask"
_NEEDED = {"gender", "smpl", "camera", "good_frames_mask"}
_UP = "y"
# Of its videos.
_RATE_HZ = 30.0
_NAME = re.compile(r"(P[0-9]{1,3})_([\w-]{1,100})", re.ASCII)
_NOTES = (
    "axes: x right, y down, z away from the camera, in metres; the world's y axis is up",
    "camera: OpenCV pinhole in pixels of the photo, so depth is true",
)


def recognises(file: FitFile) -> bool:
    """Whether a file is a pickle with a body, a camera and a mask as EMDB has them."""
    return file.kind in ("pickle", "joblib") and set(file.keys) >= _NEEDED


def read(file: FitFile) -> tuple[Fits, list[RowProblem]]:
    """Reads a sequence; see `render.fits.reader.Read`. Rows are its frames."""
    held = file.content
    missing = sorted(_NEEDED - set(held)) if isinstance(held, Mapping) else ["such keys"]
    if missing:
        file.refuse(f"found no {missing[0]}", EXPECTED)
    try:
        return _read_sequence(file, held)
    except RowFault as fault:
        file.refuse(str(fault), EXPECTED)


def _read_sequence(file: FitFile, held: Mapping[str, Any]) -> tuple[Fits, list[RowProblem]]:
    for key in ("smpl", "camera"):
        if not isinstance(held[key], Mapping):
            raise RowFault(key, "values by name", describe(held[key]))
    smpl, gender = held["smpl"], unwrap(held["gender"])
    if not isinstance(gender, str) or gender not in ("female", "male", "neutral"):
        raise RowFault("gender", "female, male or neutral", describe(gender))
    camera = read_dataset_camera(held["camera"], "intrinsics", "extrinsics")
    count = len(camera.rotation)
    angles = [read_column(smpl, "poses_root", (count, 3)), read_column(smpl, "poses_body", (count, 69))]
    betas = read_column(smpl, "betas", (ANY,), (1, ANY)).reshape(-1)
    check_coefficients("betas", len(betas))
    trans = read_column(smpl, "trans", (count, 3)).astype(np.float64)
    is_good = read_column(held, "good_frames_mask", (count,)) != 0
    points_px = read_column(held, "kp2d", (count, 24, 2)) if has_value(held, "kp2d") else None
    sequence, photo = _name(file, held.get("name"))
    photos = name_photos(photo, np.arange(count), file.image_dir)
    reason = str(RowFault("good_frames_mask", "true", "false: the person is hidden or out of view"))
    problems = [make_problem(k, photos[k], reason) for k in np.flatnonzero(~is_good).tolist()]
    frame = np.flatnonzero(is_good)
    rotation = camera.rotation[frame]
    transl_m, world = see(_UP, trans[frame], rotation, camera.transl_m[frame])
    pose = np.hstack(angles)[frame].reshape(len(frame), 24, 3)
    fits = assemble(
        "emdb",
        [photos[k] for k in frame.tolist()],
        make_poses(
            "smpl",
            joints_rotmat(pose, pose.shape[1]),
            np.broadcast_to(betas, (len(frame), len(betas))),
            variant=gender,
        ),
        pinhole(
            np.tile(camera.focal_px, (len(frame), 1)), camera.center_px, transl_m, rotation, is_metric=True
        ),
        row=frame,
        marks=None if points_px is None else make_marks("smpl24", points_px[frame]),
        notes=_NOTES,
        box_px=_read_boxes(held, count)[frame],
        world=world,
        person=np.zeros(len(frame)),
        identity=np.zeros(len(frame)),
        frame=frame,
        time_s=frame / _RATE_HZ,
        sequence=[sequence] * len(frame),
    )
    fits, unfit = check_rows(fits)
    return fits, sorted([*problems, *unfit], key=lambda problem: problem.row)


def _name(file: FitFile, name: Any) -> tuple[str, str]:
    """The sequence's name, and the path of its photos in the data set, with `%` for the number."""
    found = _NAME.fullmatch(name) if isinstance(name, str) else None
    if found is None:
        return file.path.stem.removesuffix("_data"), "images/%05d.jpg"
    return found[0], f"{found[1]}/{found[2]}/images/%05d.jpg"


def _read_boxes(held: Mapping[str, Any], count: int) -> np.ndarray:
    """Squares around its boxes, NaN where there are none."""
    boxes = held.get("bboxes")
    if not isinstance(boxes, Mapping) or not has_value(boxes, "bboxes"):
        return np.full((count, 3), np.nan)
    corners = read_column(boxes, "bboxes", (count, 4)).astype(np.float64)
    low, high = corners[:, :2], corners[:, 2:]
    side = (high - low).max(1, keepdims=True)
    squares = np.hstack([(low + high) / 2 - side / 2, side])
    # Written so that NaN is none.
    squares[~((high - low) > 0).all(1)] = np.nan
    return squares


FORMAT = FitFormat(read=read, recognises=recognises, looks_at_photos=True)
