"""Results of VIBE, PARE and PyMAF-X: pickles that joblib writes.

VIBE's and PARE's files of a video are `{person: {pred_cam, orig_cam, verts, pose, betas, bboxes, frame_ids,
...}}` with a row for each frame in which the person is seen (VIBE demo.py; PARE pare/core/tester.py). For a
photo of a folder PARE writes one such table without frames. PyMAF-X's is one table with `person_ids`, SMPL-X
vertices and `orig_cam_t` (apps/demo_smplx.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from render.containers.columns import ANY, has_value, read_column, read_whole
from render.containers.json_values import RowFault, shown
from render.fits.build import assemble, make_marks, make_poses
from render.fits.cameras import PhotoCameras, pinhole, weak_in_box, weak_in_picture
from render.fits.checks import check_rows
from render.fits.fit_file import FitFile
from render.fits.image_paths import find_images, name_frames
from render.fits.reader import FitFormat
from render.fits.rotations import axis_angle_to_rotmat
from render.fits.sequences.rows import number_people, tell_sequence
from render.types.fits import Fits, RowProblem, Unit
from render.types.sources import Marks, Meshes, Poses

EXPECTED = "a result of VIBE, PARE or PyMAF-X, with pred_cam and bboxes, or orig_cam, and pose or vertices"
_AXES = "axes: x right, y down, z away, in metres"
_WEAK = "camera: weak perspective of each person, so people of one photo share no depth"
_SHARED = "camera: OpenCV pinhole of 5000 px that people of one photo share, so depth is true"
_FRAMES = "photos: frame i is the i-th picture of the image folder in the order of names, from 0 on"
# Of PyMAF-X's `orig_cam_t`, whose principal point is the photo's centre.
_FOCAL_PX = 5000.0
_POSES, _BETAS = ("pose", "pred_pose"), ("betas", "pred_shape")
_VERTS, _JOINTS = ("verts", "smpl_vertices"), ("joints3d", "smpl_joints3d")
# The camera's first: it has two axes in all of them.
_COLUMNS = (
    "orig_cam",
    "pred_cam",
    "bboxes",
    "frame_ids",
    *_POSES,
    *_BETAS,
    *_JOINTS,
    "smpl_joints2d",
    *_VERTS,
)


def recognises(file: FitFile) -> bool:
    """Whether a file holds tables with the cameras of these programs."""
    return file.kind in ("joblib", "pickle") and bool(_find_tables(file.content))


def read(file: FitFile) -> tuple[Fits, list[RowProblem]]:
    """Reads a file of these programs; see `render.fits.reader.Read`. Rows are counted person by
    person."""
    tables = _find_tables(file.content)
    if not tables:
        file.refuse("it holds no such table", EXPECTED)
    try:
        fits, problems = check_rows(_read_table(file, _join_tables(tables)))
    except RowFault as fault:
        file.refuse(str(fault), EXPECTED)
    if not len(fits):
        file.refuse_rows(problems)
    return fits, problems


def _join_tables(tables: list[tuple[Any, Mapping[str, Any]]]) -> Mapping[str, Any]:
    """One table of all people, with the columns that all of them have."""
    if tables[0][0] is None:
        return tables[0][1]
    columns = [key for key in _COLUMNS if all(has_value(table, key) for _, table in tables)]
    if any(key in columns for key in _POSES) and any(key in columns for key in _BETAS):
        # They take more memory than all others.
        columns = [key for key in columns if key not in _VERTS]
    found: dict[str, list[np.ndarray]] = {key: [] for key in ("person_ids", *columns)}
    numbers = number_people(person for person, _ in tables)
    for (person, table), number in zip(tables, numbers, strict=True):
        try:
            count = len(read_column(table, columns[0], (ANY, ANY)))
            for key in columns:
                shapes = ((count, *(ANY,) * axes) for axes in range(4))
                found[key].append(read_column(table, key, *shapes))
                if found[key][-1].shape[1:] != found[key][0].shape[1:]:
                    expected = f"the shape that person {shown(str(tables[0][0]))} has"
                    raise RowFault(key, expected, str(found[key][-1].shape))
        except RowFault as fault:
            raise RowFault(f"person {shown(str(person))}", "a row for each frame", str(fault)) from fault
        found["person_ids"].append(np.full(count, number))
    return {key: np.concatenate(parts) for key, parts in found.items()}


def _find_tables(content: Any) -> list[tuple[Any, Mapping[str, Any]]]:
    """People and their tables; none where a file is of another format."""
    if not isinstance(content, Mapping):
        return []
    if _is_table(content):
        return [(None, content)]
    is_of_people = content and all(isinstance(held, Mapping) and _is_table(held) for held in content.values())
    return list(content.items()) if is_of_people else []


def _is_table(held: Mapping[Any, Any]) -> bool:
    if "orig_cam" not in held and not {"pred_cam", "bboxes"} <= set(held):
        return False
    return any(key in held for key in ("frame_ids", *_VERTS, "smplx_verts"))


def _read_table(file: FitFile, table: Mapping[str, Any]) -> Fits:
    key = "orig_cam" if has_value(table, "orig_cam") else "pred_cam"
    count = len(read_column(table, key, (ANY, 4 if key == "orig_cam" else 3)))
    notes: tuple[str, ...] = ()
    told: dict[str, Any] = {}
    if has_value(table, "person_ids"):
        told["person"] = read_whole(table, "person_ids", count)
    if has_value(table, "frame_ids"):
        told["frame"] = frame = read_whole(table, "frame_ids", count)
        names = name_frames(frame.tolist(), file.image_dir)
        notes = (_FRAMES,)
        if "person" in told:
            told = tell_sequence(file.path, told["person"], frame)
    else:
        names = find_images([file.path.stem], file.image_dir) * count
    is_expressive = has_value(table, "smplx_verts") and has_value(table, "orig_cam_t")
    return assemble(
        "vibe",
        names,
        _read_meshes(table, "smplx_verts", "smplx", count) if is_expressive else _read_bodies(table, count),
        _read_pinholes(table, count) if is_expressive else _read_cameras(table, count),
        marks=_read_marks(table, count),
        notes=(_AXES, _SHARED if is_expressive else _WEAK, *notes),
        box_px=_read_boxes(table, count),
        **told,
    )


def _read_cameras(table: Mapping[str, Any], count: int) -> PhotoCameras:
    """The crop's, which is that of the whole picture to the last digit and needs no picture's size."""
    if not (has_value(table, "pred_cam") and has_value(table, "bboxes")):
        return weak_in_picture(read_column(table, "orig_cam", (count, 4)))
    cam = read_column(table, "pred_cam", (count, 3))
    boxes = read_column(table, "bboxes", (count, 4))
    return weak_in_box(cam, boxes[:, :2], boxes[:, 2], adds_before_scaling=True)


def _read_pinholes(table: Mapping[str, Any], count: int) -> PhotoCameras:
    transl_m = read_column(table, "orig_cam_t", (count, 3))
    return pinhole(np.full(count, _FOCAL_PX), np.zeros(2), transl_m, unit=Unit.CENTRED, is_metric=True)


def _read_boxes(table: Mapping[str, Any], count: int) -> np.ndarray | None:
    if not has_value(table, "bboxes"):
        return None
    boxes = read_column(table, "bboxes", (count, 4)).astype(np.float64)
    return np.column_stack([boxes[:, :2] - boxes[:, 2:3] / 2, boxes[:, 2]])


def _read_bodies(table: Mapping[str, Any], count: int) -> Poses | Meshes:
    pose, betas, verts = (_find(table, keys) for keys in (_POSES, _BETAS, _VERTS))
    if pose is None or betas is None:
        return _read_meshes(table, verts or _VERTS[0], "smpl", count)
    angles = read_column(table, pose, (count, 72), (count, 24, 3), (count, 24, 3, 3))
    rotmat = angles if angles.ndim == 4 else axis_angle_to_rotmat(angles.reshape(count, 24, 3))
    return make_poses("smpl", rotmat, read_column(table, betas, (count, ANY)))


def _read_meshes(table: Mapping[str, Any], key: str, topology: str, count: int) -> Meshes:
    size = {"smpl": 6890, "smplx": 10475}[topology]
    verts = read_column(table, key, (count, size, 3)).astype(np.float32)
    return Meshes(topology, np.zeros((0, 3), np.int32), verts)


def _read_marks(table: Mapping[str, Any], count: int) -> Marks | None:
    """The body's own joints on the photo, which PARE writes."""
    if not has_value(table, "smpl_joints2d"):
        return None
    points_px = read_column(table, "smpl_joints2d", (count, 49, 2))
    joints = _find(table, _JOINTS)
    return make_marks("spin49", points_px, read_column(table, joints, (count, 49, 3)) if joints else None)


def _find(table: Mapping[str, Any], keys: tuple[str, ...]) -> str | None:
    return next((key for key in keys if has_value(table, key)), None)


FORMAT = FitFormat(read=read, recognises=recognises, looks_at_photos=True)
