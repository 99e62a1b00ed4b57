"""Which sequence the rows of a file are of, who is who in it, and which of them can be drawn."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from render.containers.json_values import RowFault
from render.files.image_names import image_name_fault
from render.fits.build import LARGEST_NUMBER
from render.fits.checks import Fault, check_rows, make_problem
from render.fits.image_paths import ImageDir, name_frames
from render.types.fits import Fits, RowProblem

# What programs call the result of any video; it is the folder around it that is called as the video.
_NAMES_OF_ALL = {
    *("hmr4d_results", "wham_output", "vibe_output", "pare_output", "output", "video_results"),
    *("smplx_params", "smplx_optimized", "hps"),
}
_MOST_DIGITS = 9
# For paths that no relative path can be made of.
_UNNAMED = "sequence"


def name_sequence(path: str | Path) -> str:
    """The name of the sequence that a file or a folder is of: its own, without extension.

    Where a program gives all its results one name, such as `wham_output.pkl`, it is that of the folder.
    """
    whole = Path(os.path.abspath(path))
    name = whole.name if os.path.isdir(whole) else whole.stem
    for parent in whole.parents:
        if name not in _NAMES_OF_ALL or not parent.name:
            break
        name = parent.name
    return _UNNAMED if image_name_fault(name) else name


def tell_sequence(
    path: str | Path, person: np.ndarray, frame: np.ndarray, people: np.ndarray | None = None
) -> dict[str, Any]:
    """The columns of rows that are frames of one sequence, as `assemble` takes them.

    Args:
        path: Of the file.
        person: (M,) number of each row's person.
        frame: (M,) of each row.
        people: Numbers of all people of the sequence, ascending; left out, they are those of the rows.
    """
    people = np.unique(person) if people is None else people
    return {
        "person": person,
        "frame": frame,
        "sequence": np.full(len(frame), name_sequence(path), object),
        "identity": np.searchsorted(people, person),
    }


def number_people(keys: Iterable[Any]) -> list[int]:
    """The numbers of tracks: their keys where all of these are different numbers, else their places."""
    texts = [str(key) for key in keys]
    if all(text.isdecimal() and text.isascii() and len(text) <= _MOST_DIGITS for text in texts):
        numbers = [int(text) for text in texts]
        if len(set(numbers)) == len(numbers):
            return numbers
    return list(range(len(texts)))


def name_rows(frame: np.ndarray, image_dir: ImageDir) -> np.ndarray:
    """(M,) photos of rows by the frames (M,) that they are of, as `name_frames` has them."""
    frames, place = np.unique(frame, return_inverse=True)
    names = np.empty(len(frames), object)
    names[:] = name_frames(frames.tolist(), image_dir)
    return names[place]


def check_sequence(
    fits: Fits, faults: Sequence[tuple[np.ndarray, Fault]] = (), *, needs_place: bool = False
) -> tuple[Fits, list[RowProblem]]:
    """The rows that can be drawn, and the others with the first fault of each.

    Args:
        fits: All rows.
        faults: What is wrong beside values: for each rule the mask of rows that pass (M,), and the fault of
            a row that does not.
        needs_place: Whether a row needs a place in the world to be drawn.
    """
    if needs_place:
        faults = [*faults, (np.isfinite(fits.world_m).all(1), lambda k: _no_place(fits.world_m[k]))]
    problems: list[RowProblem] = []
    good = np.ones(len(fits), bool)
    for passes, fault_of in faults:
        for k in np.flatnonzero(good & ~passes).tolist():
            problems.append(make_problem(fits.row[k], fits.image_name[k], str(fault_of(k))))
        good &= passes
    fits, unfit = check_rows(fits if good.all() else fits.take(np.flatnonzero(good)))
    return fits, sorted([*problems, *unfit], key=lambda problem: problem.row)


def _no_place(found: np.ndarray) -> RowFault:
    return RowFault("place in the world", f"finite numbers up to {LARGEST_NUMBER:g}", str(found.tolist()))
