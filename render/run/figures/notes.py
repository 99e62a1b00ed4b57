"""Texts below the pictures of a figure, with their numbers: given ones, or errors against the reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from render.config.figure.notes import METRICS, fill_note, list_names
from render.errors import ConfigError
from render.library.renderer import BatchRenderer
from render.metrics.errors import measure_errors
from render.run.figures.looks import pose_people
from render.run.figures.samples import FigureRow
from render.types.figure.spec import Column, FigureSpec
from render.types.fits import Fits

# SMPL's own, which all of its family begin with.
JOINT_COUNT = 24


def fill_notes(
    spec: FigureSpec, rows: list[FigureRow], fits: Fits, renderer: BatchRenderer
) -> dict[tuple[int, int], str]:
    """The texts by row and column.

    Args:
        spec: The figure.
        rows: Whom it shows.
        fits: Of all methods.
        renderer: Poses them.

    Raises:
        ConfigError: A number is asked for that nobody gave and that cannot be computed.
    """
    found = {}
    for i, row in enumerate(rows):
        if row.sample.strip is not None:
            continue
        measured: dict[str | None, Mapping[str, float]] = {}
        for j, column in enumerate(spec.columns):
            if column.note is None:
                continue
            method, lacks = column.method, set(METRICS) - row.sample.notes.keys()
            if lacks & set(list_names(column.note)) and method not in measured:
                path = f"figure.columns[{j}].note"
                measured[method] = _measure(path, spec, column, row, fits, renderer)
            found[i, j] = fill_note(column.note, _look_up(row, column, fits, measured.get(method, {})))
    return found


def _look_up(
    row: FigureRow, column: Column, fits: Fits, measured: Mapping[str, float]
) -> Callable[[str], str | float]:
    # Rows of methods are counted on from those of the run.
    person = row.people[None][0]
    facts: dict[str, str | float] = {
        "row": int(fits.row[person]),
        "image": row.image_name,
        "annotation": int(fits.annot_id[person]),
        "method": column.method or "",
        **measured,
        **row.sample.notes,
    }

    def look_up(name: str) -> str | float:
        # Another row's own.
        return facts.get(name, "")

    return look_up


def _measure(
    path: str, spec: FigureSpec, column: Column, row: FigureRow, fits: Fits, renderer: BatchRenderer
) -> dict[str, float]:
    """Mean errors of a row's people to those of the reference, mm."""
    # Settings are checked before.
    assert spec.reference is not None
    ours = pose_people(renderer, fits, row.people[column.method])
    theirs = pose_people(renderer, fits, row.people[spec.reference])
    try:
        errors = measure_errors(ours, theirs, JOINT_COUNT)
    except ValueError as error:
        raise ConfigError(
            f"{path}: the bodies of {column.method or 'the run'} and of {spec.reference} cannot be compared, "
            f"for they have other vertices or joints ({error})"
        ) from error
    return {name: float(getattr(errors, f"{name}_mm").mean()) for name in METRICS}
