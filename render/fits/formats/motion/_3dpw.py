"""3DPW's sequences (sequenceFiles/SPLIT/SEQ.pkl): one or two people of SMPL before a hand-held camera.

A file is a pickle of Python 2 with `poses`, `trans`, `betas` and `genders` of each person, and `cam_poses`
from the world to the camera and `cam_intrinsics` (3DPW's readme; aitviewer's renderables/smpl.py). Frame i is
`imageFiles/SEQ/image_0000i.jpg`. Frames whose `campose_valid` is 0 have no camera that fits.

Poses come from inertial sensors and the world is theirs. 3DPW does not say which way is up in it, and WHAM
and GVHMR take its gravity as not known; so nothing is said of the world here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from render.containers.columns import ANY, has_value, read_column, read_texts
from render.containers.json_values import RowFault, describe
from render.files.image_names import image_name_fault
from render.fits.build import assemble, make_marks, make_poses, merge_sources
from render.fits.cameras import pinhole
from render.fits.checks import check_rows, make_problem
from render.fits.fit_file import FitFile
from render.fits.motion.codec import check_coefficients
from render.fits.motion.dataset_camera import DatasetCamera, name_photos, read_dataset_camera
from render.fits.reader import FitFormat
from render.fits.rotations import joints_rotmat
from render.types.fits import Fits, RowProblem

EXPECTED = "a sequence of 3DPW's, with poses, trans, betas, genders, cam_poses and cam_intrinsics"
_NEEDED = {"poses", "trans", "betas", "genders", "cam_poses", "cam_intrinsics"}
_VARIANTS = {"m": "male", "f": "female"}
# Of its videos.
_RATE_HZ = 30.0
_MOST_PEOPLE = 64
_NOTES = (
    "axes: x right, y down, z away from the camera, in metres; which way is up in the world is not known",
    "camera: OpenCV pinhole in pixels of the photo that people share, so depth is true",
)


def recognises(file: FitFile) -> bool:
    """Whether a file is a pickle with people and camera as 3DPW has them."""
    return file.kind in ("pickle", "joblib") and set(file.keys) >= _NEEDED


def read(file: FitFile) -> tuple[Fits, list[RowProblem]]:
    """Reads a sequence; see `render.fits.reader.Read`. Rows are frames, person by person."""
    held = file.content
    missing = sorted(_NEEDED - set(held)) if isinstance(held, Mapping) else ["such keys"]
    if missing:
        file.refuse(f"found no {missing[0]}", EXPECTED)
    try:
        return _read_sequence(file, held)
    except RowFault as fault:
        file.refuse(str(fault), EXPECTED)


def _read_sequence(file: FitFile, held: Mapping[str, Any]) -> tuple[Fits, list[RowProblem]]:
    camera = read_dataset_camera(held, "cam_intrinsics", "cam_poses")
    name = held.get("sequence")
    sequence = name if isinstance(name, str) and image_name_fault(name) is None else file.path.stem
    genders = read_texts(held, "genders")
    if not 0 < len(genders) <= _MOST_PEOPLE:
        raise RowFault("genders", f"1 to {_MOST_PEOPLE} people", f"{len(genders)}")
    people = [_read_person(held, person, genders[person], camera) for person in range(len(genders))]
    count = len(camera.rotation)
    photos = name_photos(f"{sequence.replace('%', '%%')}/image_%05d.jpg", np.arange(count), file.image_dir)
    parts, problems = [], []
    for person, (variant, columns) in enumerate(people):
        is_valid = columns.pop("valid")
        frame = np.flatnonzero(is_valid)
        first = person * count
        for k in np.flatnonzero(~is_valid).tolist():
            reason = str(RowFault("campose_valid", "1", "0: no camera fits this frame"))
            problems.append(make_problem(first + k, photos[k], reason))
        rotation = camera.rotation[frame]
        trans = columns["trans"][frame].astype(np.float64)
        transl_m = np.einsum("mij,mj->mi", rotation, trans) + camera.transl_m[frame]
        focal_px = np.tile(camera.focal_px, (len(frame), 1))
        poses = columns["poses"][frame].reshape(len(frame), 24, 3)
        parts.append(
            assemble(
                "3dpw",
                [photos[k] for k in frame.tolist()],
                make_poses(
                    "smpl",
                    joints_rotmat(poses, poses.shape[1]),
                    np.broadcast_to(columns["betas"], (len(frame), len(columns["betas"]))),
                    variant=variant,
                ),
                pinhole(focal_px, camera.center_px, transl_m, rotation, is_metric=True),
                row=first + frame,
                marks=make_marks("openpose18", columns["poses2d"][frame]) if "poses2d" in columns else None,
                notes=_NOTES,
                person=np.full(len(frame), person),
                identity=np.full(len(frame), person),
                frame=frame,
                time_s=frame / _RATE_HZ,
                sequence=[sequence] * len(frame),
            )
        )
    fits, unfit = check_rows(merge_sources(parts))
    return fits, sorted([*problems, *unfit], key=lambda problem: problem.row)


def _read_person(
    held: Mapping[str, Any], person: int, gender: Any, camera: DatasetCamera
) -> tuple[str, dict[str, np.ndarray]]:
    """His variant, and his columns over all frames."""
    if not isinstance(gender, str) or gender not in _VARIANTS:
        raise RowFault(f"genders[{person}]", "m or f", describe(gender))
    count = len(camera.rotation)
    of_him: dict[str, Any] = {}

    def read_one(key: str, *shapes: tuple[int | None, ...]) -> np.ndarray:
        listed = held[key]
        # A pickle may hold an array where lists are expected, and one without axes too.
        is_listed = isinstance(listed, list | tuple) or (isinstance(listed, np.ndarray) and listed.ndim > 0)
        is_listed = is_listed and person < len(listed)
        of_him[f"{key}[{person}]"] = listed[person] if is_listed else None
        return read_column(of_him, f"{key}[{person}]", *shapes)

    betas = read_one("betas", (ANY,), (1, ANY)).reshape(-1)
    check_coefficients(f"betas[{person}]", len(betas))
    columns = {
        "poses": read_one("poses", (count, 72)),
        "trans": read_one("trans", (count, 3)),
        "betas": betas,
        "valid": np.ones(count, bool),
    }
    if has_value(held, "campose_valid"):
        columns["valid"] = read_one("campose_valid", (count,), (count, 1)).reshape(count) != 0
    if has_value(held, "poses2d"):
        # x, y and confidence of OpenPose's joints.
        columns["poses2d"] = read_one("poses2d", (count, 3, 18)).transpose(0, 2, 1)
    return _VARIANTS[gender], columns


FORMAT = FitFormat(read=read, recognises=recognises, looks_at_photos=True)
