"""Folders of meshes: each file with its camera and its picture."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from render.containers.errors import ContainerError
from render.containers.meshes import MESH_SUFFIXES
from render.containers.read import read_container
from render.fits.build import assemble
from render.fits.cameras import PhotoCameras, join_cameras
from render.fits.geometry.camera_keys import make_cameras
from render.fits.geometry.keys import find_keys, list_names
from render.fits.geometry.mesh_files import (
    ARRAY_SUFFIX,
    MOST_HELD_BYTES,
    FileColors,
    FileMesh,
    FileVerts,
    Shape,
    Shapes,
    check_verts,
    read_file,
)
from render.fits.geometry.people import find_names, read_frame, with_defaults
from render.fits.geometry.presets import Preset
from render.fits.image_paths import ImageDir, find_images
from render.types.fits import Fits, RowProblem
from render.types.sources import Meshes

MOST_FILES = 1_000_000
_MOST_NOTES = 4
_FOR_ALL, _FOCAL = "camera", "_focal_length"
_MESHES, _CAMERAS = "mesh", "meta"
_LAST_NUMBER = re.compile(r"(\d{1,9})$")
_NO_CAMERA = (
    "no camera: expected {}.json or camera.json beside it, with K, focal or fov, or a preset such as "
    "dataset.options={{preset: hmr2}}, or dataset.options={{fov: 60}}"
)


@dataclass(frozen=True)
class _Person:
    """A mesh that has a picture and a camera."""

    row: int
    image_name: str
    person: int
    frame_number: int
    mesh: FileMesh
    cameras: PhotoCameras


@dataclass(frozen=True)
class _Group:
    """People of one shape of mesh, and what is said of them, each once."""

    people: list[_Person]
    notes: dict[str, None]


def list_meshes(path: Path) -> list[Path]:
    """The meshes in a folder, or in its folder mesh/, in the order of their names.

    Raises:
        OSError: The folder cannot be listed.
    """
    found = _list(path, (*MESH_SUFFIXES, ARRAY_SUFFIX))
    return found or (_list(path / _MESHES, MESH_SUFFIXES) if (path / _MESHES).is_dir() else [])


def read_meshes(
    paths: Sequence[Path], image_dir: ImageDir, preset: Preset, options: Mapping[str, Any]
) -> tuple[list[Fits], list[RowProblem]]:
    """People of files of a mesh each, or of arrays of meshes.

    The camera of a mesh is in the JSON file of its name, of its picture's name, of that and _focal_length, or
    in camera.json, the first that there is; beside the meshes, or in the folder meta/ beside theirs.

    Args:
        paths: Of one folder, one or more.
        image_dir: The folder of the pictures, where it is known.
        preset: What the files leave unsaid.
        options: axes, units and fov of the user, which come before the files'.

    Returns:
        Fits of each shape of mesh, whose rows are counted through all of them, and the files that give none.
    """
    cameras = Cameras(paths[0].parent)
    shapes = Shapes()
    groups: dict[Shape, _Group] = {}
    problems: list[RowProblem] = []
    row, left_bytes = 0, MOST_HELD_BYTES
    images = find_images([path.stem for path in paths], image_dir)
    for path, name in zip(paths, images, strict=True):
        try:
            verts, faces, colors = read_file(path)
            if not len(verts):
                continue
            shape = shapes.find(verts.shape[1], faces, colors is not None)
            found, unknown = find_keys(cameras.find(path.stem, PurePosixPath(name).stem))
            name = find_names(found, path.stem, image_dir, 1)[0] if "image" in found else name
            frame = read_frame(found, preset.find_frame(path), options)
            turned = check_verts(frame.turn_verts(verts))
            made = make_cameras(with_defaults(found, preset, options), len(verts), frame)
            if made is None:
                raise ValueError(_NO_CAMERA.format(path.stem[:80]))
        except (ValueError, OSError) as error:
            text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            problems.append(RowProblem(row, name, f"{_printable(path.name)}: {text}"))
            row += 1
            continue
        made[0].is_metric[:] &= preset.is_metric
        group = groups.setdefault(shape, _Group([], {}))
        for note in (
            f"axes {frame.axes}, units {frame.units}",
            made[1],
            *([f"not used: {list_names(unknown)}"] if unknown else ()),
        ):
            group.notes.setdefault(note)
        left_bytes -= turned.nbytes + (0 if colors is None else colors.nbytes)
        for place in range(len(verts)):
            held = (turned[place], colors) if left_bytes >= 0 else (None, None)
            mesh = FileMesh(path, place, frame, *held)
            person = _find_person(path.stem, name, found, place if len(verts) > 1 else -1)
            number = _number(found, "frame")
            group.people.append(_Person(row, name, person, number, mesh, _take(made[0], place)))
            row += 1
    return [_assemble(group, shape) for shape, group in groups.items()], problems


def _assemble(group: _Group, shape: Shape) -> Fits:
    people, notes = group.people, list(group.notes)
    more = len(notes) - _MOST_NOTES
    faces = f"faces of {shape.topology}" if shape.topology else f"{len(shape.faces)} faces of the files"
    meshes = [one.mesh for one in people]
    verts = FileVerts(meshes, shape.vert_count)
    colors = FileColors(meshes, shape.vert_count) if shape.has_colors else None
    return assemble(
        "meshes",
        [one.image_name for one in people],
        Meshes(shape.topology, shape.faces, verts, colors),
        join_cameras([one.cameras for one in people]),
        row=np.array([one.row for one in people]),
        notes=(*notes[:_MOST_NOTES], *([f"and {more} more of these"] if more > 0 else ()), faces),
        person=np.array([one.person for one in people]),
        frame=np.array([one.frame_number for one in people]),
    )


class Cameras:
    """The JSON files beside meshes, which say their cameras; each is read once.

    Args:
        folder: Of the meshes.
    """

    def __init__(self, folder: Path) -> None:
        paths = _list(folder, (".json",))
        if folder.name == _MESHES and (folder.parent / _CAMERAS).is_dir():
            paths += _list(folder.parent / _CAMERAS, (".json",))
        self._paths = {path.stem: path for path in reversed(paths)}
        self._read: dict[str, Mapping[Any, Any]] = {}

    def find(self, stem: str, picture: str) -> Mapping[Any, Any]:
        """What is said of a mesh; nothing where it has no camera.

        Args:
            stem: Of the mesh.
            picture: Stem of its picture.

        Raises:
            ValueError: The file is no JSON object.
            OSError: It cannot be opened.
        """
        for name in (stem, picture, f"{picture}{_FOCAL}", _FOR_ALL):
            if name in self._paths:
                if name not in self._read:
                    self._read[name] = _read_json(self._paths[name])
                return self._read[name]
        return {}


def _read_json(path: Path) -> Mapping[Any, Any]:
    try:
        value = read_container(path)
    except ContainerError as error:
        raise ValueError(f"its camera {_printable(path.name)}: {error}") from None
    if not isinstance(value, dict):
        raise ValueError(f"its camera {_printable(path.name)} is no JSON object")
    return value


def _find_person(stem: str, image_name: str, found: Mapping[str, Any], place: int) -> int:
    """The number that the camera's file says, else its place, else the one at the end of the mesh's name."""
    number = max(_number(found, "person"), place)
    if number >= 0 or stem == PurePosixPath(image_name).stem:
        return number
    match = _LAST_NUMBER.search(stem)
    return int(match[1]) if match else -1


def _number(found: Mapping[str, Any], key: str) -> int:
    value = found.get(key)
    return value if type(value) is int and 0 <= value < 1 << 62 else -1


def _take(cameras: PhotoCameras, place: int) -> PhotoCameras:
    return PhotoCameras(**{name: column[place : place + 1] for name, column in vars(cameras).items()})


def _list(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    return sorted(_scan(folder, suffixes))


def _scan(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for count, entry in enumerate(entries):
            if count == MOST_FILES:
                return
            if entry.name.lower().endswith(suffixes) and not entry.name.startswith("."):
                yield folder / entry.name


def _printable(name: str) -> str:
    return ascii(name[-100:])[1:-1]
