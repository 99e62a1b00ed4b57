"""Fits as an entry of the cache holds them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from render.files.image_names import image_name_fault
from render.fits.checks import value_checks
from render.fits.kept.entry import Entry, save_entry
from render.types.fits import Fits, RowProblem, Unit
from render.types.sources import FitSource, Marks, Meshes, Poses

# Types of the columns; their shapes are those of the table.
_DTYPES: dict[str, type] = {
    "row": np.int64,
    "person": np.int64,
    "frame": np.int64,
    "time_s": np.float64,
    "identity": np.int64,
    "annot_id": np.int64,
    "source": np.int32,
    "place": np.int64,
    "unit": np.int8,
    "scale": np.float64,
    "origin": np.float64,
    "focal": np.float64,
    "center": np.float64,
    "transl_m": np.float64,
    "rotation": np.float64,
    "is_metric": np.bool_,
    "world_rotation": np.float64,
    "world_m": np.float64,
    "box_px": np.float64,
}
# And of those of a source.
_BODY_DTYPES: dict[type, dict[str, type]] = {
    Poses: {"rotmat": np.float32, "betas": np.float32, "expression": np.float32, "hands": np.float32},
    Meshes: {"faces": np.int32, "verts": np.float32, "colors": np.uint8},
}
_MARKS_DTYPES: dict[str, type] = {"points_px": np.float32, "points_m": np.float32, "validity": np.bool_}
_BODIES: dict[str, type[Poses] | type[Meshes]] = {"poses": Poses, "meshes": Meshes}
# A folder of files may have one for each.
MOST_SOURCES = 64
_NAMES, _SEQUENCES = "image_name.txt", "sequence.txt"
_PROBLEMS, _SOURCES = "problems.json", "sources.json"
# Few enough for their numbers to stay near the processor.
_ROWS_AT_ONCE = 512


def write_fits(folder: Path, fits: Fits, problems: list[RowProblem]) -> None:
    """Writes fits into the folder of an entry.

    Args:
        folder: Of the entry.
        fits: The valid rows.
        problems: The other entries of the file.

    Raises:
        ValueError: They are not such as `read_kept_fits` takes: of a package's format, or of files that are
            read when they are drawn.
    """
    if len(fits.sources) > MOST_SOURCES:
        raise ValueError(f"sources: {len(fits.sources)} are more than are kept")
    columns = {column: getattr(fits, column) for column in _DTYPES}
    sources = []
    for i, source in enumerate(fits.sources):
        arrays = _list_arrays(source)
        if any(
            type(array) is not np.ndarray and not isinstance(array, np.memmap) for array in arrays.values()
        ):
            raise ValueError("verts: they are read when they are drawn")
        columns |= {f"{i}_{name}": array for name, array in arrays.items()}
        sources.append(_describe(source) | {"shapes": {name: array.shape for name, array in arrays.items()}})
    _check(fits, problems)
    texts = {
        # No name holds a line break.
        _NAMES: "\n".join(fits.image_name),
        _SEQUENCES: "\n".join(fits.sequence),
        _PROBLEMS: json.dumps([asdict(problem) for problem in problems]),
        _SOURCES: json.dumps(sources),
    }
    save_entry(folder, columns, texts)


def read_kept_fits(folder: Path) -> tuple[Fits, list[RowProblem]]:
    """What `write_fits` was given, in arrays that are mapped from files.

    Raises:
        Exception: Of whatever kind; the entry is damaged, or what it holds is nothing that a fit file gives.
    """
    entry = Entry(folder)
    names = entry.read_text(_NAMES).split("\n")
    sequences = entry.read_text(_SEQUENCES).split("\n")
    columns = {
        column: entry.map_column(column, dtype, (len(names), *map(int, Fits.SHAPES[column][1:])))
        for column, dtype in _DTYPES.items()
    }
    told = json.loads(entry.read_text(_SOURCES))
    if not 0 < len(told) <= MOST_SOURCES:
        raise ValueError(f"sources: expected 1 to {MOST_SOURCES}")
    sources = tuple(_read_source(entry, i, one) for i, one in enumerate(told))
    fits = Fits(
        image_name=np.array(names, dtype=object),
        sequence=np.array(sequences, dtype=object),
        **columns,
        sources=sources,
    )
    problems = [RowProblem(**problem) for problem in json.loads(entry.read_text(_PROBLEMS))]
    _check(fits, problems)
    return fits, problems


def _list_arrays(source: FitSource) -> dict[str, Any]:
    found = {name: getattr(source.bodies, name) for name in _BODY_DTYPES[type(source.bodies)]}
    found |= {name: getattr(source.marks, name) for name in _MARKS_DTYPES}
    # Few meshes have colours.
    return {name: array for name, array in found.items() if array is not None}


def _describe(source: FitSource) -> dict[str, Any]:
    """All of a source but its arrays."""
    bodies = source.bodies
    kind = next(name for name, body in _BODIES.items() if type(bodies) is body)
    words = {name: value for name, value in vars(bodies).items() if name not in bodies.SHAPES}
    return {
        "format": source.format,
        "bodies": kind,
        "words": words,
        "order": source.marks.order,
        "notes": list(source.notes),
    }


def _read_source(entry: Entry, i: int, told: dict[str, Any]) -> FitSource:
    kind = _BODIES[told["bodies"]]

    def read(dtypes: dict[str, type]) -> dict[str, np.ndarray]:
        shapes = {name: tuple(map(int, shape)) for name, shape in told["shapes"].items() if name in dtypes}
        return {name: entry.map_column(f"{i}_{name}", dtypes[name], shape) for name, shape in shapes.items()}

    source = FitSource(
        told["format"],
        kind(**(told["words"] | read(_BODY_DTYPES[kind]))),
        Marks(told["order"], **read(_MARKS_DTYPES)),
        tuple(told["notes"]),
    )
    words = [source.format, source.marks.order, *source.notes]
    words += [value for value in told["words"].values() if type(value) is not bool]
    if not all(type(word) is str and word.isprintable() for word in words):
        raise ValueError("sources: expected texts that can be printed")
    return source


def _check(fits: Fits, problems: list[RowProblem]) -> None:
    """Raises ValueError where these are no fits of a file."""
    for column, dtype in _DTYPES.items():
        if getattr(fits, column).dtype != dtype:
            raise ValueError(f"{column}: expected {np.dtype(dtype).name}")
    _check_rows(fits.row, [problem.row for problem in problems])
    for problem in problems:
        if not all(map(_is_printable, (problem.image_name, problem.reason))):
            raise ValueError("problems: expected texts that can be printed")
    if not (np.isin(fits.unit, list(Unit)).all() and (fits.source >= 0).all()):
        raise ValueError("unit, source: expected known ones")
    # Bytes that are neither true nor false.
    for flags in (fits.is_metric, *(source.marks.validity for source in fits.sources)):
        if flags.size and flags.view(np.uint8).max() > 1:
            raise ValueError("is_metric, validity: expected true or false")
    for i, source in enumerate(fits.sources):
        _check_source(source, fits.place[fits.source == i])
    if (fits.source >= len(fits.sources)).any():
        raise ValueError("source: expected one of those that there are")
    for start in range(0, len(fits), _ROWS_AT_ONCE):
        part = fits.take(slice(start, start + _ROWS_AT_ONCE))
        for passes, fault_of in value_checks(part):
            if not passes.all():
                raise ValueError(f"row {part.row[~passes][0]}: {fault_of(int(np.argmin(passes)))}")


def _check_source(source: FitSource, place: np.ndarray) -> None:
    arrays = _list_arrays(source)
    dtypes = _BODY_DTYPES[type(source.bodies)] | _MARKS_DTYPES
    for name, array in arrays.items():
        if array.dtype != dtypes[name]:
            raise ValueError(f"{name}: expected {np.dtype(dtypes[name]).name}")
    if len(place) and not (place.min() >= 0 and place.max() < len(source)):
        raise ValueError("place: expected rows of the source")
    marks = source.marks
    if not np.isfinite(marks.points_px).all():
        raise ValueError("points_px: expected finite numbers")
    if isinstance(source.bodies, Meshes):
        faces = source.bodies.faces
        if faces.size and not (faces.min() >= 0 and faces.max() < source.bodies.verts.shape[1]):
            raise ValueError("faces: expected vertices of the mesh")


def _check_rows(valid: np.ndarray, others: Sequence[Any]) -> None:
    """Raises ValueError where an entry of the file comes twice, is missing, or comes too early."""
    count = len(valid) + len(others)
    if not len(valid) or any(type(row) is not int or not 0 <= row < count for row in others):
        raise ValueError(f"row: expected integers below {count}, and valid ones among them")
    both = np.concatenate([valid, np.array(others, np.int64)])
    is_ordered = (np.diff(valid) > 0).all() and (np.diff(both[len(valid) :]) > 0).all()
    if not is_ordered or not np.array_equal(np.sort(both), np.arange(count)):
        raise ValueError(f"row: expected each of 0 to {count - 1} once and in order")


def _is_printable(text: Any) -> bool:
    # A name of a photo may hold letters that are not printable, though no control characters.
    return type(text) is str and (text.isprintable() or image_name_fault(text) is None)
