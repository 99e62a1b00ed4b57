"""How the numbers of a column are spread: bins of a histogram, and quantiles."""

from __future__ import annotations

from typing import Any

import numpy as np

from render.gallery.numbers import NumberColumn
from render.review.audit.summary import PERCENTS

BINS = 40
# Beyond this share of the numbers at a bad or long end lies the last bin.
_LONG_TAIL = 0.99


def describe_spread(column: NumberColumn) -> dict[str, Any]:
    """What the page is told of a column's numbers.

    Args:
        column: With a number that is known, at least.

    Returns:
        `known`; of choices `counts`; else `edges` of bins, of which the last one reaches as far as the
        numbers do, `counts` in them, and `quantiles` at `PERCENTS`.
    """
    known = column.numbers[np.isfinite(column.numbers)]
    if column.choices:
        counts = np.bincount(known.astype(np.int64), minlength=len(column.choices))
        return {"known": len(known), "counts": counts.tolist()}
    edges = _find_edges(known, column.digits)
    # Numbers at an edge belong to the bin that begins there, as a filter from that edge has them.
    places = np.clip(np.searchsorted(edges, known, side="right") - 1, 0, len(edges) - 2)
    counts = np.bincount(places, minlength=len(edges) - 1)
    return {
        "known": len(known),
        "edges": edges.tolist(),
        "counts": counts.tolist(),
        "quantiles": find_quantiles(column.numbers, column.digits),
    }


def find_quantiles(numbers: np.ndarray, digits: int) -> list[float]:
    """What so many percent of the numbers that are known do not exceed; nothing where none is known.

    Args:
        numbers: (N,), NaN for what is not known.
        digits: To which they are rounded.

    Returns:
        One for each of `PERCENTS`, by linear interpolation.
    """
    known = numbers[np.isfinite(numbers)]
    if not len(known):
        return []
    # Between whole numbers there are others.
    found: list[float] = np.round(np.quantile(known, np.array(PERCENTS) / 100), max(digits, 1)).tolist()
    return found


def _find_edges(known: np.ndarray, digits: int) -> np.ndarray:
    low, high = float(known.min()), float(known.max())
    low_end, high_end = (float(end) for end in np.quantile(known, (1 - _LONG_TAIL, _LONG_TAIL)))
    # A few numbers far away would leave all others in one bin.
    inner_low = low_end if low_end - low > high - low_end else low
    inner_high = high_end if high - high_end > 0.5 * (high_end - inner_low) else high
    step = 10.0**-digits
    bins = max(1, min(BINS, round((inner_high - inner_low) / step)))
    edges = np.round(np.linspace(inner_low, inner_high, bins + 1), digits)
    edges[0] = low
    edges = np.append(edges, high) if high > edges[-1] else edges
    edges = np.unique(edges)
    return edges if len(edges) > 1 else np.array([low, low + step])
