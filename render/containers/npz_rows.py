"""An array of each of many npz files, read when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from render.containers.errors import ContainerError
from render.containers.mapped_npz import map_npz


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
            ContainerError: A file is damaged, or no longer what it was; the message names it.
            OSError: A file cannot be opened.
        """
        found = np.empty((len(rows), *self.shape[1:]), np.float32)
        for k, row in enumerate(np.asarray(rows).tolist()):
            path = self._paths[row]
            try:
                with map_npz(path) as arrays:
                    if self._key not in set(arrays.keys()) or arrays.shape(self._key) != self.shape[1:]:
                        raise ContainerError(f"its {self._key} is no longer what it was")
                    found[k] = arrays.read(self._key)
            except ContainerError as error:
                raise ContainerError(f"{path}: {error}") from error
        return found
