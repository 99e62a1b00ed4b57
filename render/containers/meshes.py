"""Meshes of a file: vertices in the file's order, and faces as triangles.

Ours though trimesh exists: it allocates what a GLB claims, splits vertices at the seams of textures, refuses
binary PLY files of triangles and quadrangles, takes a PLY file that ends early for a cloud of points, and
loads scipy and networkx first. Vertices must keep their order and number, or no topology and no part of a
body is found again.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from render.containers.errors import ContainerError
from render.containers.mesh_formats.glb import parse_glb
from render.containers.mesh_formats.obj import parse_obj
from render.containers.mesh_formats.ply import parse_ply
from render.files.regular import open_regular

MESH_SUFFIXES = (".obj", ".ply", ".glb")
MOST_BYTES = 512 << 20
_PARSERS: dict[str, Callable[[BinaryIO, int], tuple[np.ndarray, np.ndarray, np.ndarray | None]]] = {
    ".obj": parse_obj,
    ".ply": parse_ply,
    ".glb": parse_glb,
}
_START_BYTES = 256


class Mesh(NamedTuple):
    """A mesh as its file has it, in the file's own axes and units.

    Attributes:
        verts: (V, 3), float64.
        faces: (F, 3), int32; polygons are fans about their first corner.
        vertex_colors: (V, 3), uint8, or None where not each vertex has one.
    """

    verts: np.ndarray
    faces: np.ndarray
    vertex_colors: np.ndarray | None


def read_mesh(path: Path) -> Mesh:
    """Reads a Wavefront OBJ, PLY or GLB file.

    Nothing that a file refers to is opened. What is held at once is bounded by the size of the file, which
    may have 512 MiB.

    Args:
        path: Of the file; its suffix says what it is.

    Raises:
        OSError: It cannot be opened.
        ContainerError: It is none of these, damaged, cut off or has no faces. The message is one sentence.
    """
    parse = _PARSERS.get(path.suffix.lower())
    if parse is None:
        raise ContainerError(
            f"expected a mesh ({', '.join(MESH_SUFFIXES)}), found a {path.suffix or 'bare'} name"
        )
    with open_regular(path) as file:
        size_bytes = file.seek(0, 2)
        file.seek(0)
        if size_bytes > MOST_BYTES:
            raise ContainerError(
                f"it has {size_bytes} bytes, more than the {MOST_BYTES} that a mesh may have"
            )
        other = name_other(file.peek(_START_BYTES)[:_START_BYTES])
        if other is not None:
            raise ContainerError(f"found {other} instead of a mesh")
        try:
            verts, faces, colors = parse(file, size_bytes)
        except ValueError as error:
            raise ContainerError(str(error)) from error
    _check(verts, faces)
    return Mesh(verts, faces.astype(np.int32), colors)


def name_other(start: bytes) -> str | None:
    """What is often found under the name of a mesh, None for anything else."""
    if not start:
        return "an empty file"
    if start.startswith(b"version https://git-lfs"):
        return "a git-lfs pointer (`git lfs pull` fetches the file)"
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return "a web page (HTML)" if text.startswith((b"<!", b"<html", b"<?xml")) else None


def _check(verts: np.ndarray, faces: np.ndarray) -> None:
    if not len(verts):
        raise ContainerError("it has no vertices")
    bad = np.flatnonzero(~np.isfinite(verts).all(axis=1))
    if len(bad):
        raise ContainerError(f"vertex {bad[0]} is not finite: {verts[bad[0]].tolist()}")
    if not len(faces):
        raise ContainerError("it has vertices and no faces")
    outside = np.flatnonzero(((faces < 0) | (faces >= len(verts))).any(axis=1))
    if len(outside):
        found = faces[outside[0]].tolist()
        raise ContainerError(
            f"face {outside[0]} has the corners {found}, and there are {len(verts)} vertices"
        )
