"""Fits as an entry of the cache holds them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from render.files.image_names import image_name_fault
from render.fits.eft_rows import value_checks
from render.fits.entry import Entry, save_entry
from render.fits.rotations import ROUNDED_TOLERANCE
from render.types.fits import FitTable, RowProblem

# Types of the columns; their shapes are those of the table.
_DTYPES: dict[str, type] = {
    "row": np.int64,
    "pose_rotmat": np.float32,
    "betas": np.float32,
    "cam": np.float64,
    "bbox_center_px": np.float64,
    "bbox_scale": np.float64,
    "annot_id": np.int64,
    "joint_validity": np.bool_,
    "keypoints_px": np.float32,
}
_NAMES, _PROBLEMS = "image_name.txt", "problems.json"
# Few enough for their numbers to stay near the processor.
_ROWS_AT_ONCE = 512


def write_fits(folder: Path, fits: FitTable, problems: list[RowProblem]) -> None:
    """Writes fits into the folder of an entry.

    Args:
        folder: Of the entry.
        fits: The valid rows.
        problems: The other entries of the file.

    Raises:
        ValueError: They are not such as `read_kept_fits` takes, which can be of a package's format only.
    """
    _check(fits, problems)
    texts = {
        # No name holds a line break.
        _NAMES: "\n".join(fits.image_name),
        _PROBLEMS: json.dumps([asdict(problem) for problem in problems]),
    }
    save_entry(folder, {column: getattr(fits, column) for column in _DTYPES}, texts)


def read_kept_fits(folder: Path) -> tuple[FitTable, list[RowProblem]]:
    """What `write_fits` was given, in arrays that are mapped from files.

    Raises:
        Exception: Of whatever kind; the entry is damaged, or what it holds is nothing that a fit file gives.
    """
    entry = Entry(folder)
    names = entry.read_text(_NAMES).split("\n")
    columns = {
        column: entry.map_column(column, dtype, (len(names), *map(int, FitTable.SHAPES[column][1:])))
        for column, dtype in _DTYPES.items()
    }
    fits = FitTable(image_name=np.array(names, dtype=object), **columns)
    problems = [RowProblem(**problem) for problem in json.loads(entry.read_text(_PROBLEMS))]
    _check(fits, problems)
    return fits, problems


def _check(fits: FitTable, problems: list[RowProblem]) -> None:
    """Raises ValueError where these are no fits of a file."""
    for column, dtype in _DTYPES.items():
        if getattr(fits, column).dtype != dtype:
            raise ValueError(f"{column}: expected {np.dtype(dtype).name}")
    _check_rows(fits.row, [problem.row for problem in problems])
    for name in set(fits.image_name):
        if type(name) is not str or image_name_fault(name):
            raise ValueError("image_name: expected paths below the image folder")
    for problem in problems:
        if not all(map(_is_printable, (problem.image_name, problem.reason))):
            raise ValueError("problems: expected texts that can be printed")
    # Bytes that are neither true nor false.
    if fits.joint_validity.view(np.uint8).max() > 1:
        raise ValueError("joint_validity: expected true or false")
    for start in range(0, len(fits), _ROWS_AT_ONCE):
        part = fits.take(slice(start, start + _ROWS_AT_ONCE))
        values = vars(part) | {"pose_rotmat": part.pose_rotmat.astype(np.float64)}
        for passes, fault_of in value_checks(values, ROUNDED_TOLERANCE):
            if not passes.all():
                raise ValueError(f"row {part.row[~passes][0]}: {fault_of(int(np.argmin(passes)))}")


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
