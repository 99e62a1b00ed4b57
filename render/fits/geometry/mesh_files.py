"""Files of one mesh each: which have the same faces, and their vertices when they are drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from render.containers.errors import ContainerError
from render.containers.meshes import outline_mesh, read_mesh
from render.containers.read import read_container
from render.errors import FitFileError
from render.fits.build import LARGEST_NUMBER
from render.fits.geometry.axes import Frame
from render.fits.geometry.people import read_verts
from render.fits.geometry.topology import read_topology

ARRAY_SUFFIX = ".npy"


@dataclass(frozen=True)
class Shape:
    """What files have in common whose meshes may be drawn together.

    Attributes:
        topology: A body's name; empty where the faces are the file's.
        faces: (F, 3), int32.
        vert_count: Of a mesh.
    """

    topology: str
    faces: np.ndarray
    vert_count: int


class FileVerts:
    """Vertices (M, V, 3) in our frame, float32, of files that are read when they are asked for.

    Args:
        paths: Of each row.
        places: Of each row in its file, (M,).
        vert_count: Of each mesh.
        frame: Of the files.
    """

    def __init__(self, paths: Sequence[Path], places: np.ndarray, vert_count: int, frame: Frame) -> None:
        self._paths, self._places, self._frame = tuple(paths), places, frame
        self.shape = (len(self._paths), vert_count, 3)
        self.dtype = np.dtype(np.float32)

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, rows: Any) -> np.ndarray:
        """The rows at an index that takes rows of an array.

        Raises:
            FitFileError: A file is no longer there, or is damaged.
        """
        wanted = np.arange(len(self))[rows]
        read = (
            np.stack([self._read(row) for row in wanted.ravel()])
            if wanted.size
            else np.zeros((0, *self.shape[1:]))
        )
        return read.astype(np.float32, copy=False).reshape(*wanted.shape, *self.shape[1:])

    def _read(self, row: int) -> np.ndarray:
        path = self._paths[row]
        try:
            verts = read_rows(path)[self._places[row]]
        except (ValueError, IndexError, OSError) as error:
            raise FitFileError(
                f"{path}: the mesh cannot be read ({error}). Mend or replace the file."
            ) from error
        if verts.shape != self.shape[1:]:
            raise FitFileError(
                f"{path}: expected {self.shape[1]} vertices, as there were, found {len(verts)}. Run again."
            )
        turned = self._frame.turn_verts(verts)
        if not (np.abs(turned) <= LARGEST_NUMBER).all():
            raise FitFileError(
                f"{path}: expected vertices of finite numbers up to {LARGEST_NUMBER:g} m, found others. Mend "
                f"or replace the file."
            )
        return turned


def read_rows(path: Path) -> np.ndarray:
    """Vertices (n, V, 3) of a file, in its own frame.

    Raises:
        OSError: It cannot be opened.
        ValueError: It holds no mesh; the message is one sentence.
    """
    if path.suffix.lower() != ARRAY_SUFFIX:
        return read_mesh(path).verts[None]
    content = read_container(path)
    if not isinstance(content, np.ndarray):
        raise ContainerError(f"expected an array of vertices, found {type(content).__name__}")
    # Of a picture without people.
    return np.zeros((0, 1, 3)) if content.size == 0 else read_verts(content)


class Shapes:
    """The shapes of many files, each found once."""

    def __init__(self) -> None:
        self._by_outline: dict[tuple[int, bytes], Shape] = {}
        self._by_faces: dict[tuple[int, bytes], Shape] = {}

    def find(self, path: Path) -> tuple[Shape, int]:
        """The shape of a file's meshes, and how many they are; it raises what `read_rows` does."""
        if path.suffix.lower() == ARRAY_SUFFIX:
            count, vert_count = read_rows(path).shape[:2]
            topology, faces = read_topology({}, vert_count) if count else ("", np.zeros((0, 3), np.int32))
            return self._keep(Shape(topology, faces, vert_count)), count
        outline = outline_mesh(path)
        if outline not in self._by_outline:
            mesh = read_mesh(path)
            self._by_outline[outline] = self._keep(Shape("", mesh.faces, len(mesh.verts)))
        return self._by_outline[outline], 1

    def _keep(self, shape: Shape) -> Shape:
        digest = hashlib.sha256(shape.topology.encode() + b"\0" + shape.faces.tobytes()).digest()
        return self._by_faces.setdefault((shape.vert_count, digest), shape)
