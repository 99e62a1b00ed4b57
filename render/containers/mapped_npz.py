"""Archives of arrays too large for memory: what lies in them as it is, is mapped instead of read."""

from __future__ import annotations

import math
import mmap
import zipfile
from collections.abc import KeysView
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from render.containers.contents.archives import KINDS, npz_members, open_archive, read_npz_member
from render.containers.errors import plain_errors
from render.containers.npz_arrays import NpzArray
from render.files.regular import open_regular

# Smaller ones are read: a map of each would cost more than its numbers.
LEAST_MAPPED_BYTES = 1 << 20
# Of a member's own header, behind which its name, an extra field and its content come.
_HEADER_BYTES = 30


class MappedNpz:
    """The arrays of an npz, none of them read yet; close it, or use it in a `with`.

    Its errors have no path, as those of `read_container`.

    Args:
        path: Of the file.

    Raises:
        ContainerError: It is no npz, or is damaged.
        OSError: It cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._file: BufferedReader = open_regular(path)
        # The arrays that are views of it keep it open.
        self._map: mmap.mmap | None = None
        try:
            with plain_errors():
                self._archive = open_archive(self._file)
                self._infos = npz_members(self._archive)
        except BaseException:
            self._file.close()
            raise
        self._heads: dict[str, NpzArray] = {}

    def __enter__(self) -> MappedNpz:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; arrays that are mapped stay."""
        self._archive.close()
        self._file.close()

    def keys(self) -> KeysView[str]:
        """Of the arrays, in the order of the file."""
        return self._infos.keys()

    def shape(self, key: str) -> tuple[int, ...]:
        """Of an array, from its header."""
        return self._head(key).shape

    def dtype(self, key: str) -> np.dtype:
        """Of an array, from its header."""
        return self._head(key).dtype

    def read(self, key: str) -> Any:
        """An array; mapped read-only where it is large and not packed, in memory otherwise.

        The check sum of what is mapped is not compared: that would read all of it.

        Raises:
            ContainerError: It is damaged; the message names the key.
        """
        info, head = self._infos[key], self._head(key)
        if info.compress_type != zipfile.ZIP_STORED or head.dtype.hasobject or head.dtype.kind == "U":
            return self._read(key)
        if info.file_size < LEAST_MAPPED_BYTES:
            return self._read(key)
        with plain_errors(key):
            if self._map is None:
                self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
            start = self._find_content(info) + head.start
            # NumPy refuses what lies behind the end.
            flat = np.frombuffer(self._map, head.dtype, math.prod(head.shape), start)
            return flat.reshape(head.shape, order="F" if head.is_fortran else "C")

    def _read(self, key: str) -> Any:
        with plain_errors():
            return read_npz_member(self._archive, key, self._infos[key])

    def _head(self, key: str) -> NpzArray:
        if key not in self._heads:
            with plain_errors(key):
                self._heads[key] = NpzArray(self._archive, self._infos[key], KINDS)
        return self._heads[key]

    def _find_content(self, info: zipfile.ZipInfo) -> int:
        # zipfile compared its name with the directory's when its array's header was read.
        self._file.seek(info.header_offset)
        header = self._file.read(_HEADER_BYTES)
        name_bytes, extra_bytes = (int.from_bytes(header[at : at + 2], "little") for at in (26, 28))
        return info.header_offset + _HEADER_BYTES + name_bytes + extra_bytes


def map_npz(path: Path) -> MappedNpz:
    """Opens an npz whose large arrays are mapped; see `MappedNpz`."""
    return MappedNpz(path)
