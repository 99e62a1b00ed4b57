"""The keys at the top of a file of arrays, found without reading it where its kind allows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from render.containers.contents.values import read_values
from render.containers.errors import plain_errors
from render.containers.json_skip import MARK
from render.containers.kind import START_BYTES, find_kind
from render.containers.mapped_npz import map_npz
from render.files.regular import open_regular

_COLON = re.compile(r"[ \t\n\r]*:")

Shapes = dict[str, tuple[int, ...] | None]


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
            return _list_json_keys(file.read(START_BYTES))
    if kind in ("npy", "pickle", "joblib", "torch"):
        return _list_value_keys(read_values(path, has_numbers=False))
    return {}


def _list_value_keys(value: Any) -> Shapes:
    """The keys of a dictionary, or of the first one in a list, with the shapes of arrays."""
    if isinstance(value, list | tuple) and value:
        value = value[0]
    if not isinstance(value, dict):
        return {}
    return {str(key): getattr(member, "shape", None) for key, member in value.items()}


def _list_json_keys(content: bytes) -> Shapes:
    """The keys at the start of a JSON text, or of its first entry where it is a list."""
    # The last letter may be cut.
    text = content.decode(json.detect_encoding(content), errors="ignore").lstrip("\ufeff")
    # In a list, of its first entry.
    wanted = 2 if text.lstrip().startswith("[") else 1
    keys: Shapes = {}
    depth = 0
    for mark in MARK.finditer(text):
        if mark["end"] == "":
            break
        if mark[0] in "[{":
            depth += 1
        elif mark[0] in "]}":
            if depth <= wanted:
                break
            depth -= 1
        elif depth == wanted and _COLON.match(text, mark.end()):
            keys[_decode_key(mark[0])] = None
    return keys


def _decode_key(quoted: str) -> str:
    try:
        return json.loads(quoted)
    except ValueError:
        return quoted[1:-1]
