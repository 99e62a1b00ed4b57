"""Any file of arrays, as plain values."""

from __future__ import annotations

import json
import os
from json.decoder import JSONDecodeError
from pathlib import Path
from typing import Any

from render.containers import archives
from render.containers.errors import MOST_BYTES, ContainerError, plain_errors
from render.containers.json_skip import decode_shallow
from render.containers.keys import Shapes, list_json_keys, list_value_keys
from render.containers.kind import START_BYTES, find_kind, find_kind_of
from render.containers.mapped_npz import map_npz
from render.containers.pickles.data import read_data
from render.containers.unpack import is_packed, unpack
from render.files.regular import open_regular

__all__ = ["ContainerError", "find_kind", "list_keys", "map_npz", "read_container"]

# A value takes twenty times its characters.
MOST_JSON_BYTES = 64 << 20


def read_container(path: Path) -> Any:
    """Reads a file of arrays; its content decides how, never its name.

    It may be an archive of np.savez, an array of np.save, a pickle of any protocol, a dump of joblib, packed
    or not, a file of torch.save, or JSON of up to 64 MiB (longer lists: `json_stream`).

    Args:
        path: Of the file.

    Returns:
        Dictionaries, lists, tuples, sets, texts, bytes, numbers and None, with NumPy's arrays, which may be
        read-only. NumPy's scalars come out as Python's, tensors as arrays, arrays without axes of one object
        (as `np.savez(file, results=a_dictionary)` makes them) as the object itself.

    Raises:
        ForbiddenNameError: A pickle asks for a name that is not on the list; nothing of it was run.
        ContainerError: The file is of another kind, is damaged or claims too much. The message is one
            sentence without the path.
        OSError: It cannot be read.
    """
    return _read(path)


def list_keys(path: Path) -> Shapes:
    """The keys at the top of a file, or of the first entry where it is a list.

    Args:
        path: Of the file.

    Returns:
        The shape of each key's array, None where it is no array or finding it would take long. Of JSON, only
        the keys at the start of the file. Nothing for files without keys.

    Raises:
        ForbiddenNameError: A pickle asks for a name that is not on the list; nothing of it was run.
        ContainerError: It is damaged or claims too much.
        OSError: It cannot be read.
    """
    kind = find_kind(path)
    if kind == "npz":
        with map_npz(path) as arrays:
            keys = arrays.keys()
            return {key: None if arrays.dtype(key).hasobject else arrays.shape(key) for key in keys}
    if kind == "json":
        with open_regular(path) as file, plain_errors():
            return list_json_keys(file.read(START_BYTES))
    if kind in ("npy", "pickle", "joblib", "torch"):
        return list_value_keys(_read(path, has_numbers=False))
    return {}


def _read(path: Path, has_numbers: bool = True) -> Any:
    with open_regular(path) as file, plain_errors():
        kind = find_kind_of(file)
        if kind in ("npz", "torch") and file.peek(2)[:2] == b"PK":
            with archives.open_archive(file) as archive:
                return (
                    archives.read_npz(archive) if kind == "npz" else archives.read_torch(archive, has_numbers)
                )
        if kind not in ("json", "npy", "pickle", "joblib", "torch"):
            known = "an npz, an npy, a pickle, a joblib dump, a file of torch or JSON"
            raise ContainerError(f"expected {known}, found {_KINDS.get(kind) or _describe(file.peek(512))}")
        size_bytes = os.fstat(file.fileno()).st_size
        most_bytes = MOST_JSON_BYTES if kind == "json" else MOST_BYTES
        if size_bytes > most_bytes:
            raise ContainerError(f"it has {size_bytes >> 20} MiB, more than {most_bytes >> 20}")
        if kind == "json":
            return _read_json(file.read())
        if kind == "npy":
            return archives.read_npy(file, size_bytes)
        return read_data(unpack(file) if is_packed(file.peek(8)) else file.read())


def _read_json(content: bytes) -> Any:
    text = content.decode(json.detect_encoding(content), "surrogatepass").lstrip("\ufeff")
    start = len(text) - len(text.lstrip())
    try:
        found = decode_shallow(text, start)
    except JSONDecodeError as error:
        raise ContainerError(f"it is not JSON: {error}") from error
    if found is None or text[found[1] :].strip():
        raise ContainerError("it is not JSON: it is cut short, or something follows its end")
    return found[0]


def _describe(start: bytes) -> str:
    if not start.strip():
        return "an empty file"
    if start.startswith(b"version https://git-lfs"):
        return "a git-lfs pointer instead of the file (fetch it with `git lfs pull`)"
    return "a web page" if start.lstrip().startswith(b"<") else "something else"


_KINDS = {"obj": "a mesh (obj)", "ply": "a mesh (ply)", "glb": "a mesh (glb)"}
