"""Files of meshes: which have the same faces, and their vertices, which may be too many to be held."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from render.containers.errors import ContainerError
from render.containers.meshes import read_mesh
from render.containers.read import read_container
from render.errors import FitFileError
from render.fits.checks import LARGEST_NUMBER
from render.fits.geometry.axes import Frame
from render.fits.geometry.people import read_verts
from render.fits.geometry.topology import read_topology

ARRAY_SUFFIX = ".npy"
# Of vertices that are held in memory, 12,000 bodies of SMPL; others are read again when they are drawn.
MOST_HELD_BYTES = 1 << 30


@dataclass(frozen=True, eq=False)
class Shape:
    """What meshes have in common that may be drawn together.

    Attributes:
        topology: A body's name; empty where the faces are the file's.
        faces: (F, 3), int32.
        vert_count: Of a mesh.
        has_colors: Whether each vertex has a colour.
    """

    topology: str
    faces: np.ndarray
    vert_count: int
    has_colors: bool = False


@dataclass(frozen=True, eq=False)
class FileMesh:
    """A mesh of a file.

    Attributes:
        path: Of the file.
        place: In the file.
        frame: Of the file.
        held: Its vertices (V, 3) in our frame, float32; None where they are read again.
        held_colors: Its colours (V, 3), uint8; None where it has none, or where they are read again.
    """

    path: Path
    place: int
    frame: Frame
    held: np.ndarray | None
    held_colors: np.ndarray | None = None


class FileContent(NamedTuple):
    """What a file of meshes holds.

    Attributes:
        verts: (n, V, 3) in its own frame.
        faces: (F, 3), None where it has none.
        colors: (V, 3) uint8 of its one mesh, None where not each vertex has one.
    """

    verts: np.ndarray
    faces: np.ndarray | None
    colors: np.ndarray | None


class FileVerts:
    """Vertices (M, V, 3) in our frame, float32, of files that may be read when they are asked for.

    Args:
        meshes: Of each row.
        vert_count: Of each mesh.
    """

    dtype: np.dtype = np.dtype(np.float32)

    def __init__(self, meshes: list[FileMesh], vert_count: int) -> None:
        self._meshes = meshes
        self.shape = (len(meshes), vert_count, 3)

    def __len__(self) -> int:
        return len(self._meshes)

    def __getitem__(self, rows: Any) -> np.ndarray:
        """The rows at an index that takes rows of an array.

        Raises:
            FitFileError: A file has changed since it was first read.
        """
        wanted = np.arange(len(self))[rows]
        found = np.empty((wanted.size, *self.shape[1:]), self.dtype)
        for place, row in enumerate(wanted.ravel()):
            found[place] = self._read(self._meshes[row])
        return found.reshape(*wanted.shape, *self.shape[1:])

    def _read(self, mesh: FileMesh) -> np.ndarray:
        held = self._find_held(mesh)
        if held is not None:
            return held
        try:
            found = self._take(read_file(mesh.path), mesh)
            if found.shape != self.shape[1:]:
                raise ValueError(f"it has {len(found)} vertices, and had {self.shape[1]}")
        except (ValueError, IndexError, OSError) as error:
            raise FitFileError(
                f"{mesh.path}: the mesh has changed: {error}. Run the command again."
            ) from error
        return found

    def _find_held(self, mesh: FileMesh) -> np.ndarray | None:
        return mesh.held

    def _take(self, content: FileContent, mesh: FileMesh) -> np.ndarray:
        return check_verts(mesh.frame.turn_verts(content.verts[mesh.place]))


class FileColors(FileVerts):
    """RGB of the vertices (M, V, 3), uint8, as `FileVerts` has these."""

    dtype = np.dtype(np.uint8)

    def _find_held(self, mesh: FileMesh) -> np.ndarray | None:
        return mesh.held_colors

    def _take(self, content: FileContent, mesh: FileMesh) -> np.ndarray:
        if content.colors is None:
            raise ValueError("its vertices had colours")
        return content.colors


def check_verts(verts: np.ndarray) -> np.ndarray:
    """Vertices (..., 3) in our frame, m, as they are.

    Raises:
        ValueError: They are too large to be drawn.
    """
    fits = np.abs(verts) <= LARGEST_NUMBER
    if not fits.all():
        raise ValueError(
            f"vertices: expected finite numbers up to {LARGEST_NUMBER:g} m, found {verts[~fits][0]:g}"
        )
    return verts


def read_file(path: Path) -> FileContent:
    """What a file of meshes holds.

    Raises:
        OSError: It cannot be opened.
        ValueError: It holds no mesh; the message is one sentence.
    """
    if path.suffix.lower() != ARRAY_SUFFIX:
        mesh = read_mesh(path)
        return FileContent(mesh.verts[None], mesh.faces, mesh.vertex_colors)
    content = read_container(path)
    if not isinstance(content, np.ndarray):
        raise ContainerError(f"expected an array of vertices, found {type(content).__name__}")
    # Of a picture without people.
    return FileContent(np.zeros((0, 1, 3)) if content.size == 0 else read_verts(content), None, None)


class Shapes:
    """The shapes of many files, each held once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, bool, bytes], Shape] = {}

    def find(self, vert_count: int, faces: np.ndarray | None, has_colors: bool = False) -> Shape:
        """The shape of meshes.

        Args:
            vert_count: Of each.
            faces: Of the file, None where it has none.
            has_colors: Whether each vertex has a colour.

        Raises:
            ValueError: There are no faces, and no body has so many vertices.
        """
        topology = ""
        if faces is None:
            topology, faces = read_topology({}, vert_count)
        digest = hashlib.sha256(topology.encode() + b"\0" + faces.tobytes()).digest()
        shape = Shape(topology, faces, vert_count, has_colors)
        return self._known.setdefault((vert_count, has_colors, digest), shape)
