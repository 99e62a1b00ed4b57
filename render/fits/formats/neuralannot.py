"""NeuralAnnot's fits of SMPL and SMPL-X to COCO, MPII, CrowdPose and InstaVariety (JSON).

A file is one object: its keys are annotation ids of the COCO-format file of the same dataset, which has the
photos; its values have `smpl_param` or `smplx_param`, and `cam_param`, a pinhole of the whole photo
(NeuralAnnot_RELEASE, MSCOCO/demo_smpl.py and MSCOCO/demo_smplx.py). Focal lengths are those of a virtual
camera of each person's box.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from render.containers.json_file import JsonFile
from render.containers.json_values import RowFault, describe, read_numbers, shown
from render.files.regular import open_regular
from render.fits.annotated_people import AnnotatedPeople, read_annotated_people
from render.fits.build import assemble, make_marks, make_poses, merge_sources
from render.fits.cameras import pinhole
from render.fits.checks import check_rows, make_problem
from render.fits.fit_file import FitFile
from render.fits.reader import FitFormat
from render.fits.rotations import axis_angle_to_rotmat
from render.types.fits import Fits, RowProblem
from render.types.sources import Poses

_NOTES = (
    "axes: x right, y down, z away, in metres",
    "camera: OpenCV pinhole of each person in pixels of the photo, so people of one photo share no depth",
)
_HANDS_NOTE = "hands: added to the model's mean hands"
_SUPPORTED = "the files of COCO, MPII, CrowdPose and InstaVariety with SMPL or SMPL-X"
_LAYOUT = (
    'JSON with annotation ids as keys and, for each, "cam_param" beside "smpl_param" or "smplx_param": '
    f"{_SUPPORTED}"
)
_SERVED_FROM = "https://github.com/mks0601/NeuralAnnot_RELEASE says where each dataset's file is"
# How many numbers each has, axis-angles in rad.
_SMPL = {"pose": 72, "shape": 10, "trans": 3}
_SMPLX = {"root_pose": 3, "body_pose": 63, "jaw_pose": 3, "lhand_pose": 45, "rhand_pose": 45}
_SMPLX |= {"shape": 10, "expr": 10, "trans": 3}
# MPII's bodies have no hands and no face: they are the model's own.
_MAY_LACK = ("jaw_pose", "lhand_pose", "rhand_pose", "expr")
_CAMERA = {"focal": 2, "princpt": 2}
_PARAMS = {"smpl_param": _SMPL, "smplx_param": _SMPLX}
# Of SMPL-X: root, 21 of the body and the jaw, which the file has; two eyes and the hands.
_JOINTS, _JOINTS_BEFORE_EYES = 55, 23
_ID = re.compile(r"[0-9]{1,18}", re.ASCII)
ROWS_AT_ONCE = 2048
_START_BYTES = 1 << 16


class _Part(NamedTuple):
    """Rows of one kind of parameters.

    Attributes:
        row: Of each in the file.
        annot_id: Of each.
        values: (N, K) all numbers in the order of the kind's table and the camera's.
    """

    row: np.ndarray
    annot_id: np.ndarray
    values: np.ndarray


def recognises(file: FitFile) -> bool:
    """Whether a file is a JSON object with annotation ids as keys and a body and a camera below."""
    if file.kind != "json" or not file.keys or not all(_ID.fullmatch(key) for key in file.keys):
        return False
    with open_regular(file.path) as opened:
        start = opened.read(_START_BYTES)
    return b'"cam_param"' in start and any(f'"{key}"'.encode() in start for key in _PARAMS)


def read(file: FitFile) -> tuple[Fits, list[RowProblem]]:
    """Reads a file of NeuralAnnot's; see `render.fits.reader.Read`. Rows are its entries."""
    if file.annotation_file is None:
        file.refuse(
            "its entries name no photos",
            "a fit file of NeuralAnnot's and the annotation file of its dataset",
            "Set dataset.coco_file to the COCO-format annotation file that has the same ids",
        )
    problems: list[RowProblem] = []
    parts = _read_parts(file, problems)
    annot_id = np.concatenate([part.annot_id for part in parts.values()])
    ids, counts = np.unique(annot_id, return_counts=True)
    people = read_annotated_people(file.annotation_file, ids)
    fits = []
    for key, part in parts.items():
        place = np.searchsorted(ids, part.annot_id)
        reasons = [
            "id: expected one entry of this id, found several" if counts[k] > 1 else people.problems.get(k)
            for k in place.tolist()
        ]
        problems += [
            make_problem(row, people.image_name[k], f"annotation {ids[k]}: {reason}")
            for row, k, reason in zip(part.row.tolist(), place.tolist(), reasons, strict=True)
            if reason is not None
        ]
        index = np.flatnonzero([reason is None for reason in reasons])
        fits.append(_assemble(key, _Part(*(column[index] for column in part)), people, place[index]))
    valid, unfit = check_rows(merge_sources(fits))
    return valid, sorted([*problems, *unfit], key=lambda problem: problem.row)


