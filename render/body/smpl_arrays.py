"""The arrays of an SMPL model, checked against each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from render.types.shape_checked import ShapeChecked

# What EFT's fits have; a model file may have more of them, up to 300.
BETAS = 10
# The parent of each of SMPL's 24 joints.
SMPL_PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21)

MODEL_KEYS = ("v_template", "shapedirs", "posedirs", "J_regressor", "weights", "f", "kintree_table")
COMPACT_KEYS = ("v_template", "shapedirs", "f", "jr_r", "jr_c", "jr_v", "w_r", "w_c", "w_v")

# Far above SMPL's 6890; it bounds what the compact layout is expanded to.
MOST_VERTS = 50_000

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


def smpl_arrays(arrays: dict[str, np.ndarray]) -> SmplArrays:
    """Checks the arrays of a file, and makes them a model.

    Args:
        arrays: With the keys `MODEL_KEYS`, or `COMPACT_KEYS` of the compact layout.

    Raises:
        ValueError: One is missing or wrong; the message names the key, what was expected and what was found.
    """
    is_compact = "jr_r" in arrays
    for key in COMPACT_KEYS if is_compact else MODEL_KEYS:
        if key not in arrays:
            found = ", ".join(sorted(arrays)) or "none of a model's"
            raise ValueError(f"expected the key {key}, found {found}")
    verts = arrays["v_template"].shape[0] if arrays["v_template"].ndim else 0
    if not 0 < verts <= MOST_VERTS:
        raise ValueError(f"v_template: expected 1 to {MOST_VERTS} vertices, found {verts}")
    if is_compact:
        arrays = _expand_compact(arrays, verts)
    shapedirs = arrays["shapedirs"]
    if shapedirs.ndim == 3 and shapedirs.shape[2] > BETAS:
        shapedirs = shapedirs[:, :, :BETAS]
    faces = _integers("f", arrays["f"], (len(arrays["f"]) if arrays["f"].ndim else 0, 3))
    if not len(faces) or faces.min() < 0 or faces.max() >= verts:
        raise ValueError(
            f"f: expected indices of {verts} vertices, found {faces.min(initial=0)} to "
            f"{faces.max(initial=0)} in {len(faces)} faces"
        )
    weights = _floats("weights", arrays["weights"], (verts, 24))
    off_by = np.abs(weights.sum(1, dtype=np.float64) - 1).max()
    # Written so that NaN is refused.
    if not off_by <= _WEIGHT_SUM_TOLERANCE:
        expected = f"rows that sum to 1 within {_WEIGHT_SUM_TOLERANCE}"
        raise ValueError(f"weights: expected {expected}, found one off by {off_by:.3g}")
    return SmplArrays(
        v_template=_floats("v_template", arrays["v_template"], (verts, 3)),
        shapedirs=_floats("shapedirs", shapedirs, (verts, 3, BETAS)),
        posedirs=_floats("posedirs", arrays["posedirs"], (verts, 3, 207)),
        J_regressor=_floats("J_regressor", arrays["J_regressor"], (24, verts)),
        weights=weights,
        faces=faces,
        parents=_parents(_integers("kintree_table", arrays["kintree_table"], (2, 24))),
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


def _floats(key: str, array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    _check_kind(key, array, shape, "fiu", "numbers")
    # What is too large for float32 becomes infinite, and is refused.
    with np.errstate(over="ignore"):
        floats = np.array(array, dtype=np.float32, order="C")
    if not np.isfinite(floats).all():
        raise ValueError(f"{key}: expected finite numbers, found {floats[~np.isfinite(floats)][0]}")
    return floats


def _integers(key: str, array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    _check_kind(key, array, shape, "iu", "integers")
    return np.array(array, dtype=np.int64, order="C")


def _check_kind(key: str, array: np.ndarray, shape: tuple[int, ...], kinds: str, what: str) -> None:
    if array.dtype.kind not in kinds or array.shape != shape:
        raise ValueError(f"{key}: expected {what} of shape {shape}, found {array.dtype} of {array.shape}")


def _expand_compact(arrays: dict[str, np.ndarray], verts: int) -> dict[str, np.ndarray]:
    """The full layout from the demo body's: triplets made dense, no pose correctives, SMPL's own tree."""
    return {
        "v_template": arrays["v_template"],
        "shapedirs": arrays["shapedirs"],
        "posedirs": np.zeros((verts, 3, 207), dtype=np.float32),
        "J_regressor": _dense(arrays, "jr", (24, verts)),
        "weights": _dense(arrays, "w", (verts, 24)),
        "f": arrays["f"],
        "kintree_table": np.array([SMPL_PARENTS, range(24)]),
    }


def _dense(arrays: dict[str, np.ndarray], prefix: str, shape: tuple[int, int]) -> np.ndarray:
    """The matrix in triplets of row, column and value; those of one place are added up, as SciPy has it.

    Not by SciPy, which takes half a second to load and is needed for nothing else here.
    """
    keys = f"{prefix}_r, {prefix}_c, {prefix}_v"
    row, col, value = (arrays[f"{prefix}_{part}"] for part in "rcv")
    if row.ndim != 1 or row.shape != col.shape or row.shape != value.shape:
        raise ValueError(f"{keys}: expected one length, found {row.shape}, {col.shape}, {value.shape}")
    if row.dtype.kind not in "iu" or col.dtype.kind not in "iu":
        raise ValueError(f"{keys}: expected whole numbers for places, found {row.dtype} and {col.dtype}")
    for index, length in ((row, shape[0]), (col, shape[1])):
        if len(index) and not (index.min() >= 0 and index.max() < length):
            raise ValueError(f"{keys}: expected places in {shape}, found {index.min()} to {index.max()}")
    dense = np.zeros(shape, value.dtype)
    np.add.at(dense, (row, col), value)
    return dense
