"""What is said of fits."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from render.types.fits import Fits

MOST_ROWS = 3


class Remark(NamedTuple):
    """A sentence on fits.

    Attributes:
        state: `warn` where they are most likely not what they are meant to be.
        text: On one line.
    """

    state: Literal["ok", "warn"]
    text: str


def name_rows(fits: Fits, is_meant: np.ndarray) -> str:
    """The first of some rows: row 3, row 17, row 20, ..."""
    rows = fits.row[is_meant].tolist()
    more = ", ..." if len(rows) > MOST_ROWS else ""
    return f"{'rows' if len(rows) > 1 else 'row'} {', '.join(map(str, rows[:MOST_ROWS]))}{more}"


def count_odd(fits: Fits, is_odd: np.ndarray, are_asked: np.ndarray) -> str:
    """The begin of a sentence on some of those who were asked for it: 3 of 48 people (row 0, ...)."""
    return f"{is_odd.sum()} of {are_asked.sum()} people that were looked at ({name_rows(fits, is_odd)})"
