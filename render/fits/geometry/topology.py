"""Which faces vertices have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

# Of the bodies whose number of vertices no other one has. MANO's hands share theirs, and differ in faces.
BY_VERTS = {6890: "smpl", 10475: "smplx", 18439: "mhr", 5023: "flame"}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_NONE = np.zeros((0, 3), np.int32)


def read_topology(found: Mapping[str, Any], vert_count: int) -> tuple[str, np.ndarray]:
    """The topology's name, or faces (F, 3) int32.

    Args:
        found: By our names, see `find_keys`.
        vert_count: Of a body.

    Raises:
        ValueError: The file's faces are none, or it has none and no body has so many vertices. The message
            is one sentence.
    """
    name = _read_name(found)
    if name is not None:
        known = [count for count, body in BY_VERTS.items() if body == name]
        if known and vert_count not in known:
            raise ValueError(f"topology: {name} has {known[0]} vertices, and these bodies have {vert_count}")
        return name, _NONE
    if "faces" not in found:
        if vert_count in BY_VERTS:
            return BY_VERTS[vert_count], _NONE
        raise ValueError(
            f"faces: expected them beside {vert_count} vertices, or topology with a body's name, found none"
        )
    faces = np.asarray(found["faces"])
    # Files of several people may have them once for each.
    if faces.ndim == 3 and len(faces) and (faces == faces[:1]).all():
        faces = faces[0]
    if faces.ndim != 2 or faces.shape[1] != 3 or faces.dtype.kind not in "iu" or not len(faces):
        raise ValueError(f"faces: expected integers of shape (F, 3), found {faces.dtype} {faces.shape}")
    if faces.min() < 0 or faces.max() >= vert_count:
        raise ValueError(
            f"faces: expected corners from 0 to {vert_count - 1}, found {faces.min()} to {faces.max()}"
        )
    return "", np.ascontiguousarray(faces, np.int32)


def _read_name(found: Mapping[str, Any]) -> str | None:
    name = found.get("topology")
    if name is None and isinstance(found.get("faces"), str):
        name = found["faces"]
    if name is None:
        return None
    name = str(name)
    if not _NAME.fullmatch(name):
        raise ValueError(f"topology: expected a name such as smpl, smplx or mhr, found {name[:40]!r}")
    return name
