"""Whether what came out of a pickle is a tree of plain values that everybody can walk through."""

from __future__ import annotations

from typing import Any

import numpy as np

from render.containers.errors import MOST_BYTES, ContainerError

# As of JSON, so that nobody who walks through it comes near Python's limit.
DEEPEST = 100
# Of values, those that are shared counted as often as they are found. Lists of lists that are shared double
# with each level.
MOST_VALUES = 50_000_000

_LEAVES = {str, int, float, bool, type(None), bytes, complex}


def check_plain(value: Any) -> None:
    """Refuses what is no tree of plain values.

    Args:
        value: Out of a pickle.

    Raises:
        ContainerError: It holds itself, is nested too deep, is no data, or would be too large if everything
            that it shares were there as often as it is found.
    """
    _Walk().total(value)


class _Walk:
    def __init__(self) -> None:
        # Values and bytes below a container, by its identity: `value` keeps them alive.
        self._done: dict[int, tuple[int, int]] = {}
        self._open: set[int] = set()

    def total(self, value: Any) -> tuple[int, int]:
        if type(value) in _LEAVES:
            return 1, 0
        if type(value) is np.ndarray and not value.dtype.hasobject:
            return 1, value.nbytes
        found = self._done.get(id(value))
        if found is not None:
            return found
        if id(value) in self._open:
            raise ContainerError("it holds a list or a dictionary that holds itself")
        if len(self._open) >= DEEPEST:
            raise ContainerError(f"its values are nested more than {DEEPEST} deep")
        members = _members(value)
        self._open.add(id(value))
        values, size_bytes = len(members), 0
        for member in members:
            if type(member) not in _LEAVES:
                more_values, more_bytes = self.total(member)
                values += more_values
                size_bytes += more_bytes
        if values > MOST_VALUES or size_bytes > MOST_BYTES:
            raise ContainerError(
                f"it would hold more than {MOST_VALUES} values or {MOST_BYTES >> 30} GiB if what it shares "
                f"were there as often as it is found"
            )
        self._open.remove(id(value))
        self._done[id(value)] = values, size_bytes
        return values, size_bytes


def _members(value: Any) -> Any:
    match value:
        case list() | tuple() | set():
            return value
        case dict():
            return value.values()
        case np.ndarray():
            return value.ravel()
    raise ContainerError("it holds a class or an unfinished object where data is expected")
