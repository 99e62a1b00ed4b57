"""A file of any kind, read as a whole."""

from __future__ import annotations

import json
import os
from json.decoder import JSONDecodeError
from pathlib import Path
from typing import Any

from render.containers.contents import archives
from render.containers.errors import MOST_BYTES, ContainerError, plain_errors
from render.containers.json_skip import decode_shallow
from render.containers.kind import find_kind_of
from render.containers.pickles.data import read_data
from render.containers.pickles.unpack import is_packed, unpack
from render.files.regular import open_regular

# A value takes twenty times its characters.
MOST_JSON_BYTES = 64 << 20


def read_values(path: Path, has_numbers: bool = True) -> Any:
    """As `read_container` has it.

    Args:
        path: Of the file.
        has_numbers: Whether the numbers of tensors are wanted, or only their shapes.
    """
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
