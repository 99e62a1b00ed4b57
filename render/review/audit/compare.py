"""Numbers of people beside those of all others of the data set: robust z-scores."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from render.review.measure import Column
from render.review.table import Table, Values

SUFFIX = "_z"
# Of a normal distribution the median of the absolute deviations, and their mean, times these, are the
# standard deviation.
TO_SIGMA, MEAN_TO_SIGMA = 1.4826, 1.2533
# Fewer numbers have no spread that says anything.
FEWEST = 8


def add_comparisons(values: Values) -> Values:
    """The same numbers with a column `NAME_z` behind each that `is_compared`.

    It says how many deviations a number is away from the median of all, either way, so that the largest are
    the strangest. The deviation is the median of the absolute deviations times 1.4826, which a few bad rows
    do not move. Where that is 0, as more than half of the numbers are equal, it is their mean times 1.2533:
    B. Iglewicz and D. Hoaglin, "How to Detect and Handle Outliers", 1993. There is no z-score where a number
    is not known, where fewer than 8 are, and where all are equal.
    """
    columns: list[Column] = []
    numbers: list[np.ndarray] = []
    for k, column in enumerate(values.table.columns):
        columns.append(column)
        numbers.append(values.values[:, k])
        if column.is_compared:
            columns.append(
                Column(
                    f"{column.name}{SUFFIX}",
                    f"By how many robust deviations {'the logarithm of ' if column.is_ratio else ''}"
                    f"{column.name} is away from the median of all people, either way.",
                    worst="high",
                    digits=2,
                )
            )
            numbers.append(np.round(find_z_scores(_spread(column, values.values[:, k])), 2))
    table = Table(values.table.name, tuple(columns))
    return replace(values, table=table, values=np.column_stack(numbers))


def find_z_scores(numbers: np.ndarray) -> np.ndarray:
    """(N,) how far numbers are from their median, in robust deviations; see `add_comparisons`.

    Args:
        numbers: (N,), NaN for those that are not known.
    """
    known = numbers[np.isfinite(numbers)]
    if len(known) < FEWEST:
        return np.full(len(numbers), np.nan)
    median = np.median(known)
    away = np.abs(known - median)
    deviation = TO_SIGMA * np.median(away) or MEAN_TO_SIGMA * away.mean()
    return np.abs(numbers - median) / deviation if deviation > 0 else np.full(len(numbers), np.nan)


def _spread(column: Column, numbers: np.ndarray) -> np.ndarray:
    """Numbers as they are compared."""
    if not column.is_ratio:
        return numbers
    # 0 has no logarithm, and what is not finite is not known.
    return np.log(np.where(numbers > 0, numbers, np.nan))
