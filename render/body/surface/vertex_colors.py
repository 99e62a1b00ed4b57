"""A colour of each vertex of a topology, from a file of arrays or a mesh."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from render.containers.errors import ContainerError
from render.containers.kind import find_kind
from render.containers.mapped_npz import map_npz
from render.containers.mesh_formats.color_bytes import to_color_bytes
from render.containers.meshes import read_mesh
from render.containers.read import read_container
from render.errors import BodyModelError
from render.files.regular import IrregularFileError

_KEYS = ("vertex_colors", "colors")
_EXPECTED = (
    "expected an npz with vertex_colors (V, 3), an npy (V, 3), or a mesh (OBJ, PLY, GLB) whose vertices have "
    "colours"
)


def read_vertex_colors(path: Path, vert_count: int) -> np.ndarray:
    """The colours in a file.

    Args:
        path: Of an npz with `vertex_colors` or `colors`, of an npy, or of a mesh with colours.
        vert_count: V, of the body.

    Returns:
        (V, 3), uint8.

    Raises:
        BodyModelError: The file is missing or damaged, or has no colours, or those of another topology.
    """
    try:
        found = _read(path)
        if np.ndim(found) != 2:
            raise ContainerError(f"expected the shape ({vert_count}, 3), found {str(np.shape(found))[:60]}")
        return to_color_bytes(found, vert_count)
    except FileNotFoundError:
        raise BodyModelError(f"{path}: there is no such file of colours. Set body.colors to one.") from None
    except IrregularFileError:
        raise BodyModelError(f"{path}: expected colours of vertices, found no regular file.") from None
    except OSError as error:
        raise BodyModelError(f"{path}: the colours cannot be read ({error.strerror}).") from error
    except ValueError as error:
        raise BodyModelError(f"{path}: no colours of this body: {error}. body.colors: {_EXPECTED}.") from None


def _read(path: Path) -> Any:
    kind = find_kind(path)
    if kind in ("obj", "ply", "glb"):
        found = read_mesh(path).vertex_colors
        if found is None:
            raise ContainerError("not each vertex of this mesh has a colour")
        return found
    if kind == "npz":
        # What else is in it, such as vertices, is not read.
        with map_npz(path) as arrays:
            return arrays.read(_choose(arrays.keys()))
    if kind != "npy":
        raise ContainerError(f"found {'a folder' if kind == 'folder' else 'another file'}")
    return read_container(path)


def _choose(keys: Collection[str]) -> str:
    for key in _KEYS:
        if key in keys:
            return key
    raise ContainerError(f"found none of the keys {' or '.join(_KEYS)}")
