"""Which columns of an audit are plotted, and how their numbers are counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from render.files.digest import hash_bytes
from render.review.audit.compare import SUFFIX
from render.review.measure import MEASURES, Column
from render.review.table import Values

# Counts are plotted by their logarithms where the largest numbers are so many times farther off.
LONG_TAIL = 4.0
# What is farther out than so many times the spread of nearly all is counted in the last bar.
_FAR = 2.0
MOST_BARS = 40
# Counts up to that are seen without logarithms.
_FEW = 50


@dataclass(frozen=True)
class Histogram:
    """The numbers of a column, counted.

    Attributes:
        column: What they are.
        known: How many there are.
        counts: (B,) numbers in each bar.
        edges: (B + 1,) of the bars.
        median: Of all.
        bad: The number that 95 % are on the good side of.
        beyond: How many are farther out than the outermost edge, and counted in its bar.
        is_log: Whether counts are plotted by their logarithms.
    """

    column: Column
    known: int
    counts: np.ndarray
    edges: np.ndarray
    median: float
    bad: float
    beyond: int
    is_log: bool

    @property
    def is_bad_high(self) -> bool:
        """Whether large numbers are bad."""
        return self.column.worst == "high"


@dataclass(frozen=True)
class Group:
    """Histograms that belong together.

    Attributes:
        title: What they are of.
        histograms: One at least.
    """

    title: str
    histograms: tuple[Histogram, ...]


def count_groups(values: Values) -> list[Group]:
    """The histograms of all columns that have a bad end and numbers, by their measures.

    Columns with the same numbers as one before, such as those of COCO's keypoints where the file has none,
    are left out.
    """
    groups = []
    seen: set[str] = set()
    for measure in MEASURES.names:
        found = []
        for column in MEASURES.load(measure).columns:
            for name in (column.name, f"{column.name}{SUFFIX}"):
                if name not in values.table.names:
                    continue
                place = values.table.find(name)
                numbers = values.values[:, place]
                known = numbers[np.isfinite(numbers)]
                if not values.table.columns[place].worst or not len(known):
                    continue
                digest = hash_bytes(numbers.tobytes())
                if digest not in seen:
                    seen.add(digest)
                    found.append(count(values.table.columns[place], known))
        if found:
            groups.append(Group(MEASURES.describe(measure), tuple(found)))
    return groups


def count(column: Column, known: np.ndarray) -> Histogram:
    """The histogram of a column.

    Args:
        column: It has a bad end.
        known: (n,) numbers, one at least.
    """
    is_high = column.worst == "high"
    # In order once, which all that follows is quick with.
    known = np.sort(known)
    bad_at = 0.95 if is_high else 0.05
    low, rare_low, median, bad, rare_high, high = np.quantile(known, [0, 0.01, 0.5, bad_at, 0.99, 1]).tolist()
    spread = rare_high - rare_low
    # One body that is a thousand times too far off is not to make all others one bar.
    last = min(high, rare_high + _FAR * spread) if is_high and spread > 0 else high
    first = max(low, rare_low - _FAR * spread) if not is_high and spread > 0 else low
    edges = _find_edges(column, first, last, len(known))
    beyond = len(known) - np.searchsorted(known, last, "right") + np.searchsorted(known, first)
    # The outermost bars have what is beyond them too.
    counts = np.diff([0, *np.searchsorted(known, edges[1:-1]), len(known)])
    tail, body = (last - bad, bad - median) if is_high else (bad - first, median - bad)
    return Histogram(
        column,
        len(known),
        counts,
        edges,
        median,
        bad,
        int(beyond),
        is_log=tail > LONG_TAIL * max(body, 0) and int(counts.max()) >= _FEW,
    )


def _find_edges(column: Column, first: float, last: float, count: int) -> np.ndarray:
    if not column.digits and last - first < MOST_BARS:
        # Whole numbers in the middle of their bars.
        return np.arange(np.floor(first), np.ceil(last) + 2) - 0.5
    if not last > first:
        # All are equal: a bar around them.
        half = max(abs(first) * 0.05, 10.0**-column.digits)
        return np.array([first - half, first + half])
    bars = int(np.clip(2 * np.sqrt(count), 8, MOST_BARS))
    return np.linspace(first, last, bars + 1)
