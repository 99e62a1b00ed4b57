"""What a cause is, and what the finders of causes have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from render.review.table import Values

# What is beyond that is said to be more.
_MOST_GAIN = 100.0
# Fewer people have nothing in common that could not be chance.
FEWEST = 5


@dataclass(frozen=True)
class Cause:
    """Why many people may be wrong in the same way.

    Attributes:
        name: In a word.
        people: How many it is of.
        of: Out of how many.
        gain: How many times smaller the error would be without it, the median of them; None where that is not
            known.
        says: What was found, with figures.
        advice: What to do.
    """

    name: str
    people: int
    of: int
    gain: float | None
    says: str
    advice: str


def take_known(values: Values, name: str) -> np.ndarray:
    """(N,) of a column; NaN where no measure has it."""
    return values.take(name) if name in values.table.names else np.full(len(values), np.nan)


def find_gain(error: np.ndarray, supposed: np.ndarray) -> float:
    """How many times smaller errors would be, the median; no more than a hundred, for errors may be 0."""
    least = np.maximum(supposed, 1e-9)
    return round(float(min(np.median(error / least), _MOST_GAIN)), 2)


def spell_gain(gain: float) -> str:
    """As a text has it."""
    return f"{gain:.3g} times" if gain < _MOST_GAIN else f"more than {_MOST_GAIN:.0f} times"
