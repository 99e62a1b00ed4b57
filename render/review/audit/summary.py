"""What is said of each column of an audit: quantiles, the worst people, and the causes, as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from render.review.audit.causes.cause import Cause
from render.review.lsp import pool_lsp
from render.review.measure import Column
from render.review.table import Values

VERSION = 1
PERCENTS = (0, 5, 25, 50, 75, 95, 100)
# Of each column that has a bad end.
MOST_WORST = 10


def format_summary(values: Values, causes: Sequence[Cause]) -> str:
    """The content of `audit.json`, in ASCII.

    It has the columns; of those of quantities the numbers at seven percents, by linear interpolation between
    neighbours, and of those of choices how often each is there; the worst people of each column with a bad
    end; the causes; and the scores of the whole set as LSP has them, where they are known.

    Args:
        values: Of all people.
        causes: Of what many have in common.
    """
    columns = list(enumerate(values.table.columns))
    told = {
        "version": VERSION,
        "people": len(values),
        "images": len(set(values.image)),
        "columns": [_describe(column, values.values[:, k]) for k, column in columns],
        "percents": list(PERCENTS),
        "quantiles": {
            column.name: _find_quantiles(column, values.values[:, k])
            for k, column in columns
            if not column.choices
        },
        "worst": {column.name: _list_worst(values, k) for k, column in columns if column.worst},
        "causes": [asdict(cause) for cause in causes],
        "pooled": pool_lsp(values),
    }
    return json.dumps(told, indent=1, allow_nan=False) + "\n"


def find_worst(column: Column, numbers: np.ndarray, most: int) -> np.ndarray:
    """(n,) places of the worst numbers of a column, worst first; of equal ones the first rows."""
    known = np.flatnonzero(np.isfinite(numbers))
    badness = numbers[known] if column.worst == "low" else -numbers[known]
    return known[np.argsort(badness, kind="stable")[:most]]


def _describe(column: Column, numbers: np.ndarray) -> dict[str, Any]:
    known = numbers[np.isfinite(numbers)]
    told: dict[str, Any] = {
        "name": column.name,
        "unit": column.unit,
        "about": column.about,
        "worst": column.worst,
        "known": len(known),
    }
    if column.choices:
        told["counts"] = {choice: int((known == place).sum()) for place, choice in enumerate(column.choices)}
    return told


def _find_quantiles(column: Column, numbers: np.ndarray) -> list[float] | None:
    known = numbers[np.isfinite(numbers)]
    if not len(known):
        return None
    # Between whole numbers there are others.
    found = np.quantile(known, np.array(PERCENTS) / 100)
    return [round(number, max(column.digits, 1)) for number in found.tolist()]


def _list_worst(values: Values, place: int) -> list[dict[str, Any]]:
    numbers = values.values[:, place]
    return [
        {"row": int(values.row[i]), "image": values.image[i], "value": float(numbers[i])}
        for i in find_worst(values.table.columns[place], numbers, MOST_WORST).tolist()
    ]
