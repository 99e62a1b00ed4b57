"""A part of an object store that a run writes to."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from render.errors import OutputError
from render.files.growing_file import GrowingFile
from render.files.stores.outputs.journal import StoreJournal, lock_name
from render.files.stores.outputs.lease import Lease, Sightings, wait_until_free
from render.files.stores.outputs.objects import Objects
from render.files.stores.outputs.readable import ReadableStore
from render.files.stores.outputs.staging import SCRATCH_SETTING, Staging, open_scratch
from render.types.products import STAGED

_PROBE = ".probe"
# Files of a product that are on their way at the same time.
_WRITTEN_AT_ONCE = 8


class StoreOutput(ReadableStore):
    """Where a run writes; see `Output`.

    A file is one object, there whole or not at all, so that none needs another name first. Files that wait to
    be packed are on this machine (see `Staging`). What is written here is counted as written as soon as the
    store says so, whatever becomes of the machine.

    Requests of a run: some twenty at its begin and at its end, one for each file, one for some hundred lines
    of its journal or ten seconds of them; one more for a product of several files, which threads share; two
    for a tar and its index. A run that goes on asks for lengths by the thousand (see `Sizes`).

    Args:
        objects: What lies there.
        is_tried: Whether this process has tried out before that it can be written to.

    Raises:
        OutputError: Nothing can be written there, or the store cannot tell runs apart.
    """

    def __init__(self, objects: Objects, is_tried: bool = False) -> None:
        super().__init__(objects)
        self._staging = Staging()
        self._sightings = Sightings()
        self._leases: tuple[Lease, ...] = ()
        if not is_tried:
            _try_out(objects)

    def write(self, name: str, data: bytes | memoryview, is_durable: bool = False) -> None:
        """Writes a file, in the place of what is there; it raises what `OutputDir.write` does."""
        if _is_staged(name):
            self._staging.write(name, data)
            return
        self._check_leases()
        self._objects.put(name, data if isinstance(data, bytes) else data.cast("B"))
        self._sizes.forget(name)

    def write_together(
        self, files: Mapping[str, bytes | memoryview], begin: Callable[[], None] | None = None
    ) -> None:
        """Writes files that are of no use one without the other, side by side.

        What hinders one of them removes them all. It raises what `OutputDir.write_together` does.

        Args:
            files: By name.
            begin: Called before the first of them.
        """
        if begin is not None:
            begin()
        try:
            with ThreadPoolExecutor(min(len(files), _WRITTEN_AT_ONCE) or 1) as pool:
                list(pool.map(self.write, files, files.values()))
        except BaseException:
            with contextlib.suppress(OutputError):
                self._remove_all(files)
            raise

    @contextlib.contextmanager
    def create(self, name: str, is_durable: bool = False) -> Iterator[GrowingFile]:
        """A file that is written bit by bit on this machine, and goes to the store when the context ends.

        It yields and raises what `OutputDir.create` does.

        Args:
            name: Of the file.
            is_durable: It is so in any case.
        """
        self._check_leases()
        with open_scratch() as scratch:
            # What goes wrong while it grows is this machine's.
            shown = Path(tempfile.gettempdir()) / name.rpartition("/")[2]
            file = GrowingFile(scratch.fileno(), shown, SCRATCH_SETTING)
            yield file
            found = file.identify()
            file.seek(0)
            self._check_leases()
            self._objects.put(name, file)
            self._sizes.forget(name)
            file.id = found

    def measure(self, name: str) -> int | None:
        """The length of a file; see `ReadableStore.measure`."""
        return self._staging.measure(name) if _is_staged(name) else super().measure(name)

    def open(self, name: str) -> BinaryIO:
        """A file to be read; see `ReadableStore.open`."""
        return self._staging.open(name) if _is_staged(name) else super().open(name)

    def remove(self, name: str) -> None:
        """Removes a file if it is there.

        Raises:
            OutputError: It cannot be removed.
        """
        self._remove_all([name])

    def list_folders(self, name: str) -> list[str]:
        """The names of the folders in that of files that wait to be packed; there are no others."""
        below = (folder.removeprefix(f"{name}/") for folder in self._staging.list_folders())
        return [folder for folder in below if "/" not in folder]

    def remove_folder(self, name: str) -> None:
        """Removes such a folder."""
        self._staging.remove_folder(name)

    def remove_empty_folder(self, name: str) -> None:
        """There are no empty folders."""

    def remove_temporaries(self, tags: Iterable[str]) -> None:
        """No file has another name first."""

    def open_journal(self, name: str, waits: bool = False) -> StoreJournal:
        """A journal, which nobody else has until it is closed; it raises what `Output.open_journal` does."""
        journal = StoreJournal(self._objects, name, self._sightings, waits)
        self._leases += (journal.lease,)
        return journal

    def make_sure_nobody_has(self, name: str) -> None:
        """Raises OutputError where a run has this journal."""
        wait_until_free(self._objects, lock_name(name), self._sightings, waits=False)

    def _check_leases(self) -> None:
        for lease in self._leases:
            lease.check()

    def _remove_all(self, names: Iterable[str]) -> None:
        staged = [name for name in names if _is_staged(name)]
        for name in staged:
            self._staging.remove(name)
        others = [name for name in names if not _is_staged(name)]
        if others:
            self._check_leases()
            self._objects.delete(others)
        for name in others:
            self._sizes.forget(name)


def _is_staged(name: str) -> bool:
    return name.startswith(f"{STAGED}/")


def _try_out(objects: Objects) -> None:
    """Raises OutputError where nothing can be written, or conditions are of no use.

    A server that takes such requests and ignores what they ask would let two runs write over each other.
    """
    # The next run removes one that a killed one has left. Of workers that begin together each removes what
    # others try out, and a creation may be let be again and again; a name of its own has nobody else.
    if _ignores_conditions(objects, _PROBE) and _ignores_conditions(
        objects, f"{_PROBE}-{secrets.token_hex(8)}"
    ):
        raise OutputError(
            f"{objects.locate('')}: the store writes objects whatever the conditions are (If-None-Match and "
            f"If-Match of S3), so that two runs would not notice each other. Write to another store, or to "
            f"the disk and copy it there."
        )


def _ignores_conditions(objects: Objects, name: str) -> bool:
    mine = [secrets.token_bytes(16) for _ in range(4)]
    earlier = objects.put(name, mine[0])
    objects.put(name, mine[1])
    creates = objects.create(name, mine[2]) is not None
    swaps = not earlier or objects.swap(name, mine[3], earlier) is not None
    objects.delete([name])
    return creates or swaps
