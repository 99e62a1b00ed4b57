"""A matrix that gives joints out of vertices, from a file of the user's: papers compare joints of theirs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from render.containers.errors import ContainerError
from render.containers.kind import find_kind
from render.containers.mapped_npz import map_npz
from render.containers.read import read_container
from render.errors import ConfigError
from render.files.regular import IrregularFileError

SETTING = "joint_regressor"
_KEYS = ("J_regressor", "joint_regressor", "regressor")
_EXPECTED = "expected an npy, or an npz with J_regressor, of shape (J, V): J joints out of V vertices"
MOST_JOINTS = 1000
# Of an array in memory; scans have a million vertices, and papers compare some tens of joints.
MOST_NUMBERS = 50_000_000
# The root that all others are laid over each other by.
ROOT = 0


@dataclass(frozen=True)
class Regressor:
    """Joints as sums of vertices.

    Attributes:
        name: Of its file, which stands beside each number.
        matrix: (J, V) float64.
        subset: (K,) rows that count once roots are at one place; the root need not be one of them.
    """

    name: str
    matrix: np.ndarray
    subset: np.ndarray

    @property
    def vert_count(self) -> int:
        """V, of the bodies that it takes."""
        return self.matrix.shape[1]


def read_regressor(path: Path, subset: Sequence[int] = ()) -> Regressor:
    """The matrix in a file.

    Args:
        path: Of an npy or an npz; nothing that is pickled is read.
        subset: Rows that count; all of them where none is named.

    Raises:
        ConfigError: The file is missing, damaged or something else, or has no such rows.
    """
    try:
        matrix = _read(path)
    except FileNotFoundError:
        raise ConfigError(f"{SETTING}: {path}: there is no such file; set it to one that is there") from None
    except IrregularFileError:
        raise ConfigError(f"{SETTING}: {path}: no regular file; {_EXPECTED}") from None
    except OSError as error:
        raise ConfigError(f"{SETTING}: {path}: it cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise ConfigError(f"{SETTING}: {path}: {error}; {_EXPECTED}") from None
    rows = np.array(subset or range(len(matrix)), np.int64)
    if rows.max() >= len(matrix):
        raise ConfigError(
            f"joint_subset: {path.name} has {len(matrix)} rows; expected 0 to {len(matrix) - 1}, found "
            f"{rows.max()}"
        )
    return Regressor(path.name, matrix, rows)


def _read(path: Path) -> np.ndarray:
    kind = find_kind(path)
    found: Any
    if kind == "npz":
        with map_npz(path) as arrays:
            held = set(arrays.keys())
            key = next((key for key in _KEYS if key in held), None)
            if key is None:
                raise ContainerError(f"found none of the keys {', '.join(_KEYS)}")
            # Before it is unpacked.
            _check_size(arrays.shape(key))
            found = arrays.read(key)
    elif kind == "npy":
        found = read_container(path)
    else:
        raise ContainerError(f"found {'a folder' if kind == 'folder' else 'another file'}")
    array = np.asarray(found)
    if array.dtype.kind not in "fiu" or array.ndim != 2 or not array.size or len(array) > MOST_JOINTS:
        raise ContainerError(f"found {array.dtype} of shape {str(array.shape)[:60]}")
    _check_size(array.shape)
    matrix = array.astype(np.float64)
    if not np.isfinite(matrix).all():
        raise ContainerError("found numbers that are not finite")
    return matrix


def _check_size(shape: tuple[int, ...]) -> None:
    if math.prod(shape) > MOST_NUMBERS:
        raise ContainerError(f"found shape {str(shape)[:60]}, more than {MOST_NUMBERS} numbers")
