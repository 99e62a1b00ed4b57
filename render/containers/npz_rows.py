"""An array of each of many npz files, read when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from render.containers.errors import ContainerError
from render.containers.mapped_npz import map_npz
from render.errors import FitFileError


class NpzRows:
    """Rows that are each an array of a file of their own, as `Meshes.verts` may be.

    Attributes:
        shape: Of all rows together.

    Args:
        paths: Of the files.
        key: Of the array in each.
        row_shape: Of the array in each.
    """

    def __init__(self, paths: Iterable[Path], key: str, row_shape: tuple[int, ...]) -> None:
        self._paths, self._key = tuple(paths), key
        self.shape = (len(self._paths), *row_shape)

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        """Reads rows.

        Args:
            rows: Their indices.

        Returns:
            float32.

        Raises:
            FitFileError: A file is damaged, or no longer what it was.
        """
        found = np.empty((len(rows), *self.shape[1:]), np.float32)
        for k, row in enumerate(np.asarray(rows).tolist()):
            try:
                with map_npz(self._paths[row]) as arrays:
                    if self._key not in set(arrays.keys()) or arrays.shape(self._key) != self.shape[1:]:
                        raise ContainerError("it is no longer what it was when the run began")
                    found[k] = arrays.read(self._key)
            except (ContainerError, OSError) as error:
                reason = error.strerror if isinstance(error, OSError) else str(error).rstrip(".")
                raise FitFileError(
                    f"{self._paths[row]}: expected numbers in {self._key}; {reason}. "
                    "Mend or remove the file, and start again: what is drawn stays."
                ) from error
        return found
