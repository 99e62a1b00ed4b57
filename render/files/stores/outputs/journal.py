"""A journal on an object store: objects of some lines each, in a folder that has a lock."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from render.errors import OutputError
from render.files.held_lines import HeldLines
from render.files.stores.outputs.lease import Sightings, refuse, take_lock
from render.files.stores.outputs.objects import Objects

# What is lost with a process that is killed: so many seconds of lines, or so many bytes of them.
FLUSH_S, FLUSH_BYTES = 10.0, 256 << 10
# Of a journal that is read.
_READ_AT_ONCE = 16
_PIECE = re.compile(r"[0-9]{6,12}\.jsonl")


def lock_name(journal: str) -> str:
    """The object that is a journal's lock."""
    return f"{journal}/lock"


def list_pieces(objects: Objects, journal: str) -> list[str]:
    """The objects that hold a journal's lines, in their order.

    Raises:
        OutputError: They cannot be listed.
    """
    names = [name for name in objects.list_below(journal) if _PIECE.fullmatch(name[len(journal) + 1 :])]
    return sorted(names, key=_number)


def read_pieces(objects: Objects, pieces: Iterable[str]) -> Iterator[bytes]:
    """The content of such objects, side by side; one that is gone meanwhile is empty.

    Raises:
        OutputError: One cannot be read.
    """
    with ThreadPoolExecutor(_READ_AT_ONCE) as pool:
        for found in pool.map(objects.get, pieces):
            yield b"" if found is None else found[0]


class StoreJournal:
    """A journal that this process holds; see `Journal`.

    Lines go to the store in the order in which they were added, by a thread of its own: some seconds after
    the first of them, or when there are many. Each of its objects is created where there is none.

    Args:
        objects: Where it is.
        name: Of its folder.
        sightings: Of locks in this place.
        waits: For another run that has it.

    Attributes:
        was_there: From a run that did not come to its end.
        lease: Its lock.

    Raises:
        OutputError: It cannot be opened, or another run has it and `waits` is not set.
    """

    def __init__(self, objects: Objects, name: str, sightings: Sightings, waits: bool) -> None:
        self._objects, self._name = objects, name
        self.lease, has_lock = take_lock(objects, lock_name(name), sightings, waits)
        try:
            self._pieces = list_pieces(objects, name)
            self.was_there = has_lock or bool(self._pieces)
        except BaseException:
            self.lease.release()
            raise
        self._number = _number(self._pieces[-1]) if self._pieces else 0
        self._held = HeldLines(self._create_piece, FLUSH_S, FLUSH_BYTES)

    def append(self, line: bytes) -> None:
        """Adds a line, or several.

        Raises:
            OutputError: Lines before it could not be written, or another run has taken the journal over.
        """
        self.lease.check()
        self._held.add(line)

    def flush(self) -> None:
        """Returns when all lines are there; threads that wait for it at the same time share an object.

        Raises:
            OutputError: They cannot be written, or another run has taken the journal over.
        """
        self._held.flush()

    def empty(self) -> None:
        """Empties it; its lock stays, and says that the run has not come to its end.

        Raises:
            OutputError: It cannot be emptied.
        """
        self.lease.check()
        self._held.clear(self._delete_pieces)

    def remove(self) -> None:
        """Removes it, and its lock last.

        Raises:
            OutputError: It cannot be removed.
        """
        self.empty()
        self.lease.remove()
        self._held.end()

    def close(self) -> None:
        """Lets others have it."""
        self._held.end()
        self.lease.release()

    def withdraw(self) -> None:
        """Closes it as if it had never been, if nothing was noted; else with all that was."""
        with contextlib.suppress(OutputError):
            # A run that has it begins a line at once, and notes sheets after that.
            if not self.was_there and not self._pieces and len(self._held) <= len(b"\n"):
                self.remove()
            else:
                self.flush()
        self.close()

    def _create_piece(self, lines: bytes) -> None:
        self.lease.check()
        piece = f"{self._name}/{self._number + 1:06d}.jsonl"
        if self._objects.create(piece, lines) is None:
            raise refuse(self._objects.locate(""))
        self._number += 1
        self._pieces.append(piece)

    def _delete_pieces(self) -> None:
        self._objects.delete(self._pieces)
        self._pieces.clear()


def _number(piece: str) -> int:
    return int(piece.rpartition("/")[2].removesuffix(".jsonl"))
