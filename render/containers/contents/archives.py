"""Zip archives of arrays, as a whole: those of np.savez and those of torch.save."""

from __future__ import annotations

import zipfile
from io import BufferedReader
from typing import Any, BinaryIO

import numpy as np

from render.containers.errors import MOST_BYTES, ContainerError, plain_errors
from render.containers.npz_arrays import NpzArray, check_axes, check_method, open_npz, read_npy_header
from render.containers.pickles.data import read_data
from render.containers.pickles.numpy_values import check_letters
from render.containers.pickles.torch_values import Storage, item_bytes, read_storage_key

# A file of torch has a member for each tensor.
MOST_DIRECTORY_BYTES = 1 << 25
KINDS = "biufcSUO"
_PICKLE, _NPY = "data.pkl", ".npy"


def open_archive(file: BinaryIO) -> zipfile.ZipFile:
    """The archive in a file that stays open, of which only the directory is read.

    Raises:
        ValueError: Its directory is too long.
        zipfile.BadZipFile: It is no archive.
    """
    return open_npz(file, MOST_DIRECTORY_BYTES)


def is_torch(archive: zipfile.ZipFile) -> bool:
    """Whether torch.save wrote it."""
    return any(name.rpartition("/")[2] == _PICKLE for name in archive.namelist())


def npz_members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The arrays of an archive of np.savez by their keys.

    Raises:
        ContainerError: There is none.
    """
    found = {
        info.filename.removesuffix(_NPY): info for info in archive.infolist() if info.filename.endswith(_NPY)
    }
    if not found:
        raise ContainerError("it is a zip archive without arrays")
    return found


def read_npz(archive: zipfile.ZipFile) -> dict[str, Any]:
    """All arrays of an archive of np.savez by their keys."""
    members = npz_members(archive)
    _check_claim(list(members.values()))
    return {key: read_npz_member(archive, key, info) for key, info in members.items()}


def read_npz_member(archive: zipfile.ZipFile, key: str, info: zipfile.ZipInfo) -> Any:
    """One of them; an object without axes by itself.

    Raises:
        ContainerError: It is damaged; the message names its key.
    """
    with plain_errors(key):
        array = NpzArray(archive, info, KINDS)
        if not array.dtype.hasobject:
            return check_letters(array.read(array.dtype))
        return _unwrap(read_data(read_member(archive, info), array.start))


def read_npy(file: BufferedReader, size_bytes: int) -> Any:
    """The array of an npy file; an object without axes by itself.

    Args:
        file: Read from where it is.
        size_bytes: Of the file.
    """
    shape, is_fortran, dtype = read_npy_header(file)
    check_axes(shape)
    if dtype.kind not in KINDS:
        raise ContainerError(f"it holds an array of the type {str(dtype)[:40]}")
    content = file.read(min(size_bytes, MOST_BYTES))
    if dtype.hasobject:
        return _unwrap(read_data(content))
    count = int(np.prod(shape, dtype=object))
    if count * dtype.itemsize != len(content):
        raise ContainerError(f"it claims an array of shape {shape} in {len(content)} bytes")
    return check_letters(np.frombuffer(content, dtype).reshape(shape, order="F" if is_fortran else "C"))


def read_torch(archive: zipfile.ZipFile, has_numbers: bool = True) -> Any:
    """What torch.save put into an archive, tensors as NumPy's arrays; bfloat16 comes out as float32.

    Args:
        archive: From `open_archive`.
        has_numbers: Whether they are read; otherwise the arrays have shapes and types, and no values.
    """
    infos = {info.filename: info for info in archive.infolist()}
    _check_claim(list(infos.values()))
    pickle_name = next(name for name in infos if name.rpartition("/")[2] == _PICKLE)
    root = pickle_name.removesuffix(_PICKLE)
    order = infos.get(f"{root}byteorder")
    if order is not None and read_member(archive, order) != b"little":
        raise ContainerError("it is a file of torch whose numbers are not little endian")
    storages: dict[str, Storage] = {}

    def find_storage(key: tuple) -> Storage:
        kind, name, count = read_storage_key(key)
        if name not in storages:
            info = infos.get(f"{root}data/{name}")
            if info is None or info.file_size < count * item_bytes(kind):
                raise ContainerError(f"it is a file of torch without the whole storage {name[:20]!a}")
            # Memory that nobody looks at is never taken.
            size_bytes = info.file_size
            content = read_member(archive, info) if has_numbers else np.empty(size_bytes, np.uint8).data
            storages[name] = Storage(content, kind)
        return storages[name]

    return read_data(read_member(archive, infos[pickle_name]), 0, find_storage)


def read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """All of a member, never more than its entry claims."""
    check_method(info)
    if info.file_size > MOST_BYTES:
        raise ContainerError(f"it claims a member of {info.file_size} bytes")
    with archive.open(info) as member:
        content = member.read(info.file_size)
        # Only at its end is the check sum compared.
        if len(content) != info.file_size or member.read(1):
            raise ContainerError("it has a member of another length than it claims")
    return content


def _check_claim(infos: list[zipfile.ZipInfo]) -> None:
    if sum(info.file_size for info in infos) > MOST_BYTES:
        raise ContainerError(f"its members unpack to more than {MOST_BYTES >> 30} GiB")


def _unwrap(array: Any) -> Any:
    is_object = type(array) is np.ndarray and array.dtype.hasobject and array.ndim == 0
    return array.item() if is_object else array
