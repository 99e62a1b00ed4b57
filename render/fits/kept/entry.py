"""What an entry of the cache holds: arrays that are mapped, and texts, each with the hash of its file.

Whoever can write to the cache can write hashes that fit, so what is read is of the types and shapes that its
reader expects, whatever the files say of themselves, and its values are to be checked as those of a fit file.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from render.files.digest import hash_bytes, hash_file
from render.files.regular import open_regular, read_regular

_HASHES = "sha256.json"


def save_entry(folder: Path, columns: Mapping[str, np.ndarray], texts: Mapping[str, str]) -> None:
    """Writes the files of an entry.

    Args:
        folder: That is to hold them.
        columns: Arrays by name.
        texts: By the names of their files.
    """
    for name, column in columns.items():
        np.save(folder / f"{name}.npy", np.ascontiguousarray(column), allow_pickle=False)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    hashes = {path.name: hash_file(path) for path in sorted(folder.iterdir())}
    (folder / _HASHES).write_text(json.dumps(hashes))


class Entry:
    """The files of an entry that is there. Whatever is wrong with one raises an exception of some kind.

    Args:
        folder: That holds them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._hashes = json.loads(read_regular(folder / _HASHES))

    def read_text(self, name: str) -> str:
        """The text in a file."""
        content = read_regular(self._folder / name)
        self._check_hash(name, content)
        return content.decode()

    def map_column(self, name: str, dtype: type, shape: tuple[int, ...]) -> np.ndarray:
        """Maps an array, which cannot be written to.

        Args:
            name: Of the array.
            dtype: Of its elements.
            shape: That it must have.
        """
        file_name = f"{name}.npy"
        with open_regular(self._folder / file_name) as file:
            content = np.memmap(file, np.uint8, mode="r")
        # What it says of itself need not be read: of these elements and this shape it can only say one thing.
        header = _make_header(dtype, shape)
        if content[: len(header)].tobytes() != header:
            raise ValueError(f"{file_name} is not of {np.dtype(dtype).name} in the shape {shape}")
        self._check_hash(file_name, content.data)
        # Of another length it has no such shape. A plain view: taking a row of a `memmap` takes five times as
        # long, and is done many times a sheet.
        return np.asarray(content)[len(header) :].view(dtype).reshape(shape)

    def _check_hash(self, name: str, content: bytes | memoryview) -> None:
        if hash_bytes(content) != self._hashes[name]:
            raise ValueError(f"{name} has changed")


def _make_header(dtype: type, shape: tuple[int, ...]) -> bytes:
    """The beginning of the file of such an array, as `np.save` writes it."""
    header = io.BytesIO()
    what = {"descr": np.lib.format.dtype_to_descr(np.dtype(dtype)), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(header, what)
    return header.getvalue()
