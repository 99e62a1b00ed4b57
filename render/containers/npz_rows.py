"""Arrays of many npz files, of which each holds one: what is large is read when it is asked for."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from render.containers.errors import ContainerError
from render.containers.npz_arrays import NpzArray, open_npz
from render.files.regular import open_regular

# What a damaged archive raises while it is read.
_DAMAGE = (ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError)


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

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        """Reads rows.

        Args:
            rows: Their indices.

        Returns:
            float32.

        Raises:
            ContainerError: A file has changed since its shape was asked for; the message names it.
            OSError: A file cannot be opened.
        """
        found = np.empty((len(rows), *self.shape[1:]), np.float32)
        for k, row in enumerate(np.asarray(rows).tolist()):
            path = self._paths[row]
            try:
                with open_arrays(path, (self._key,)) as arrays:
                    if arrays[self._key].shape != self.shape[1:]:
                        raise ContainerError(f"its {self._key} has another shape than before")
                    found[k] = arrays[self._key].read(np.float32)
            except ContainerError as error:
                raise ContainerError(f"{path}: {error}") from error
        return found


def list_npz(folder: Path) -> list[Path]:
    """The npz files of a folder in the order of their names, not those of folders below it.

    Raises:
        OSError: It cannot be listed.
    """
    return sorted(path for path in folder.iterdir() if path.suffix.lower() == ".npz")


@contextmanager
def open_arrays(path: Path, keys: Iterable[str]) -> Iterator[dict[str, NpzArray]]:
    """Those of some arrays of an npz file that it has, each to be read while the file is open.

    Args:
        path: Of the file.
        keys: Of the arrays; what else is in the file is left alone.

    Raises:
        ContainerError: The file is damaged, or what it has under a key is no array of numbers.
        OSError: It cannot be opened.
    """
    with open_regular(path) as file:
        try:
            with open_npz(file) as archive:
                members = {info.filename: info for info in archive.infolist()}
                wanted = {key: members[f"{key}.npy"] for key in keys if f"{key}.npy" in members}
                yield {key: NpzArray(archive, info) for key, info in wanted.items()}
        except ContainerError:
            raise
        except _DAMAGE as error:
            raise ContainerError(str(error) or type(error).__name__) from error
