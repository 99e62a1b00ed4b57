"""Pickles whose calls are recorded instead of made, for files that name a few known classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from render.containers.errors import ContainerError, ForbiddenNameError
from render.containers.pickles.safe_pickle import PickleMachine

# An SMPL model takes a few thousand; the limit bounds memory and time for a file made to waste them.
MOST_OPCODES = 1_000_000


@dataclass(frozen=True, slots=True)
class Name:
    """A class or function that a pickle names.

    Attributes:
        text: What stands for it.
    """

    text: str


@dataclass(eq=False, repr=False, slots=True)
class Node:
    """An object that a pickle would make.

    Attributes:
        name: What would make it.
        args: From which arguments.
        state: What would be put into it afterwards.
    """

    name: str
    args: tuple
    state: Any = None


def read_pickle(data: bytes, allowed: Mapping[str, str]) -> Any:
    """Reads a pickle as data; strings of Python 2 are read as latin-1.

    Sets come out as lists, and of dictionaries only the items whose keys are text.

    Args:
        data: The pickle.
        allowed: The text that stands for each name a pickle may hold ("module.name").

    Returns:
        Its value, with a Node for each object in it.

    Raises:
        ForbiddenNameError: It holds any other name.
        ContainerError: It is damaged or needs an opcode that a model does not.
    """
    return _Recorder(data, allowed).run()


class _Recorder(PickleMachine):
    def __init__(self, data: bytes, allowed: Mapping[str, str]) -> None:
        super().__init__(data, most_opcodes=MOST_OPCODES)
        self._allowed = allowed

    def name(self, text: str) -> Name:
        if text not in self._allowed:
            raise ForbiddenNameError(text)
        return Name(self._allowed[text])

    def make(self, maker: Any, args: tuple) -> Node:
        if type(maker) is not Name:
            raise ContainerError(f"the pickle uses a {type(maker).__name__} as a Name")
        return Node(maker.text, args)

    def fill(self, value: Any, state: Any) -> Node:
        if type(value) is not Node:
            raise ContainerError(f"the pickle uses a {type(value).__name__} as a Node")
        value.state = state
        return value

    def set_items(self, target: dict, keys: list, values: list) -> None:
        # Chumpy's caches are keyed by tuples: not needed, and hashing them can be made to take for ever.
        pairs = zip(keys, values, strict=True)
        target.update((key, value) for key, value in pairs if type(key) is str)

    def make_set(self) -> list:
        # Its members are not hashed.
        return []

    def add_members(self, target: Any, members: list) -> None:
        if type(target) is not list:
            raise ContainerError(f"the pickle uses a {type(target).__name__} as a set")
        target.extend(members)
