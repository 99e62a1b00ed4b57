"""The arrays of a model of SMPL's family, checked against each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from render.body.family.hands import HandPoses, read_hand
from render.body.family.kinds import FEW_BETAS, MOST_BETAS, MOST_EXPRESSION, BodyKind
from render.body.family.landmarks import LANDMARK_KEYS, NO_LANDMARKS, Landmarks, read_landmarks
from render.body.family.topologies import name_other_model
from render.body.stored_array import StoredArray, check_finite, check_stored, read_floats
from render.types.shape_checked import ShapeChecked

# The parent of each of SMPL's 24 joints.
SMPL_PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21)

MODEL_KEYS = ("v_template", "shapedirs", "posedirs", "J_regressor", "weights", "f", "kintree_table")
# Of the demo body's layout, which only SMPL has.
COMPACT_KEYS = ("v_template", "shapedirs", "f", "jr_r", "jr_c", "jr_v", "w_r", "w_c", "w_v")

# Far above SMPL-X's 10,475. A model of so many vertices takes some 310 MB as SMPL and 530 MB as SMPL-X,
# nearly all of it pose correctives and shapes: that is what a hostile file can ask for.
MOST_VERTS = 50_000
# A closed surface has two faces a vertex.
MOST_FACES = 4 * MOST_VERTS
# The most that any of these models has.
MOST_COLUMNS = MOST_BETAS + MOST_EXPRESSION

_WEIGHT_SUM_TOLERANCE = 1e-3
# SMPL's files store the root's as an unsigned number of 32 bits.
_NO_PARENT = (-1, 2**32 - 1)


@dataclass(frozen=True, repr=False)
class SmplArrays(ShapeChecked):
    """The arrays of a model of SMPL's family (Loper et al., SMPL, 2015), in metres, y up.

    Attributes:
        v_template: Rest vertices (V, 3).
        shapedirs: Vertex offsets per column (V, 3, C): betas, then what `BodyKind.split_columns` says.
        posedirs: Vertex offsets per element of all rotation matrices but the first, less the identity
            (V, 3, 9 (J - 1)).
        J_regressor: Joints from vertices (J, V).
        weights: Of linear blend skinning (V, J).
        faces: Vertex indices (F, 3).
        parents: Of each joint (J,), always earlier in the list, -1 for the root.
        hands: Poses of the hands that the kind has.
        landmarks: Points on faces that count as joints.
    """

    v_template: np.ndarray
    shapedirs: np.ndarray
    posedirs: np.ndarray
    J_regressor: np.ndarray
    weights: np.ndarray
    faces: np.ndarray
    parents: np.ndarray
    hands: tuple[HandPoses, ...] = ()
    landmarks: Landmarks = NO_LANDMARKS

    SHAPES: ClassVar = {
        "v_template": ("V", 3),
        "shapedirs": ("V", 3, "C"),
        "posedirs": ("V", 3, "P"),
        "J_regressor": ("J", "V"),
        "weights": ("V", "J"),
        "faces": ("F", 3),
        "parents": ("J",),
    }


def list_keys(kind: BodyKind) -> tuple[str, ...]:
    """The keys of the arrays that a model of that kind has, or may have."""
    hands = (key for hand in kind.hands for key in (hand.mean, hand.components))
    return (*MODEL_KEYS, *hands, *(LANDMARK_KEYS if kind.landmark_names else ()))


def smpl_arrays(arrays: Mapping[str, StoredArray], kind: BodyKind) -> SmplArrays:
    """Checks the arrays of a file, and makes them a model.

    The shapes of all large arrays are checked before anything is read.

    Args:
        arrays: With the keys `MODEL_KEYS`, or `COMPACT_KEYS` of the compact layout.
        kind: Which they are to be.

    Raises:
        ValueError: One is missing or wrong; the message names the key, what was expected and what was found.
    """
    is_compact = "jr_r" in arrays
    other = name_other_model({key: array.shape for key, array in arrays.items()}, kind)
    if is_compact and kind.name != "smpl":
        other = "SMPL in the demo body's layout, which body.model=smpl takes"
    if other:
        raise ValueError(f"this is {other}; body.model={kind.name} needs {kind.title} ({kind.joints} joints)")
    for key in COMPACT_KEYS if is_compact else MODEL_KEYS:
        if key not in arrays:
            found = ", ".join(sorted(arrays)) or "none of a model's"
            raise ValueError(f"expected the key {key}, found {found}")
    verts = _count(arrays["v_template"])
    if not 0 < verts <= MOST_VERTS:
        raise ValueError(f"v_template: expected 1 to {MOST_VERTS} vertices, found {verts}")
    check_stored("v_template", arrays["v_template"], (verts, 3), "numbers")
    shape = arrays["shapedirs"].shape
    columns = shape[2] if len(shape) == 3 else FEW_BETAS
    if columns > MOST_COLUMNS:
        raise ValueError(
            f"shapedirs: expected {FEW_BETAS} to {MOST_COLUMNS} shape coefficients, found {columns}"
        )
    check_stored("shapedirs", arrays["shapedirs"], (verts, 3, max(columns, FEW_BETAS)), "numbers")
    faces_count = _count(arrays["f"])
    if faces_count > MOST_FACES:
        raise ValueError(f"f: expected at most {MOST_FACES} faces, found {faces_count}")
    check_stored("f", arrays["f"], (faces_count, 3), "integers")
    joints = kind.joints
    if is_compact:
        for prefix in ("jr", "w"):
            _check_triplets(arrays, prefix, joints * verts)
    else:
        check_stored("posedirs", arrays["posedirs"], (verts, 3, kind.correctives), "numbers")
        check_stored("J_regressor", arrays["J_regressor"], (joints, verts), "numbers")
        check_stored("weights", arrays["weights"], (verts, joints), "numbers")
        check_stored("kintree_table", arrays["kintree_table"], (2, joints), "integers")
    return _read(arrays, kind, is_compact)


def _read(arrays: Mapping[str, StoredArray], kind: BodyKind, is_compact: bool) -> SmplArrays:
    joints, verts = kind.joints, _count(arrays["v_template"])
    faces = arrays["f"].read(np.int64)
    if not len(faces) or faces.min() < 0 or faces.max() >= verts:
        raise ValueError(
            f"f: expected indices of {verts} vertices, found {faces.min(initial=0)} to "
            f"{faces.max(initial=0)} in {len(faces)} faces"
        )
    if is_compact:
        # No pose correctives, SMPL's own tree.
        parents = np.array(SMPL_PARENTS, np.int64)
        regressor, weights = _dense(arrays, "jr", (joints, verts)), _dense(arrays, "w", (verts, joints))
    else:
        parents = _parents(arrays["kintree_table"].read(np.int64))
        regressor, weights = read_floats(arrays, "J_regressor"), read_floats(arrays, "weights")
    off_by = np.abs(weights.sum(1, dtype=np.float64) - 1).max()
    # Written so that NaN is refused.
    if not off_by <= _WEIGHT_SUM_TOLERANCE:
        expected = f"rows that sum to 1 within {_WEIGHT_SUM_TOLERANCE}"
        raise ValueError(f"weights: expected {expected}, found one off by {off_by:.3g}")
    shape = (verts, 3, kind.correctives)
    betas, expression = kind.split_columns(arrays["shapedirs"].shape[2])
    return SmplArrays(
        v_template=read_floats(arrays, "v_template"),
        shapedirs=read_floats(arrays, "shapedirs", max(betas, expression.stop)),
        posedirs=np.zeros(shape, np.float32) if is_compact else read_floats(arrays, "posedirs"),
        J_regressor=regressor,
        weights=weights,
        faces=faces,
        parents=parents,
        hands=tuple(read_hand(arrays, keys) for keys in kind.hands),
        landmarks=read_landmarks(arrays, faces, len(kind.landmark_names)),
    )


def _parents(kintree_table: np.ndarray) -> np.ndarray:
    parents = kintree_table[0].copy()
    if parents[0] not in _NO_PARENT:
        raise ValueError(f"kintree_table: expected a root without parent (-1), found {parents[0]}")
    parents[0] = -1
    for joint, parent in enumerate(parents[1:], start=1):
        # Poses are chained from parent to child in the order of the list.
        if not 0 <= parent < joint:
            raise ValueError(
                f"kintree_table: expected a tree with each parent before its children, found parent {parent} "
                f"of joint {joint}"
            )
    return parents


def _count(array: StoredArray) -> int:
    return array.shape[0] if array.shape else 0


def _check_triplets(arrays: Mapping[str, StoredArray], prefix: str, most: int) -> None:
    keys = f"{prefix}_r, {prefix}_c, {prefix}_v"
    row, col, value = (arrays[f"{prefix}_{part}"] for part in "rcv")
    if len(row.shape) != 1 or row.shape != col.shape or row.shape != value.shape:
        raise ValueError(f"{keys}: expected one length, found {row.shape}, {col.shape}, {value.shape}")
    if row.dtype.kind not in "iu" or col.dtype.kind not in "iu":
        raise ValueError(f"{keys}: expected whole numbers for places, found {row.dtype} and {col.dtype}")
    if value.dtype.kind not in "fiu":
        raise ValueError(f"{keys}: expected numbers for values, found {value.dtype}")
    if row.shape[0] > most:
        raise ValueError(f"{keys}: expected at most {most} places, found {row.shape[0]}")


def _dense(arrays: Mapping[str, StoredArray], prefix: str, shape: tuple[int, int]) -> np.ndarray:
    """The matrix in triplets of row, column and value; those of one place are added up, as SciPy has it.

    Not by SciPy, which takes half a second to load and is needed for nothing else here.
    """
    keys = f"{prefix}_r, {prefix}_c, {prefix}_v"
    row, col = (arrays[f"{prefix}_{part}"].read(np.int64) for part in "rc")
    for index, length in ((row, shape[0]), (col, shape[1])):
        if len(index) and not (index.min() >= 0 and index.max() < length):
            raise ValueError(f"{keys}: expected places in {shape}, found {index.min()} to {index.max()}")
    dense = np.zeros(shape, np.float32)
    with np.errstate(over="ignore"):
        np.add.at(dense, (row, col), arrays[f"{prefix}_v"].read(np.float32))
    return check_finite(keys, dense)