def _read_parts(file: FitFile, problems: list[RowProblem]) -> dict[str, _Part]:
    """The rows of each kind that is in the file; what is wrong with others is added to `problems`."""
    json_file = JsonFile(
        file.path,
        kind="a fit file of NeuralAnnot's",
        layout=_LAYOUT,
        content="fits",
        setting="dataset.fit_file",
        served_from=_SERVED_FROM,
    )
    blocks: dict[str, list[_Part]] = {key: [] for key in _PARAMS}
    found: dict[str, list[tuple[int, int, np.ndarray]]] = {key: [] for key in _PARAMS}
    for row, (key, entry) in enumerate(json_file.read_pairs()):
        if row == 0:
            _check_layout(json_file, entry)
        try:
            param, annot_id, values = _parse(key, entry)
        except RowFault as fault:
            problems.append(make_problem(row, "", str(fault)))
            continue
        found[param].append((row, annot_id, values))
        # No row is held longer as objects of Python, which take ten times the memory of its numbers.
        if len(found[param]) == ROWS_AT_ONCE:
            blocks[param].append(_stack(param, found[param]))
            found[param].clear()
    parts = {}
    for param, rows in found.items():
        stacked = [*blocks.pop(param), _stack(param, rows)]
        parts[param] = _Part(*(np.concatenate(columns) for columns in zip(*stacked, strict=True)))
    # One kind is there even where no row is left.
    return {param: part for param, part in parts.items() if len(part.row)} or {
        "smpl_param": parts["smpl_param"]
    }


def _check_layout(file: JsonFile, entry: Any) -> None:
    """Refuses files of NeuralAnnot's that are laid out otherwise."""
    if not isinstance(entry, dict) or entry.keys() & _PARAMS.keys():
        return
    keys = entry.keys()
    if keys & {"mano_param", "flame_param", "left", "right"}:
        found = "found hands (MANO) or faces (FLAME)"
    elif keys & {"pose", "root_pose", "body_pose"}:
        found = "found bodies without cameras, as in the files of 3DPW"
    elif keys and all(isinstance(value, dict) for value in entry.values()):
        found = "found bodies by subject, action and frame, as in the files of Human3.6M and MPI-INF-3DHP"
    else:
        return
    file.refuse(found, f"Of NeuralAnnot's files, {_SUPPORTED} can be drawn")


def _parse(key: str, entry: Any) -> tuple[str, int, np.ndarray]:
    """The kind, the annotation id and the numbers of a row."""
    if not _ID.fullmatch(key):
        raise RowFault("key", "an annotation id", f'"{shown(key)}"')
    if not isinstance(entry, dict):
        raise RowFault(f"annotation {key}", "an object", describe(entry))
    params = [param for param in _PARAMS if param in entry]
    if len(params) != 1:
        raise RowFault(f"annotation {key}", " or ".join(_PARAMS), "both" if params else "neither")
    values = [*_read_all(entry, params[0], _PARAMS[params[0]]), *_read_all(entry, "cam_param", _CAMERA)]
    return params[0], int(key), np.concatenate(values)


