"""Checks of the values of fits: rows that cannot be drawn are named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from render.containers.json_values import RowFault, shown
from render.files.image_names import image_name_fault
from render.fits.rotations import ROTATION_TOLERANCE, ROUNDED_TOLERANCE, are_rotations, measure_skew
from render.types.fits import Fits, RowProblem, Unit
from render.types.sources import FitSource, Meshes

# No fit comes near it, and what is computed from numbers below it stays far inside float32.
LARGEST_NUMBER = 1e6
# Few enough for their numbers to stay near the processor.
ROWS_AT_ONCE = 512

Fault = Callable[[int], RowFault]


def check_rows(fits: Fits) -> tuple[Fits, list[RowProblem]]:
    """The rows whose values can be drawn, and the others with the first fault of each."""
    problems: list[RowProblem] = []
    valid = np.ones(len(fits), bool)
    for start in range(0, len(fits), ROWS_AT_ONCE):
        part = fits.take(slice(start, start + ROWS_AT_ONCE))
        good = valid[start : start + ROWS_AT_ONCE]
        for passes, fault_of in value_checks(part):
            for k in np.flatnonzero(good & ~passes).tolist():
                problems.append(make_problem(part.row[k], part.image_name[k], str(fault_of(k))))
            good &= passes
    problems.sort(key=lambda problem: problem.row)
    return (fits if valid.all() else fits.take(np.flatnonzero(valid))), problems


def make_problem(row: int | np.integer, image_name: Any, reason: str) -> RowProblem:
    """A row without a picture, whatever its image name is; it is shown on one line."""
    name = "" if type(image_name) is not str else image_name
    return RowProblem(int(row), shown(name) if name and image_name_fault(name) else name, reason)


def value_checks(fits: Fits) -> Iterator[tuple[np.ndarray, Fault]]:
    """Checks the values of rows. Comparisons are written so that NaN fails them.

    Args:
        fits: The rows.

    Yields:
        For each rule the mask of the rows that pass (N,), and the fault of a row k that does not.
    """
    names = [_name_fault(name) for name in fits.image_name]
    yield (
        np.array([fault is None for fault in names], bool),
        lambda k: RowFault("image name", "a path below the image folder", str(names[k])),
    )
    is_pinhole = (fits.focal != 0).any(1)
    is_framed = fits.unit == Unit.FRAMED
    for what, column in {
        "camera scale": fits.scale,
        "camera origin": fits.origin,
        "focal length": fits.focal,
        "principal point": fits.center,
        "translation": fits.transl_m,
    }.items():
        yield _within(what, column)
    yield (
        np.where(is_pinhole, (fits.focal > 0).all(1), (fits.scale > 0) | is_framed),
        lambda k: RowFault(
            "camera",
            "a scale or a focal length above 0",
            str(fits.focal[k] if is_pinhole[k] else fits.scale[k]),
        ),
    )
    yield _rotations("camera rotation", fits.rotation[:, None], ROTATION_TOLERANCE)
    # What is not known is NaN, and need not be a rotation.
    turned = np.where(np.isnan(fits.world_rotation), np.eye(3), fits.world_rotation)
    yield _rotations("world rotation", turned[:, None], ROTATION_TOLERANCE)
    yield _within("place in the world", np.where(np.isnan(fits.world_m), 0.0, fits.world_m))
    faults = [_name_fault(name) if name else None for name in fits.sequence]
    yield (
        np.array([fault is None for fault in faults], bool),
        lambda k: RowFault("sequence", "a relative path", str(faults[k])),
    )
    box = fits.box_px
    has_box = ~np.isnan(box).all(1)
    yield (
        ~has_box | ((np.abs(box) <= LARGEST_NUMBER).all(1) & (box[:, 2] > 0)),
        lambda k: RowFault("box", f"numbers up to {LARGEST_NUMBER:g} and a side above 0", str(box[k])),
    )
    for index in np.unique(fits.source):
        rows = np.flatnonzero(fits.source == index)
        for passes, fault_of in _source_checks(fits.sources[index], fits.place[rows]):
            mask = np.ones(len(fits), bool)
            mask[rows] = passes
            yield mask, _at(rows, fault_of)


def _at(rows: np.ndarray, fault_of: Fault) -> Fault:
    """The fault of a row of the fits, from that of a row of its source."""
    return lambda k: fault_of(int(np.searchsorted(rows, k)))


def _source_checks(source: FitSource, place: np.ndarray) -> Iterator[tuple[np.ndarray, Fault]]:
    bodies = source.bodies
    if isinstance(bodies, Meshes):
        # Those that are read when they are drawn are checked there.
        if isinstance(bodies.verts, np.ndarray):
            yield _within("vertices", bodies.verts[place])
        return
    # In double, as the tolerance is; the numbers of most files are rounded to float32 by then.
    yield _rotations("pose", bodies.rotmat[place].astype(np.float64), ROUNDED_TOLERANCE)
    for what, column in {
        "betas": bodies.betas,
        "expression": bodies.expression,
        "hands": bodies.hands,
    }.items():
        yield _within(what, column[place])


def _within(what: str, column: np.ndarray) -> tuple[np.ndarray, Fault]:
    values = column.reshape(len(column), -1)
    fits = np.abs(values) <= LARGEST_NUMBER
    expected = f"finite numbers up to {LARGEST_NUMBER:g}"
    return fits.all(1), lambda k: RowFault(what, expected, str(values[k][~fits[k]][0]))


def _rotations(what: str, rotmat: np.ndarray, tolerance: float) -> tuple[np.ndarray, Fault]:
    """rotmat: (N, J, 3, 3)."""
    off_by, determinant = measure_skew(rotmat)
    is_rotation = are_rotations(off_by, determinant, tolerance)

    def fault(k: int) -> RowFault:
        joint = int(np.flatnonzero(~is_rotation[k])[0])
        found = f"R R^T off by {off_by[k, joint]:.3g} and determinant {determinant[k, joint]:.3g}"
        expected = f"rotations (R R^T = I within {ROTATION_TOLERANCE}, determinant > 0)"
        return RowFault(what, expected, f"{found} at joint {joint}" if rotmat.shape[1] > 1 else found)

    return np.asarray(is_rotation.all(1)), fault


def _name_fault(name: Any) -> str | None:
    if type(name) is not str:
        return f"a {type(name).__name__}"
    fault = image_name_fault(name)
    return None if fault is None else f'{fault} in "{shown(name)}"'
