"""Where the histograms of an audit lie on the page: groups beside and under each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from render.review.audit.histograms import Group, Histogram

# Histograms beside each other.
ACROSS = 4


@dataclass
class _Shelf:
    """A row of histograms, and whose they are."""

    rows: int
    taken: int


@dataclass(frozen=True)
class Place:
    """Where a group lies, in histograms across and rows down.

    Attributes:
        group: The group.
        shelf: How many shelves are above it.
        row: How many rows of histograms are above it.
        first: How many histograms are left of it.
    """

    group: Group
    shelf: int
    row: int
    first: int

    @property
    def across(self) -> int:
        """How many of its histograms are beside each other."""
        return min(len(self.group.histograms), ACROSS)

    def list_cells(self) -> list[tuple[Histogram, int, int]]:
        """Of each histogram its row and its place there."""
        return [
            (one, self.row + k // ACROSS, self.first + k % ACROSS)
            for k, one in enumerate(self.group.histograms)
        ]


def place_groups(groups: Sequence[Group]) -> list[Place]:
    """Each group on the first shelf that has room beside others, or on one of its own."""
    shelves: list[_Shelf] = []
    chosen: list[tuple[Group, int, int]] = []
    for group in groups:
        count = len(group.histograms)
        found = next((i for i, one in enumerate(shelves) if one.taken + count <= ACROSS), None)
        if found is None:
            found = len(shelves)
            shelves.append(_Shelf(-(-count // ACROSS), 0))
        chosen.append((group, found, shelves[found].taken))
        shelves[found].taken += min(count, ACROSS)
    above = [sum(one.rows for one in shelves[:i]) for i in range(len(shelves))]
    return [Place(group, shelf, above[shelf], first) for group, shelf, first in chosen]
