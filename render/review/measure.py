"""What a measure is: some columns of the table, and how the numbers of an image's people are found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from render.registry import Registry
from render.review.image import ReviewedImage


@dataclass(frozen=True)
class Column:
    """One number of a person.

    Attributes:
        name: In the table.
        about: What it means, in a sentence that the README's table has.
        unit: px, m, mm, deg or the like; empty for shares and counts.
        worst: Which end of it is bad, if one is.
        digits: Behind the point, to which it is rounded.
        choices: What the numbers 0, 1, ... stand for, where it is no quantity; they are in the table then.
        is_compared: Whether those of all people are compared, in a further column `NAME_z` of the files of an
            audit; see `render.review.audit.compare`.
        is_ratio: Whether they are compared by their logarithms, as 2 and 1/2 are as far from 1.
    """

    name: str
    about: str
    unit: str = ""
    worst: Literal["high", "low", ""] = ""
    digits: int = 3
    choices: tuple[str, ...] = ()
    is_compared: bool = False
    is_ratio: bool = False


@dataclass(frozen=True)
class Measure:
    """Some columns that are found together.

    Attributes:
        columns: C of them.
        measure: Gives (P, C) float64 of the people of an image, NaN for what is not known. It is called by
            several threads at once.
        version: Raised whenever the same people get other numbers than before.
    """

    columns: tuple[Column, ...]
    measure: Callable[[ReviewedImage], np.ndarray]
    version: int = 1


MEASURES: Registry[Measure] = Registry(
    "measure",
    "smpl_render.measures",
    "render.review.measures",
    "MEASURE",
    # What the picture says of a fit, then what the body does, then what explains it.
    first=(
        *("who", "keypoints", "masks", "boxes", "picture", "size", "doubles", "swaps", "orientation"),
        *("pose", "penetration", "shape", "hypotheses", "lsp"),
    ),
)
