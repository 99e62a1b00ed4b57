"""Folders of meshes: each file with its camera and its picture."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from render.containers.meshes import MESH_SUFFIXES
from render.files.regular import open_regular
from render.fits.build import assemble
from render.fits.cameras import PhotoCameras, join_cameras
from render.fits.geometry.axes import Frame
from render.fits.geometry.camera_keys import make_cameras
from render.fits.geometry.keys import find_keys, list_names
from render.fits.geometry.mesh_files import ARRAY_SUFFIX, FileVerts, Shape, Shapes
from render.fits.geometry.people import read_frame, with_defaults
from render.fits.geometry.pictures import Pictures, Stems, read_person
from render.fits.geometry.presets import Preset
from render.types.fits import Fits, RowProblem
from render.types.sources import Meshes

MOST_FILES = 1_000_000
_MOST_JSON_BYTES = 1 << 20
_FOR_ALL, _FOCAL = "camera", "_focal_length"
_MESHES, _CAMERAS = "mesh", "meta"
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
    path: Path
    place: int
    cameras: PhotoCameras


def list_meshes(path: Path) -> list[Path]:
    """The meshes in a folder, or in its folder mesh/, in the order of their names.

    Raises:
        OSError: The folder cannot be listed.
    """
    found = _list(path, (*MESH_SUFFIXES, ARRAY_SUFFIX))
    return found or (_list(path / _MESHES, MESH_SUFFIXES) if (path / _MESHES).is_dir() else [])


def read_meshes(
    paths: Sequence[Path], pictures: Pictures, preset: Preset, options: Mapping[str, Any]
) -> tuple[list[Fits], list[RowProblem]]:
    """People of files of a mesh each, or of arrays of meshes.

    Cameras are in NAME.json for the meshes whose names begin with NAME, in NAME_focal_length.json, or in
    camera.json for all, beside the meshes or in the folder meta/ beside theirs.

    Args:
        paths: Of one folder.
        pictures: Those that there are.
        preset: What the files leave unsaid.
        options: axes, units and fov of the user, which come before the files'.

    Returns:
        Fits of each shape of mesh, whose rows are counted through all of them, and the files that give none.
    """
    cameras = _Cameras(paths[0].parent) if paths else None
    shapes = Shapes()
    groups: dict[tuple[int, Frame], list[_Person]] = {}
    shape_of: dict[int, Shape] = {}
    problems: list[RowProblem] = []
    said: dict[tuple[int, Frame], dict[str, None]] = {}
    row = 0
    for path in paths:
        name = ""
        try:
            shape, count = shapes.find(path)
            assert cameras is not None
            content = cameras.find(path.stem)
            found, unknown = find_keys(content)
            name, person = _find_picture(path.stem, found, pictures)
            frame = read_frame(found, preset, options)
            made = make_cameras(with_defaults(found, preset, options), count, frame)
            if made is None:
                raise ValueError(_NO_CAMERA.format(path.stem[:80]))
        except (ValueError, LookupError, OSError) as error:
            text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            problems.append(RowProblem(row, name, f"{_printable(path.name)}: {text}"))
            row += 1
            continue
        made[0].is_metric[:] &= preset.is_metric
        key = (id(shape), frame)
        shape_of[id(shape)] = shape
        if count:
            notes = said.setdefault(key, {})
            notes.setdefault(made[1])
            if unknown:
                notes.setdefault(f"not used: {list_names(unknown)}")
        for place in range(count):
            whose = person if person >= 0 or count == 1 else place
            one = _take(made[0], place)
            groups.setdefault(key, []).append(
                _Person(row, name, whose, _number(found, "frame"), path, place, one)
            )
            row += 1
    return [
        _assemble(people, shape_of[key[0]], key[1], list(said[key])) for key, people in groups.items()
    ], problems


def _assemble(people: list[_Person], shape: Shape, frame: Frame, said: list[str]) -> Fits:
    verts = FileVerts(
        [one.path for one in people], np.array([one.place for one in people]), shape.vert_count, frame
    )
    more = len(said) - 3
    notes = (
        f"axes {frame.axes}, units {frame.units}",
        *said[:3],
        *([f"and {more} more cameras"] if more > 0 else ()),
        f"faces of {shape.topology}" if shape.topology else f"{len(shape.faces)} faces of the files",
    )
    return assemble(
        "meshes",
        [one.image_name for one in people],
        Meshes(shape.topology, shape.faces, verts),
        join_cameras([one.cameras for one in people]),
        row=np.array([one.row for one in people]),
        notes=notes,
        person=np.array([one.person for one in people]),
        frame=np.array([one.frame_number for one in people]),
    )


class _Cameras:
    """The files of cameras of a folder, each read once."""

    def __init__(self, folder: Path) -> None:
        paths = _list(folder, (".json",))
        if folder.name == _MESHES and (folder.parent / _CAMERAS).is_dir():
            paths += _list(folder.parent / _CAMERAS, (".json",))
        self._stems = Stems((path.stem.removesuffix(_FOCAL), str(path)) for path in paths)
        self._read: dict[str, Mapping[Any, Any]] = {}

    def find(self, stem: str) -> Mapping[Any, Any]:
        """What is said of a mesh; nothing where it has no camera.

        Raises:
            ValueError: The file is no JSON object.
            OSError: It cannot be opened.
        """
        found = self._stems.find(stem) or self._stems.find(_FOR_ALL)
        if found is None:
            return {}
        merged: dict[Any, Any] = {}
        for path in found[1]:
            if path not in self._read:
                self._read[path] = _read_json(Path(path))
            merged |= self._read[path]
        return merged


def _read_json(path: Path) -> Mapping[Any, Any]:
    with open_regular(path) as file:
        text = file.read(_MOST_JSON_BYTES + 1)
    if len(text) > _MOST_JSON_BYTES:
        raise ValueError(f"its camera {_printable(path.name)} has more than {_MOST_JSON_BYTES} bytes")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(f"its camera {_printable(path.name)} is no JSON") from None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"focal": value}
    if not isinstance(value, dict):
        raise ValueError(f"its camera {_printable(path.name)} is no JSON object")
    return value


def _find_picture(stem: str, found: Mapping[str, Any], pictures: Pictures) -> tuple[str, int]:
    number = _number(found, "person")
    if isinstance(found.get("image"), str):
        name = found["image"]
        image_name = pictures.match_path(name) if pictures.is_known else name
        return image_name, number if number >= 0 else read_person(stem)
    if not pictures.is_known:
        return stem, number
    try:
        name, person = pictures.find(stem)
    except LookupError:
        only = pictures.only()
        if only is None:
            raise
        name, person = only, read_person(stem)
    return name, number if number >= 0 else person


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
