"""CLIFF's npz of a folder of photos or a video's frames, as haofanwang/CLIFF writes it (demo.py).

`imgname` has the frames; the other arrays have a row for each person who was found, and the first column of
`detection_all` says in which frame. Vertices are moved by `global_t` and seen by a pinhole of `focal_l` px at
the picture's centre.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from render.containers.columns import ANY, read_column, read_texts
from render.containers.json_values import RowFault
from render.fits.build import assemble, make_poses
from render.fits.cameras import pinhole
from render.fits.checks import check_rows, make_problem
from render.fits.fit_file import FitFile
from render.fits.image_paths import relative_name
from render.fits.reader import FitFormat
from render.fits.rotations import axis_angle_to_rotmat
from render.types.fits import Fits, RowProblem, Unit

EXPECTED = "an npz of CLIFF's, with imgname, pose, shape, global_t, focal_l and detection_all"
_NEEDED = {"imgname", "pose", "shape", "global_t", "focal_l", "detection_all"}
_NOTES = (
    "axes: x right, y down, z away, in metres",
    "camera: OpenCV pinhole at the photo's centre; people of one photo share it, so depth is true",
)
# Columns of `detection_all`: frame, left, top, right and bottom, two confidences, person.
_FRAME, _BOX, _PERSON, _COLUMNS = 0, slice(1, 5), 7, 8


def recognises(file: FitFile) -> bool:
    """Whether a file is an npz with all that CLIFF writes."""
    return file.kind == "npz" and set(file.keys) >= _NEEDED


def read(file: FitFile) -> tuple[Fits, list[RowProblem]]:
    """Reads a file of CLIFF's; see `render.fits.reader.Read`. Rows are its detections."""
    held = file.content
    missing = sorted(_NEEDED - set(held)) if isinstance(held, Mapping) else ["keys"]
    if missing:
        file.refuse(f"found no {missing[0]}", EXPECTED)
    try:
        return _read_rows(file, held)
    except RowFault as fault:
        file.refuse(str(fault), EXPECTED)


def _read_rows(file: FitFile, held: Mapping[str, Any]) -> tuple[Fits, list[RowProblem]]:
    frames = read_texts(held, "imgname")
    found = read_column(held, "detection_all", (ANY, _COLUMNS)).astype(np.float64)
    count = len(found)
    if not count:
        file.refuse("it has no people", EXPECTED)
    pose = read_column(held, "pose", (count, 72), (count, 24, 3))
    betas = read_column(held, "shape", (count, ANY))
    transl_m = read_column(held, "global_t", (count, 3), (count, 1, 3)).reshape(count, 3)
    focal = read_column(held, "focal_l", (count,), (count, 1)).reshape(count)
    frame = found[:, _FRAME]
    # Written so that NaN is none.
    is_frame = (frame >= 0) & (frame < len(frames)) & (np.floor(frame) == frame)
    problems = []
    for row in np.flatnonzero(~is_frame):
        expected = f"a frame of 0 to {len(frames) - 1}"
        fault = RowFault("detection_all", expected, f"{frame[row]:g}")
        problems.append(make_problem(row, "", str(fault)))
    index = np.flatnonzero(is_frame)
    frame = frame[index].astype(np.int64)
    names = np.empty(len(frames), object)
    names[:] = [relative_name(name, file.image_dir) if type(name) is str else name for name in frames]
    fits = assemble(
        "cliff",
        names[frame],
        make_poses("smpl", axis_angle_to_rotmat(pose[index].reshape(-1, 24, 3)), betas[index]),
        pinhole(focal[index], np.zeros(2), transl_m[index], unit=Unit.CENTRED, is_metric=True),
        row=index,
        notes=_NOTES,
        box_px=_square(found[index, _BOX]),
        person=_find_people(frame, found[index, _PERSON]),
        frame=frame,
    )
    fits, unfit = check_rows(fits)
    return fits, sorted([*problems, *unfit], key=lambda problem: problem.row)


def _square(box_px: np.ndarray) -> np.ndarray:
    """Squares around boxes (N, 4); NaN for rows that CLIFF filled in between frames, which have none."""
    sides = box_px[:, 2:] - box_px[:, :2]
    side = sides.max(1, keepdims=True)
    squares = np.hstack([box_px[:, :2] + sides / 2 - side / 2, side])
    squares[(box_px == 0).all(1)] = np.nan
    return squares


def _find_people(frame: np.ndarray, person: np.ndarray) -> np.ndarray | None:
    """The number of each person; None where people share one, as a detector's class is without tracking."""
    is_whole = (person >= 0) & (person < 2**31) & (np.floor(person) == person)
    pairs = np.unique(np.column_stack([frame, person]), axis=0)
    return person.astype(np.int64) if is_whole.all() and len(pairs) == len(person) else None


FORMAT = FitFormat(read=read, recognises=recognises, looks_at_photos=True)
