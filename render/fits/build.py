"""From what a reader found to fits: values are checked, rows that cannot be drawn are named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from render.containers.json_values import RowFault
from render.fits.cameras import PhotoCameras, World
from render.types.fits import Fits, RowProblem
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
    world: World | None = None,
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
        world: How the world of a sequence lies; left out, it is not known.
        **identity: person, frame, time_s, sequence, identity or annot_id of each row.

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
        "sequence": _as_objects([""] * count),
        "identity": np.full(count, -1),
        "annot_id": np.full(count, -1),
        "box_px": np.full((count, 3), np.nan),
    }
    given = {"row": row, "box_px": box_px, **identity}
    for name, value in given.items():
        if value is not None:
            is_text = whole[name].dtype == object
            whole[name] = _as_objects(value) if is_text else np.asarray(value, whole[name].dtype)
    lies = World.unknown(count) if world is None else world
    return Fits(
        **whole,
        world_rotation=lies.rotation,
        world_m=lies.transl_m,
        **{field.name: getattr(cameras, field.name) for field in fields(cameras)},
        source=np.zeros(count, np.int32),
        place=np.arange(count),
        sources=(FitSource(file_format, bodies, no_marks(count) if marks is None else marks, notes),),
    )


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