def _read_all(entry: Mapping[str, Any], key: str, table: Mapping[str, int]) -> Iterator[np.ndarray]:
    held = entry.get(key)
    if not isinstance(held, dict):
        raise RowFault(key, "an object", "nothing" if key not in entry else describe(held))
    for name, count in table.items():
        if name in _MAY_LACK and name not in held:
            yield np.zeros(count)
            continue
        where = f"{key}.{name}"
        yield read_numbers({where: held[name]} if name in held else {}, where, (count,))


def _stack(param: str, rows: list[tuple[int, int, np.ndarray]]) -> _Part:
    width = sum(_PARAMS[param].values()) + sum(_CAMERA.values())
    return _Part(
        np.array([row for row, _, _ in rows], np.int64),
        np.array([annot_id for _, annot_id, _ in rows], np.int64),
        np.array([values for _, _, values in rows], np.float64).reshape(len(rows), width),
    )


def _assemble(param: str, part: _Part, people: AnnotatedPeople, place: np.ndarray) -> Fits:
    """Fits of rows, and the places of their people."""
    table = {**_PARAMS[param], **_CAMERA}
    ends = np.cumsum(list(table.values()))
    columns = dict(zip(table, np.split(part.values, ends[:-1], axis=1), strict=True))
    is_smplx = param == "smplx_param"
    return assemble(
        "neuralannot",
        people.image_name[place],
        _make_smplx(columns) if is_smplx else _make_smpl(columns),
        pinhole(columns["focal"], columns["princpt"], columns["trans"], is_metric=False),
        row=part.row,
        marks=make_marks("coco17", people.keypoints_px[place]),
        notes=(*_NOTES, _HANDS_NOTE) if is_smplx else _NOTES,
        box_px=_square(people.box_px[place]),
        annot_id=part.annot_id,
    )


def _make_smpl(columns: Mapping[str, np.ndarray]) -> Poses:
    return make_poses("smpl", _to_rotmat(columns["pose"], 24), columns["shape"])


def _make_smplx(columns: Mapping[str, np.ndarray]) -> Poses:
    before_eyes = np.hstack([columns[key] for key in ("root_pose", "body_pose", "jaw_pose")])
    hands = np.stack([columns["lhand_pose"], columns["rhand_pose"]], 1)
    return make_poses(
        "smplx",
        _to_rotmat(before_eyes, _JOINTS),
        columns["shape"],
        expression=columns["expr"],
        hands=hands,
        adds_hand_mean=True,
    )


def _to_rotmat(angles: np.ndarray, joints: int) -> np.ndarray:
    """(N, joints, 3, 3) of the axis-angles of the first joints; others are not turned."""
    count = len(angles)
    rotmat = np.zeros((count, joints, 3, 3), np.float32)
    rotmat[..., (0, 1, 2), (0, 1, 2)] = 1
    for start in range(0, count, ROWS_AT_ONCE):
        some = angles[start : start + ROWS_AT_ONCE]
        turned = axis_angle_to_rotmat(some.reshape(len(some), -1, 3))
        rotmat[start : start + ROWS_AT_ONCE, : turned.shape[1]] = turned
    return rotmat


def _square(box_px: np.ndarray) -> np.ndarray:
    """Squares around boxes (N, 4) of left, top, width and height; NaN where a box is none."""
    side = box_px[:, 2:].max(1, keepdims=True)
    squares = np.hstack([box_px[:, :2] + box_px[:, 2:] / 2 - side / 2, side])
    # Written so that NaN is none.
    squares[~(side[:, 0] > 0)] = np.nan
    return squares


FORMAT = FitFormat(read=read, recognises=recognises, needs_annotations=True)
