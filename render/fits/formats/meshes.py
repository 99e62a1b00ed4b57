"""Vertices as they are: npz, npy and pickles with vertices, and OBJ, PLY and GLB files or folders of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from render.containers.errors import ContainerError
from render.containers.meshes import MESH_SUFFIXES
from render.containers.read import map_npz
from render.fits.build import join_fits, merge_sources
from render.fits.checks import check_rows
from render.fits.fit_file import FitFile
from render.fits.formats.sam3d import is_person
from render.fits.geometry.axes import AXES, UNITS_M
from render.fits.geometry.folder import Cameras, list_meshes, read_meshes
from render.fits.geometry.keys import NAMES, find_vertices, list_names, shown
from render.fits.geometry.people import read_people, stack_people
from render.fits.geometry.presets import PLAIN, PRESETS, Preset
from render.fits.reader import FitFormat, ReaderOption
from render.types.fits import Fits, RowProblem

_EXPECTED = "meshes of people"
# Parameters of bodies, whose files have readers of their own.
_OF_BODIES = {"pose", "poses", "betas", "shape", "global_orient", "smpl_thetas", "shape_params", "pred_cam"}
_FEWEST_VERTS = 100
_ADVICE = "Mend the files, or say what wrote them: dataset=hmr2, sam3d_ply, smplerx_mesh or multihmr"


def read(file: FitFile) -> tuple[Fits, list[RowProblem]]:
    """Reads a file or a folder of meshes.

    The npz schema: `vertices` (N, V, 3) or (V, 3), with `faces` (F, 3) or the name of a `topology`; a camera,
    see `render.fits.geometry.camera_keys`; `image`, `frame` and `person` of each; `axes` and `units`. Keys
    that other programs write for these are known too, see `render.fits.geometry.keys`.

    A picture that is not named is found by the mesh's name: the longest picture's name that it begins with.

    Args:
        file: Which, with the options preset, axes, units and fov.

    Returns:
        The people that can be drawn, and those that cannot.

    Raises:
        FitFileError: The file as a whole cannot be used.
    """
    preset = PRESETS.get(file.options.get("preset", ""), PLAIN)
    is_mesh = file.kind == "folder" or file.path.suffix.lower() in MESH_SUFFIXES
    # What numbers of any size become is checked where they are no longer the file's.
    with np.errstate(all="ignore"):
        fits, problems = (_read_files if is_mesh else _read_content)(file, preset)
    if not len(fits):
        reasons = "; ".join(f"row {problem.row}: {problem.reason}" for problem in problems[:3])
        file.refuse(f"none of its {len(problems)} rows is valid ({reasons})", _EXPECTED)
    return fits, problems


def _read_files(file: FitFile, preset: Preset) -> tuple[Fits, list[RowProblem]]:
    try:
        paths = list_meshes(file.path) if file.kind == "folder" else [file.path]
        if not paths:
            file.refuse(
                "there are no .obj, .ply, .glb or .npy files in it", _EXPECTED, "Set dataset.fit_file"
            )
        parts, problems = read_meshes(paths, file.image_dir, preset, file.options)
    except OSError as error:
        file.refuse(f"its folder cannot be listed ({error.strerror})", _EXPECTED)
    if not parts:
        first = problems[0].reason if problems else "they hold no people"
        file.refuse(f"none of its {len(paths)} files can be drawn ({first})", _EXPECTED, _ADVICE)
    fits, rejected = check_rows(merge_sources(parts))
    return fits, sorted([*problems, *rejected], key=lambda problem: problem.row)


def _read_content(file: FitFile, preset: Preset) -> tuple[Fits, list[RowProblem]]:
    if not preset.is_of_arrays:
        name = file.options["preset"]
        file.refuse(f"it holds arrays, and {name} is for {preset.about}", _EXPECTED, "Use dataset=meshes")
    parts = []
    for content, person in _list_people(file):
        try:
            fits = read_people(content, file.path.stem, file.image_dir, preset, file.options, person)
        except ValueError as error:
            file.refuse(str(error), _EXPECTED)
        parts.append(check_rows(fits))
    return join_fits(parts)


def _list_people(file: FitFile) -> list[tuple[Mapping[Any, Any], int]]:
    """Mappings with vertices, and the number of the person of each, -1 for none."""
    content = _map_content(file)
    if isinstance(content, np.ndarray) and content.ndim:
        try:
            camera = Cameras(file.path.parent).find(file.path.stem, file.path.stem)
        except (ValueError, OSError) as error:
            file.refuse(str(error), _EXPECTED)
        return [({**camera, "vertices": content}, -1)]
    if isinstance(content, Mapping):
        if find_vertices(content):
            return [(content, -1)]
        inside = {key: value for key, value in content.items() if _has_vertices(value)}
        if inside:
            numbers = [int(key) if str(key).isdecimal() and len(str(key)) < 10 else -1 for key in inside]
            return list(zip(inside.values(), numbers, strict=True))
        there = f"found the keys {list_names([shown(key) for key in content])}"
    elif isinstance(content, list | tuple):
        people = [one for one in content if _has_vertices(one)]
        if people and len(people) == len(content):
            stacked = stack_people(people)
            return [(one, -1) for one in people] if stacked is None else [(stacked, -1)]
        there = f"{len(content) - len(people)} of its {len(content)} entries have no vertices"
    else:
        there = f"found {type(content).__name__}"
    raise file.refuse(there, f"{_EXPECTED} under the key {' or '.join(NAMES['vertices'])}")


def _map_content(file: FitFile) -> Any:
    """All that a file holds; of an npz with vertices only what is used, and None for the others."""
    if file.kind != "npz" or not find_vertices(file.keys):
        return file.content
    used = {key for names in NAMES.values() for key in names}
    try:
        with map_npz(file.path) as arrays:
            return {key: arrays.read(key) if key in used else None for key in file.keys}
    except (ContainerError, OSError) as error:
        file.refuse(str(error), _EXPECTED)


def _has_vertices(value: Any) -> bool:
    return isinstance(value, Mapping) and find_vertices(value) is not None


def _recognises(file: FitFile) -> bool:
    if file.kind in ("obj", "ply", "glb"):
        return True
    if file.kind == "folder":
        try:
            paths = list_meshes(file.path)
        except OSError:
            return False
        # SMPLer-X has its parameters beside its meshes.
        is_other = (file.path / "smplx").is_dir()
        if is_other or not paths:
            return False
        # Arrays may be of anything.
        return paths[0].suffix.lower() in MESH_SUFFIXES or _recognises(FitFile(paths[0]))
    if file.kind == "npy":
        shape = np.shape(file.content)
        return len(shape) in (2, 3) and shape[-1] == 3 and shape[-2] >= _FEWEST_VERTS
    keys = file.keys
    return find_vertices(keys) is not None and not _OF_BODIES & set(keys) and not is_person(keys)


FORMAT = FitFormat(
    read=read,
    recognises=_recognises,
    looks_at_photos=True,
    options=(
        ReaderOption("preset", "the program that wrote the meshes", tuple(PRESETS)),
        ReaderOption("axes", "of the vertices, whatever the file says", tuple(AXES)),
        ReaderOption("units", "of the vertices, whatever the file says", tuple(UNITS_M)),
        ReaderOption("fov", "degrees of the picture's longer side, where the file has no camera"),
    ),
)
