"""Arrays in a file, of which shape and type are checked before they are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt


class StoredArray(Protocol):
    """An array in a file, of which shape and type are known before it is read."""

    shape: tuple[int, ...]
    dtype: np.dtype

    def read(self, dtype: npt.DTypeLike, columns: int | None = None) -> np.ndarray:
        """The array in C order, as `dtype`, the first columns of its last axis or all of them."""
        ...


def check_stored(
    key: str, array: StoredArray, shape: tuple[int, ...], what: Literal["numbers", "integers"]
) -> None:
    """Raises ValueError, which begins with `key`, for an array of another shape or of anything else."""
    kinds = "iu" if what == "integers" else "fiu"
    if array.dtype.kind not in kinds or array.shape != shape:
        raise ValueError(f"{key}: expected {what} of shape {shape}, found {array.dtype} of {array.shape}")


def read_floats(arrays: Mapping[str, StoredArray], key: str, columns: int | None = None) -> np.ndarray:
    """The array of that key as float32; raises ValueError where numbers are not finite."""
    # What is too large for float32 becomes infinite, and is refused.
    with np.errstate(over="ignore"):
        floats = arrays[key].read(np.float32, columns)
    return check_finite(key, floats)


def check_finite(key: str, floats: np.ndarray) -> np.ndarray:
    """The array; raises ValueError, which begins with `key`, where numbers are not finite."""
    if not np.isfinite(floats).all():
        raise ValueError(f"{key}: expected finite numbers, found {floats[~np.isfinite(floats)][0]}")
    return floats
