"""A table of numbers: its columns, and its rows on their way through the manifest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from render.files.digest import hash_bytes
from render.review.image import ReviewedImage
from render.review.measure import MEASURES, Column
from render.types.products import Measured

AUDIT = "audit"
# Of a digest.
_DIGITS = 8


@dataclass(frozen=True)
class Table:
    """Which numbers there are of each person.

    Attributes:
        name: What it is a table of: `audit` or `compare`.
        columns: C of them.
    """

    name: str
    columns: tuple[Column, ...]

    @cached_property
    def names(self) -> list[str]:
        """Of the columns."""
        return [column.name for column in self.columns]

    @cached_property
    def tag(self) -> str:
        """What tells it from tables of other columns."""
        return f"{self.name}-{hash_bytes(repr(self.names).encode())[:_DIGITS]}"

    @cached_property
    def _steps(self) -> np.ndarray:
        """(C,) in how many steps a unit of each column is parted."""
        return 10.0 ** np.array([column.digits for column in self.columns])

    def pack(self, image: str, values: np.ndarray, about: str = "") -> Measured:
        """The numbers of the people of a product, rounded as their columns are.

        Args:
            image: Name of their image.
            values: (P, C).
            about: What is to be known of all numbers of the table.
        """
        if values.shape[1:] != (len(self.columns),):
            raise ValueError(f"values: expected {len(self.columns)} columns, found {values.shape}")
        # What is not finite is not known; and there is one zero.
        known = np.where(np.isfinite(values), values, np.nan)
        # As np.round does it, which takes one number of digits.
        rounded = np.rint(known * self._steps) / self._steps + 0.0
        return Measured(self.tag, image, rounded.astype("<f8").tobytes(), about)

    def find(self, name: str) -> int:
        """The place of a column."""
        return self.names.index(name)


@dataclass(frozen=True)
class Values:
    """The numbers of all people of a data set, in the order of the fit file.

    Attributes:
        table: Of their columns.
        row: (N,) int64, of the fit file.
        image: Of each the name of the image.
        values: (N, C) float64, NaN for what is not known.
        about: See `Measured`.
    """

    table: Table
    row: np.ndarray
    image: list[str]
    values: np.ndarray
    about: str = ""

    def __len__(self) -> int:
        return len(self.row)

    def take(self, name: str) -> np.ndarray:
        """(N,) of a column."""
        return self.values[:, self.table.find(name)]

    def leave_out_empty(self) -> Values:
        """The same without the columns that nobody has a number in."""
        is_known = ~np.isnan(self.values).all(0)
        columns = tuple(column for column, known in zip(self.table.columns, is_known, strict=True) if known)
        return replace(self, table=replace(self.table, columns=columns), values=self.values[:, is_known])


def make_audit_table() -> Table:
    """The columns of all measures that there are."""
    return Table(AUDIT, tuple(column for name in MEASURES.names for column in MEASURES.load(name).columns))


def measure_image(image: ReviewedImage) -> np.ndarray:
    """(P, C) all numbers of the people of an image, in the order of `make_audit_table`."""
    return np.hstack([MEASURES.load(name).measure(image) for name in MEASURES.names])


def gather_values(table: Table, listed: Iterable[tuple[Sequence[int], Measured]]) -> Values:
    """The rows of a table out of what was measured of its products.

    Args:
        table: Others are passed over.
        listed: Of each product its rows, and what was measured of them.
    """
    rows: list[int] = []
    images: list[str] = []
    parts = [np.zeros((0, len(table.columns)))]
    about = ""
    # Runs of some of the rows have measured people of an image by themselves; beside most others counts.
    for of_product, measured in sorted(listed, key=lambda one: -len(one[0])):
        if measured.table != table.tag:
            continue
        values = np.frombuffer(measured.values, "<f8").reshape(len(of_product), -1)
        # A line of a manifest, which anybody may have written.
        if values.shape[1] != len(table.columns):
            continue
        rows += of_product
        images += [measured.image] * len(of_product)
        parts.append(values)
        about = measured.about
    row, first = np.unique(np.array(rows, np.int64), return_index=True)
    return Values(table, row, [images[i] for i in first.tolist()], np.concatenate(parts)[first], about)
