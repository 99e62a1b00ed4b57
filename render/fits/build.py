"""From what a reader found to fits: values are checked, rows that cannot be drawn are named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from render.containers.json_values import RowFault, shown
from render.files.image_names import image_name_fault
from render.fits.cameras import PhotoCameras
from render.fits.rotations import ROTATION_TOLERANCE, ROUNDED_TOLERANCE, are_rotations, measure_skew
from render.types.fits import Fits, RowProblem, Unit
from render.types.sources import FitSource, Marks, Meshes, Poses

# No fit comes near it, and what is computed from numbers below it stays far inside float32.
LARGEST_NUMBER = 1e6
# Few enough for their numbers to stay near the processor.
ROWS_AT_ONCE = 512

Fault = Callable[[int], RowFault]


def no_marks(count: int) -> Marks:
    """Marks of people of whom a file has no joints."""
    return Marks(
        "", np.zeros((count, 0, 3), np.float32), np.zeros((count, 0, 3), np.float32), _all_valid(count)
    )


def make_marks(order: str, points_px: np.ndarray, points_m: np.ndarray | None = None) -> Marks:
    """Marks out of the joints of a file; joints that are no numbers count as not known.

    Args:
        order: Of the joints, a name of `ORDERS` or another one.
        points_px: (M, K, 2) x, y in the photo, or (M, K, 3) with a confidence.
        points_m: (M, K, 3) the file's own 3D joints, before any translation.
    """
    points = np.array(points_px, np.float32)
    if points.shape[-1] == 2:
        points = np.concatenate([points, np.ones((*points.shape[:2], 1), np.float32)], 2)
    # Written so that NaN is not known either.
    points[~(np.abs(points) <= LARGEST_NUMBER).all(-1)] = 0
    count = len(points)
    in_m = np.zeros((count, 0, 3), np.float32) if points_m is None else np.array(points_m, np.float32)
    return Marks(order, points, in_m, _all_valid(count))


def make_poses(
    kind: str,
    rotmat: np.ndarray,
    betas: np.ndarray,
    *,
    variant: str = "neutral",
    expression: np.ndarray | None = None,
    hands: np.ndarray | None = None,
    adds_hand_mean: bool = False,
) -> Poses:
    """Poses in the types that `Poses` has; see there."""
    count = len(rotmat)
    return Poses(
        kind,
        variant,
        np.ascontiguousarray(rotmat, np.float32),
        np.ascontiguousarray(betas, np.float32),
        np.zeros((count, 0), np.float32)
        if expression is None
        else np.ascontiguousarray(expression, np.float32),
        np.zeros((count, 0, 0), np.float32) if hands is None else np.ascontiguousarray(hands, np.float32),
        adds_hand_mean,
    )


def assemble(
    file_format: str,
    image_name: Sequence[str] | np.ndarray,
    bodies: Poses | Meshes,
    cameras: PhotoCameras,
    *,
    row: np.ndarray | None = None,
    marks: Marks | None = None,
    notes: tuple[str, ...] = (),
    box_px: np.ndarray | None = None,
    **identity: Any,
) -> Fits:
    """Fits of one source, unchecked.

    Args:
        file_format: The reader's name.
        image_name: Of each row.
        bodies: Of the rows.
        cameras: Of the rows.
        row: Index of each row in the file, ascending; left out, all are there.
        marks: Of the rows; left out, there are none.
        notes: See `FitSource`.
        box_px: (M, 3) left, top and side of the square crops; left out, or NaN, where there are none.
        **identity: person, frame, time_s or annot_id of each row.

    Returns:
        All rows.
    """
    count = len(bodies)
    whole: dict[str, Any] = {
        "row": np.arange(count),
        "image_name": _as_objects(image_name),
        "person": np.full(count, -1),
        "frame": np.full(count, -1),
        "time_s": np.full(count, np.nan),
        "annot_id": np.full(count, -1),
        "box_px": np.full((count, 3), np.nan),
    }
    given = {"row": row, "box_px": box_px, **identity}
    for name, value in given.items():
        if value is not None:
            whole[name] = np.asarray(value, whole[name].dtype)
    return Fits(
        **whole,
        **{field.name: getattr(cameras, field.name) for field in fields(cameras)},
        source=np.zeros(count, np.int32),
        place=np.arange(count),
        sources=(FitSource(file_format, bodies, no_marks(count) if marks is None else marks, notes),),
    )


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


def join_fits(parts: Sequence[tuple[Fits, list[RowProblem]]]) -> tuple[Fits, list[RowProblem]]:
    """Fits of several files as if they were of one: rows are counted through.

    Args:
        parts: What each file gave: its rows and its problems, together all entries of the file.
    """
    if len(parts) == 1:
        return parts[0]
    found: list[Fits] = []
    problems: list[RowProblem] = []
    first = 0
    for fits, rejected in parts:
        found.append(replace(fits, row=fits.row + first))
        problems += [replace(problem, row=problem.row + first) for problem in rejected]
        first += len(fits) + len(rejected)
    return _chain(found), problems


def merge_sources(parts: Sequence[Fits]) -> Fits:
    """Fits of one file whose rows are of several sources, in the order of the file.

    Args:
        parts: Of each source some of the rows, by their index in the file.
    """
    chained = _chain(parts)
    return chained.take(np.argsort(chained.row, kind="stable"))


def _chain(parts: Sequence[Fits]) -> Fits:
    """Rows one after the other, with the sources of all."""
    columns: dict[str, list[np.ndarray]] = {name: [] for name in Fits.SHAPES}
    sources: list[FitSource] = []
    for fits in parts:
        for name, found in columns.items():
            column = getattr(fits, name)
            found.append(column + np.asarray(len(sources), column.dtype) if name == "source" else column)
        sources += fits.sources
    return Fits(**{name: np.concatenate(found) for name, found in columns.items()}, sources=tuple(sources))


def _all_valid(count: int) -> np.ndarray:
    return np.ones((count, 18), bool)


def _as_objects(names: Sequence[str] | np.ndarray) -> np.ndarray:
    # NumPy's own texts cut what is longer than the first, and are not of type str.
    found = np.empty(len(names), object)
    found[:] = [name if type(name) is str else str(name) if isinstance(name, str) else name for name in names]
    return found
