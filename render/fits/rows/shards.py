"""Parts of a dataset that machines render side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heapreplace
from typing import TYPE_CHECKING

from render.errors import ConfigError
from render.types.fits import Fits, RowProblem

if TYPE_CHECKING:
    import numpy as np

# Far beyond any cluster. Each part of a count costs time, whichever part is taken.
MOST_SHARDS = 100_000


@dataclass(frozen=True)
class Shard:
    """A part of a dataset.

    Attributes:
        number: Of the part, from 1.
        count: How many parts there are.
    """

    number: int
    count: int

    @property
    def tag(self) -> str:
        """What marks its files: `3of64`; nothing for the whole."""
        return "" if self.count == 1 else f"{self.number}of{self.count}"


def parse_shard(text: str) -> Shard:
    """Reads the setting `shard`.

    Args:
        text: Such as `3/64`.

    Raises:
        ConfigError: It is anything but a number from 1 to the count, and the count.
    """
    match = re.fullmatch(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})", text)
    if not match or not int(match[1]) <= int(match[2]) <= MOST_SHARDS:
        raise ConfigError(
            f"shard: expected a part and how many there are, from 1/64 to 64/64 (at most {MOST_SHARDS}), "
            f"found {text!r}"
        )
    return Shard(int(match[1]), int(match[2]))


def allot_shards(fits: Fits, count: int, of_rows: Sequence[str] | None = None) -> np.ndarray:
    """Which shard each row is of.

    The same on every machine: each image goes, in the order of the file, to the shard with the fewest people
    so far. So shards differ by no more people than an image has, and all people of an image are in one.

    Args:
        fits: The rows of all shards.
        count: How many shards there are.
        of_rows: What each row belongs to that is in one shard, such as its sequence; left out, its image.

    Returns:
        (N,) int32, numbers of shards, from 1.
    """
    # Here, so that settings are checked before numpy is loaded.
    import numpy as np

    names = fits.image_name if of_rows is None else of_rows
    count_of: dict[str, int] = {}
    for name in names:
        count_of[name] = count_of.get(name, 0) + 1
    # A heap, whose first item has the fewest people and, among several of these, the lowest number.
    loads = [(0, number) for number in range(1, count + 1)]
    heapify(loads)
    number_of = {}
    for name, people in count_of.items():
        load, number = loads[0]
        number_of[name] = number
        heapreplace(loads, (load + people, number))
    return np.array([number_of[name] for name in names], np.int32)


def take_shard(
    fits: Fits, problems: list[RowProblem], shard: Shard, numbers: np.ndarray
) -> tuple[Fits, list[RowProblem]]:
    """What belongs to a shard.

    Args:
        fits: The rows of all shards.
        problems: The entries that are no fits.
        shard: Whose part is taken.
        numbers: Of the shard of each row, from `allot_shards`.

    Returns:
        Those of the rows and those of the entries that belong to the shard.
    """
    if shard.count == 1:
        return fits, problems
    index = (numbers == shard.number).nonzero()[0]
    return fits.take(index), problems[shard.number - 1 :: shard.count]
