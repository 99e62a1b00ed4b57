"""Numbers of many people, made by hand, as audits have them."""

from collections.abc import Mapping, Sequence

import numpy as np

from render.review.measure import Column
from render.review.table import Table, Values, make_audit_table


def make_values(columns: Sequence[Column], numbers: Sequence[Sequence[float]], images=None) -> Values:
    """A table of its own: a row of numbers for each column."""
    values = np.array(numbers, np.float64).T.reshape(-1, len(columns))
    images = [f"{i}.jpg" for i in range(len(values))] if images is None else images
    return Values(Table("audit", tuple(columns)), np.arange(len(values)) + 3, images, values)


def make_audit(
    count: int, numbers: Mapping[str, float | Sequence[float]], images: list[str] | None = None
) -> Values:
    """People of the real table; what is not given is not known."""
    table = make_audit_table()
    values = np.full((count, len(table.columns)), np.nan)
    for name, given in numbers.items():
        values[:, table.find(name)] = given
    images = [f"{i}.jpg" for i in range(count)] if images is None else images
    return Values(table, np.arange(count), images, values)
