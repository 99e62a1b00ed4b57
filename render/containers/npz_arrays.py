"""The arrays of an npz archive, whose shapes and types are known before anything large is unpacked."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Collection
from typing import IO, BinaryIO

import numpy as np
import numpy.typing as npt

# Of the archive's directory, which zipfile reads as a whole: 15,000 members, where a model has twenty.
MOST_BYTES_AT_ONCE = 1 << 20
BLOCK_BYTES = 1 << 18
MOST_AXES = 32
# Of an axis. It keeps shapes short in messages; what a model may have is far less.
LONGEST_AXIS = 2**31
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_IS_ENCRYPTED = 1


class NpzArray:
    """An array in an archive that is open.

    Attributes:
        shape: As its header claims, and as the directory of the archive has room for.
        dtype: Of one of the `kinds`.
        is_fortran: Whether the first axis is the innermost in the file.
        start: Where in the member the numbers begin.

    Args:
        archive: Which holds it.
        info: Its entry.
        kinds: NumPy's letters of the kinds of types that are wanted: booleans, integers and floats.

    Raises:
        ValueError: It is damaged, or holds anything but numbers.
    """

    shape: tuple[int, ...]
    dtype: np.dtype

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, kinds: str = "biuf") -> None:
        check_method(info)
        self._archive, self._info = archive, info
        with archive.open(info) as member:
            self.shape, self.is_fortran, self.dtype = read_npy_header(member)
            self.start = member.tell()
        if self.dtype.kind not in kinds:
            is_objects = self.dtype.hasobject
            found = "Python objects (save sparse matrices dense)" if is_objects else f"the dtype {self.dtype}"
            raise ValueError(f"expected numbers, found {found[:60]}")
        check_axes(self.shape)
        size_bytes, found_bytes = math.prod(self.shape) * self.dtype.itemsize, info.file_size - self.start
        # Objects are pickled behind the header.
        if size_bytes != found_bytes and not self.dtype.hasobject:
            raise ValueError(f"expected {size_bytes} bytes for shape {self.shape}, found {found_bytes}")

    def read(self, dtype: npt.DTypeLike, columns: int | None = None) -> np.ndarray:
        """The array in C order, unpacked block by block: only what is returned is ever held.

        Args:
            dtype: Of what is returned.
            columns: How many of the last axis are kept, from the first on; all by default.

        Raises:
            EOFError: There is less of it than the archive says.
            zipfile.BadZipFile, zlib.error: It is damaged.
        """
        # A single number is a row of one.
        *others, last = self.shape or (1,)
        array = np.empty((*others, last if columns is None else min(columns, last)), dtype)
        # As rows in the order of the file, in which the last axis of Fortran's arrays is the first. The
        # columns that are kept are then parts of rows, or the first rows.
        if self.is_fortran:
            rows, width, kept = last, math.prod(others), array.T
        else:
            # Rows of one number where all columns are kept: the rows of a flat array have no bound.
            width = 1 if columns is None else last
            rows = math.prod((*others, last)) // max(1, width)
            kept = array.reshape(rows, -1 if array.size else 0)
        step = max(1, BLOCK_BYTES // max(1, width * self.dtype.itemsize))
        with self._archive.open(self._info) as member:
            member.read(self.start)
            # To the end, whatever is kept: only there is the check sum compared.
            for start in range(0, rows, step):
                block = self._read_rows(member, min(step, rows - start), width)
                room = kept[start : start + step]
                if self.is_fortran:
                    room[...] = block[: len(room)].reshape(room.shape)
                else:
                    room[...] = block[:, : room.shape[1]]
        return array if self.shape else array.reshape(())

    def _read_rows(self, member: IO[bytes], rows: int, width: int) -> np.ndarray:
        size_bytes = rows * width * self.dtype.itemsize
        data = b"".join(
            member.read(min(BLOCK_BYTES, size_bytes - at)) for at in range(0, size_bytes, BLOCK_BYTES)
        )
        if len(data) != size_bytes:
            raise EOFError(f"{self._info.filename} ends early")
        return np.frombuffer(data, self.dtype).reshape(rows, width)


def check_method(info: zipfile.ZipInfo) -> None:
    """Raises ValueError where other methods unpack without a limit, or ask for a password."""
    if info.compress_type not in _METHODS or info.flag_bits & _IS_ENCRYPTED:
        raise ValueError("expected an array stored or deflated as np.savez does, found another method")


def check_axes(shape: tuple[int, ...]) -> None:
    """Raises ValueError where no array has such a shape."""
    if len(shape) > MOST_AXES or not all(0 <= length < LONGEST_AXIS for length in shape):
        raise ValueError(f"an array of shape {str(shape)[:60]} is claimed")


def read_npy_header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    """The shape of an array in the npy format, whether it is in Fortran order, and its type.

    Raises:
        ValueError: There is no such header.
    """
    version = np.lib.format.read_magic(file)
    if version != (1, 0):
        # Version 2 lets a header claim 4 GiB; numpy writes it only for structured arrays.
        found = ".".join(map(str, version))
        raise ValueError(f"expected version 1.0 of the npy format, found {found}")
    return np.lib.format.read_array_header_1_0(file)


def open_npz(file: BinaryIO, most_directory_bytes: int = MOST_BYTES_AT_ONCE) -> zipfile.ZipFile:
    """The archive in a file, of which only the directory is read.

    Args:
        file: Which stays open as long as the archive is used.
        most_directory_bytes: Which the directory may have.

    Raises:
        zipfile.BadZipFile: It is no archive.
        ValueError: Its directory is too long.
    """
    return zipfile.ZipFile(_BoundedReader(file, most_directory_bytes))


def npz_arrays(archive: zipfile.ZipFile, keys: Collection[str]) -> dict[str, NpzArray]:
    """The arrays of an archive, none of them read yet.

    Args:
        archive: From `open_npz`; it stays open as long as arrays are read.
        keys: Of the arrays that are wanted.

    Returns:
        Those of them that the archive holds.

    Raises:
        ValueError: One is damaged or holds anything but numbers; the message names its key.
    """
    names = set(archive.namelist())
    arrays = {}
    for key in keys:
        if f"{key}.npy" in names:
            try:
                arrays[key] = NpzArray(archive, archive.getinfo(f"{key}.npy"))
            except ValueError as error:
                raise ValueError(f"{key}: {error}") from error
    return arrays


class _BoundedReader:
    """A file of which little is read at once: zipfile reads a directory as long as the file says."""

    def __init__(self, file: BinaryIO, most_bytes: int) -> None:
        self._file = file
        self._most_bytes = most_bytes
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > self._most_bytes:
            raise ValueError(f"the archive's directory has {size} bytes, more than {self._most_bytes}")
        return self._file.read(MOST_BYTES_AT_ONCE if size < 0 else size)

    def close(self) -> None:
        """The file is closed by whoever opened it."""
