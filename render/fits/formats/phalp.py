"""PHALP's tracks, as 4D-Humans' track.py writes them, and what users save of 4D-Humans' network.

Tracks are a pickle of joblib's, `{frame: {time, tid, tracked_time, smpl, camera, ...}}` with a list a key
(phalp/trackers/PHALP.py). Photos are padded to a square and scaled to 256 px, where the focal length is 5000
px: in the photo it is 5000 / 256 of the longer side. An odd padding is rounded down there, which is half a
pixel. 4D-Humans has the same camera and saves nothing (demo.py): `out` of its network is read where the box
of its crop is saved beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from render.containers.columns import ANY, MOST_WHOLE, has_value, read_column, read_texts, read_whole, unwrap
from render.containers.json_values import RowFault
from render.fits.build import assemble, make_marks, make_poses
from render.fits.cameras import PhotoCameras, crop_to_full, pinhole
from render.fits.checks import check_rows, make_problem
from render.fits.fit_file import FitFile
from render.fits.image_paths import find_images, name_frames, relative_name
from render.fits.reader import FitFormat
from render.fits.sequences.rows import tell_sequence
from render.types.fits import Fits, RowProblem, Unit
from render.types.sources import Meshes, Poses

TRACKS = "PHALP's tracks, {frame: {tid, smpl, camera, ...}}"
DUMP = "4D-Humans' out, with pred_smpl_params or pred_vertices, and pred_cam"
# Of the longer side of the photo.
_FOCAL = 5000 / 256
_AXES = "axes: x right, y down, z away, in metres"
_CAMERA = (
    "camera: OpenCV pinhole of 5000 / 256 of the longer side, which people of one photo share: their order "
    "in depth is true, and their distances are as large as the focal length"
)
_FULL = "pred_cam_t_full"
_BOX = ("box_center", "box_size", "img_size")
_NAMES = ("img_path", "image_path", "imgname", "img_name", "image_name")


def recognises(file: FitFile) -> bool:
    """Whether a file holds tracks of PHALP's, or `out` of 4D-Humans' network."""
    if file.kind not in ("npz", "pickle", "joblib", "torch"):
        return False
    # A pickle is read as a whole for its keys.
    keys = set(file.keys if file.kind == "npz" or not isinstance(file.content, Mapping) else file.content)
    # SPIN's predictions, and HaMeR's out, which is of hands.
    if not keys & {"imgname", "pred_mano_params"} and ("pred_cam" in keys or _FULL in keys):
        return "pred_smpl_params" in keys or {"pred_vertices", "pred_cam_t"} <= keys
    return file.kind in ("pickle", "joblib") and _are_tracks(file.content)


def read(file: FitFile) -> tuple[Fits, list[RowProblem]]:
    """Reads a file of these programs; see `render.fits.reader.Read`.

    Rows are counted frame by frame; people who are not seen in a frame, whom PHALP still tracks, are no rows.
    """
    content = file.content
    if _are_tracks(content):
        return _read_tracks(file, content)
    if not isinstance(content, Mapping) or not ("pred_cam" in content or _FULL in content):
        file.refuse("it is neither", f"{TRACKS}, or {DUMP}")
    try:
        fits, problems = check_rows(_read_dump(file, content))
    except RowFault as fault:
        file.refuse(str(fault), DUMP)
    if not len(fits):
        file.refuse_rows(problems)
    return fits, problems


def _are_tracks(content: Any) -> bool:
    if not isinstance(content, Mapping) or not content:
        return False
    return all(
        isinstance(frame, Mapping) and {"tid", "smpl", "camera"} <= set(frame) for frame in content.values()
    )


@dataclass
class _Columns:
    """What is gathered of people, a list a column."""

    row: list[int] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    person: list[int] = field(default_factory=list)
    frame: list[int] = field(default_factory=list)
    rotmat: list[np.ndarray] = field(default_factory=list)
    betas: list[np.ndarray] = field(default_factory=list)
    transl_m: list[np.ndarray] = field(default_factory=list)
    box_px: list[np.ndarray] = field(default_factory=list)
    points_px: list[np.ndarray] = field(default_factory=list)
    points_m: list[np.ndarray] = field(default_factory=list)


def _read_tracks(file: FitFile, content: Mapping[Any, Any]) -> tuple[Fits, list[RowProblem]]:
    found = _Columns()
    problems: list[RowProblem] = []
    row = ghosts = 0
    times = [_time(frame, place) for place, frame in enumerate(content.values())]
    names = _name_photos(file, content, times)
    for name, time, frame in zip(names, times, content.values(), strict=True):
        unseen = _list(frame, "tracked_time")
        for index in range(len(_list(frame, "tid"))):
            if index < len(unseen) and isinstance(unseen[index], int | np.integer) and unseen[index] > 0:
                ghosts += 1
                continue
            try:
                _add_person(found, frame, index)
            except RowFault as fault:
                problems.append(make_problem(row, name, str(fault)))
            else:
                found.row.append(row)
                found.name.append(name)
                found.frame.append(time)
            row += 1
    if not row:
        file.refuse("nobody is seen in it", TRACKS)
    if not found.row:
        file.refuse_rows(problems)
    notes = [_AXES, _CAMERA]
    if ghosts:
        notes.append(f"left out: {ghosts} entries of people who are tracked in a frame and not seen in it")
    fits = assemble(
        "phalp",
        found.name,
        make_poses("smpl", np.array(found.rotmat), np.array(found.betas)),
        _pinholes(np.array(found.transl_m)),
        row=np.array(found.row),
        marks=make_marks("openpose25", np.array(found.points_px), np.array(found.points_m)),
        notes=tuple(notes),
        box_px=np.array(found.box_px),
        **tell_sequence(file.path, np.array(found.person), np.array(found.frame)),
    )
    fits, unfit = check_rows(fits)
    problems = sorted([*problems, *unfit], key=lambda problem: problem.row)
    if not len(fits):
        file.refuse_rows(problems)
    return fits, problems


def _add_person(found: _Columns, frame: Mapping[str, Any], index: int) -> None:
    """Adds a person of a frame to the columns, or raises RowFault and adds nothing."""
    held = {key: values[index] for key in frame if index < len(values := _list(frame, key))}
    smpl = held.get("smpl")
    if not isinstance(smpl, Mapping):
        raise RowFault("smpl", "an entry for each of tid", "another value" if "smpl" in held else "nothing")
    root = read_column(smpl, "global_orient", (1, 3, 3), (3, 3)).reshape(1, 3, 3)
    rotmat = np.concatenate([root, read_column(smpl, "body_pose", (23, 3, 3))])
    betas = read_column(smpl, "betas", (10,))
    transl_m = read_column(held, "camera", (3,))
    person = int(read_whole({"tid": [held["tid"]]}, "tid", 1)[0])
    box_px, points_px, points_m = _read_box(held), *_read_joints(held)
    found.rotmat.append(rotmat)
    found.betas.append(betas)
    found.transl_m.append(transl_m)
    found.person.append(person)
    found.box_px.append(box_px)
    found.points_px.append(points_px)
    found.points_m.append(points_m)


def _read_box(held: Mapping[str, Any]) -> np.ndarray:
    """The square crop; NaN where there is none. `scale` is a pair of sides, and one of them in the README."""
    if not (has_value(held, "center") and has_value(held, "scale")):
        return np.full(3, np.nan)
    side = float(read_column(held, "scale", (2,), (1,), ()).max())
    return np.array([*(read_column(held, "center", (2,)) - side / 2), side])


def _read_joints(held: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """The body's own joints on the photo, NaN where not known, and in metres; the first 25 are OpenPose's.

    On the photo they are parts of the padded square. `size` is height and width, other than the README says.
    """
    points_px, points_m = np.full((25, 2), np.nan), np.zeros((25, 3))
    if has_value(held, "2d_joints") and has_value(held, "size"):
        parts = read_column(held, "2d_joints", (90,), (45, 2)).reshape(45, 2)[:25].astype(np.float64)
        height_width = read_column(held, "size", (2,)).astype(np.float64)
        side = height_width.max()
        points_px = parts * side - (side - height_width[::-1]) // 2
    if has_value(held, "3d_joints"):
        points_m = read_column(held, "3d_joints", (45, 3))[:25]
    return points_px, points_m


def _list(frame: Mapping[str, Any], key: str) -> Sequence[Any]:
    values = frame.get(key)
    if isinstance(values, np.ndarray):
        return list(values) if values.ndim else ()
    return values if isinstance(values, list | tuple) else ()


def _time(frame: Mapping[str, Any], place: int) -> int:
    time = frame.get("time")
    return int(time) if isinstance(time, int | np.integer) and 0 <= time <= MOST_WHOLE else place


def _name_photos(file: FitFile, content: Mapping[Any, Any], times: list[int]) -> list[str]:
    """The photo of each frame; a frame of a video is a pair of its path and a time, and has none."""
    numbered = name_frames(times, file.image_dir)
    return [
        relative_name(key, file.image_dir) if isinstance(key, str) else name
        for key, name in zip(content, numbered, strict=True)
    ]


def _read_dump(file: FitFile, held: Mapping[str, Any]) -> Fits:
    if not has_value(held, _FULL) and not all(has_value(held, key) for key in ("pred_cam", *_BOX)):
        file.refuse(
            "its camera is of the crop (pred_cam), and where the crop is in the photo it does not say",
            f"{DUMP}, and {', '.join(_BOX)} of the batch or {_FULL}",
            "Save these beside out",
        )
    if has_value(held, _FULL):
        transl_m = read_column(held, _FULL, (ANY, 3), (3,)).reshape(-1, 3)
        count, box_px = len(transl_m), None
    else:
        count = read_column(held, "pred_cam", (ANY, 3), (3,)).size // 3
        cam, center = _rows(held, "pred_cam", count, 3), _rows(held, "box_center", count, 2)
        side, size = _rows(held, "box_size", count), _rows(held, "img_size", count, 2)
        transl_m = crop_to_full(cam, center, side, size, _FOCAL * size.max(1))
        box_px = np.column_stack([center - side[:, None] / 2, side])
    return assemble(
        "phalp",
        _name_dump(file, held, count),
        _read_bodies(held, count),
        _pinholes(transl_m),
        notes=(_AXES, _CAMERA),
        box_px=box_px,
        person=_rows(held, "personid", count) if has_value(held, "personid") else None,
    )


def _read_bodies(held: Mapping[str, Any], count: int) -> Poses | Meshes:
    params = unwrap(held.get("pred_smpl_params"))
    if not isinstance(params, Mapping):
        verts = _rows(held, "pred_vertices", count, 6890, 3).astype(np.float32)
        return Meshes("smpl", np.zeros((0, 3), np.int32), verts)
    root, body = _rows(params, "global_orient", count, 1, 3, 3), _rows(params, "body_pose", count, 23, 3, 3)
    return make_poses("smpl", np.concatenate([root, body], 1), _rows(params, "betas", count, 10))


def _rows(held: Mapping[str, Any], key: str, count: int, *shape: int) -> np.ndarray:
    """Numbers of people of one photo, of whom one may have been saved without the axis of people."""
    alone = (shape,) if count == 1 else ()
    return read_column(held, key, (count, *shape), *alone).reshape(count, *shape)


def _name_dump(file: FitFile, held: Mapping[str, Any], count: int) -> list[str]:
    key = next((key for key in _NAMES if has_value(held, key)), None)
    if key is None:
        return find_images([file.path.stem], file.image_dir) * count
    value = unwrap(held[key])
    paths = [value] * count if isinstance(value, str) else read_texts(held, key, count)
    return [relative_name(path, file.image_dir) if type(path) is str else path for path in paths]


def _pinholes(transl_m: np.ndarray) -> PhotoCameras:
    return pinhole(np.full(len(transl_m), _FOCAL), np.zeros(2), transl_m, unit=Unit.SIDE, is_metric=True)


FORMAT = FitFormat(read=read, recognises=recognises, looks_at_photos=True)
