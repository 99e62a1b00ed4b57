"""The arrays of an SMPL model, checked against each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from render.body.topologies import SMPL_JOINTS, name_other_model
from render.types.shape_checked import ShapeChecked

# What EFT's fits have; a model file may have more of them, up to 300.
BETAS = 10
# The parent of each of SMPL's 24 joints.
SMPL_PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21)

MODEL_KEYS = ("v_template", "shapedirs", "posedirs", "J_regressor", "weights", "f", "kintree_table")
COMPACT_KEYS = ("v_template", "shapedirs", "f", "jr_r", "jr_c", "jr_v", "w_r", "w_c", "w_v")

# Far above SMPL's 6890. A model of so many vertices takes some 140 MB, nearly all of it pose correctives:
# that is what a hostile file can ask for.
MOST_VERTS = 50_000
# A closed surface has two faces a vertex.
MOST_FACES = 4 * MOST_VERTS
# What SMPL-X has, 300 for shape and 100 for expression, is the most of any of these models.
MOST_COLUMNS = 400

_WEIGHT_SUM_TOLERANCE = 1e-3
# SMPL's files store the root's as an unsigned number of 32 bits.
_NO_PARENT = (-1, 2**32 - 1)


@dataclass(frozen=True, repr=False)
class SmplArrays(ShapeChecked):
    """The arrays of an SMPL model (Loper et al., SMPL, 2015), in metres, y up.

    Attributes:
        v_template: Rest vertices (V, 3).
        shapedirs: Vertex offsets per beta (V, 3, 10).
        posedirs: Vertex offsets per element of the 23 rotation matrices less the identity (V, 3, 207).
        J_regressor: Joints from vertices (24, V).
        weights: Of linear blend skinning (V, 24).
        faces: Vertex indices (F, 3).
        parents: Of each joint (24,), always earlier in the list, -1 for the root.
    """

    v_template: np.ndarray
    shapedirs: np.ndarray
    posedirs: np.ndarray
    J_regressor: np.ndarray
    weights: np.ndarray
    faces: np.ndarray
    parents: np.ndarray

    SHAPES: ClassVar = {
        "v_template": ("V", 3),
        "shapedirs": ("V", 3, BETAS),
        "posedirs": ("V", 3, 207),
        "J_regressor": (24, "V"),
        "weights": ("V", 24),
        "faces": ("F", 3),
        "parents": (24,),
    }


class StoredArray(Protocol):
    """An array in a file, of which shape and type are known before it is read."""

    shape: tuple[int, ...]
    dtype: np.dtype

    def read(self, dtype: npt.DTypeLike, columns: int | None = None) -> np.ndarray:
        """The array in C order, as `dtype`, the first columns of its last axis or all of them."""
        ...


def smpl_arrays(arrays: Mapping[str, StoredArray]) -> SmplArrays:
    """Checks the arrays of a file, and makes them a model. All shapes are checked before anything is read.

    Args:
        arrays: With the keys `MODEL_KEYS`, or `COMPACT_KEYS` of the compact layout.

    Raises:
        ValueError: One is missing or wrong; the message names the key, what was expected and what was found.
    """
    other = name_other_model({key: array.shape for key, array in arrays.items()})
    if other:
        raise ValueError(f"this is {other}; EFT's fits need SMPL ({SMPL_JOINTS} joints)")
    is_compact = "jr_r" in arrays
    for key in COMPACT_KEYS if is_compact else MODEL_KEYS:
        if key not in arrays:
            found = ", ".join(sorted(arrays)) or "none of a model's"
            raise ValueError(f"expected the key {key}, found {found}")
    verts = _count(arrays["v_template"])
    if not 0 < verts <= MOST_VERTS:
        raise ValueError(f"v_template: expected 1 to {MOST_VERTS} vertices, found {verts}")
    _check("v_template", arrays["v_template"], (verts, 3), "numbers")
    shape = arrays["shapedirs"].shape
    columns = shape[2] if len(shape) == 3 else BETAS
    if columns > MOST_COLUMNS:
        raise ValueError(f"shapedirs: expected {BETAS} to {MOST_COLUMNS} shape coefficients, found {columns}")
    _check("shapedirs", arrays["shapedirs"], (verts, 3, max(columns, BETAS)), "numbers")
    faces_count = _count(arrays["f"])
    if faces_count > MOST_FACES:
        raise ValueError(f"f: expected at most {MOST_FACES} faces, found {faces_count}")
    _check("f", arrays["f"], (faces_count, 3), "integers")
    if is_compact:
        for prefix in ("jr", "w"):
            _check_triplets(arrays, prefix, 24 * verts)
    else:
        _check("posedirs", arrays["posedirs"], (verts, 3, 207), "numbers")
        _check("J_regressor", arrays["J_regressor"], (24, verts), "numbers")
        _check("weights", arrays["weights"], (verts, 24), "numbers")
        _check("kintree_table", arrays["kintree_table"], (2, 24), "integers")
    return _read(arrays, verts, is_compact)


def _read(arrays: Mapping[str, StoredArray], verts: int, is_compact: bool) -> SmplArrays:
    faces = arrays["f"].read(np.int64)
    if not len(faces) or faces.min() < 0 or faces.max() >= verts:
        raise ValueError(
            f"f: expected indices of {verts} vertices, found {faces.min(initial=0)} to "
            f"{faces.max(initial=0)} in {len(faces)} faces"
        )
    if is_compact:
        # No pose correctives, SMPL's own tree.
        parents = np.array(SMPL_PARENTS, np.int64)
        regressor, weights = _dense(arrays, "jr", (24, verts)), _dense(arrays, "w", (verts, 24))
    else:
        parents = _parents(arrays["kintree_table"].read(np.int64))
        regressor, weights = _floats(arrays, "J_regressor"), _floats(arrays, "weights")
    off_by = np.abs(weights.sum(1, dtype=np.float64) - 1).max()
    # Written so that NaN is refused.
    if not off_by <= _WEIGHT_SUM_TOLERANCE:
        expected = f"rows that sum to 1 within {_WEIGHT_SUM_TOLERANCE}"
        raise ValueError(f"weights: expected {expected}, found one off by {off_by:.3g}")
    return SmplArrays(
        v_template=_floats(arrays, "v_template"),
        shapedirs=_floats(arrays, "shapedirs", BETAS),
        posedirs=np.zeros((verts, 3, 207), np.float32) if is_compact else _floats(arrays, "posedirs"),
        J_regressor=regressor,
        weights=weights,
        faces=faces,
        parents=parents,
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


def _check(key: str, array: StoredArray, shape: tuple[int, ...], what: str) -> None:
    kinds = "iu" if what == "integers" else "fiu"
    if array.dtype.kind not in kinds or array.shape != shape:
        raise ValueError(f"{key}: expected {what} of shape {shape}, found {array.dtype} of {array.shape}")


def _floats(arrays: Mapping[str, StoredArray], key: str, columns: int | None = None) -> np.ndarray:
    # What is too large for float32 becomes infinite, and is refused.
    with np.errstate(over="ignore"):
        floats = arrays[key].read(np.float32, columns)
    return _check_finite(key, floats)


def _check_finite(key: str, floats: np.ndarray) -> np.ndarray:
    if not np.isfinite(floats).all():
        raise ValueError(f"{key}: expected finite numbers, found {floats[~np.isfinite(floats)][0]}")
    return floats


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
    return _check_finite(keys, dense)
