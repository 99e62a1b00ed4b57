"""What is finished in an output folder, kept so that it outlives the run, however that ends.

While a run writes, each finished sheet is a line of its journal, a hidden file that is also the run's lock.
When it ends, all records go into the manifest, in the order of the fit file. A journal that is there while no
run holds it says that a run did not come to its end.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from render.digest import hash_file
from render.disk import explain_failure
from render.errors import OutputError
from render.manifest import (
    Record,
    find_tags,
    format_manifest,
    format_record,
    journal_name,
    manifest_name,
    read_records,
)
from render.report import remove_failures_of_shards
from render.write.atomic import SETTING, OutputDir

# The end of a journal whose run has written manifest and failures of the whole, and has only to remove those
# of the shards.
_IS_WRITTEN = b'"written"\n'


class Ledger:
    """The records of one run, or of one shard of it, and those that runs before it left.

    output: the folder. tag: of the shard, nothing for the whole. Raises OutputError where another run is
    writing the same sheets. Not for several threads at a time.
    """

    def __init__(self, output: OutputDir, tag: str = "") -> None:
        self._output = output
        self._tag = tag
        self._journal = output.path / journal_name(tag)
        self._locks: dict[str, int] = {}
        self._done: dict[str, Record] = {}
        self._was_killed = self._journal.exists()
        try:
            self._lock_all()
            if self._was_killed or len(self._locks) > 1:
                output.remove_temporaries(self._locks)
            self._earlier = self._read(
                [manifest_name(tag) for tag in find_tags(output.path, manifest_name)]
                + [journal_name(tag) for tag in find_tags(output.path, journal_name)]
            )
            # Begins a line of its own, whatever the last one has come to; and shows that there is room.
            self._append(b"\n")
        except BaseException:
            self.withdraw()
            raise

    def list_records(self, sheet: str) -> list[Record]:
        """What earlier runs have noted of a sheet's file, the latest first; it need not be true any more."""
        return self._earlier.get(sheet, [])

    @property
    def is_new(self) -> bool:
        """Whether no run has finished any sheet here yet."""
        return not self._earlier

    def is_whole(self, record: Record) -> bool:
        """Whether the file of a record is there as it was written."""
        try:
            return (
                self._has_length(record) and hash_file(self._output.path / record.sheet) == record.file.sha256
            )
        except OSError:
            return False

    def list_missing(self) -> list[str]:
        """Sheets that shards have noted and whose files are not there as long as they were written."""
        tags = filter(None, find_tags(self._output.path, manifest_name))
        noted = self._read(map(manifest_name, tags))
        return [sheet for sheet in noted if not any(map(self._has_length, self._earlier[sheet]))]

    def add(self, record: Record) -> None:
        """Notes a sheet whose file is there. Raises OutputError where it cannot be noted."""
        self._done[record.sheet] = record
        self._append(format_record(record).encode())

    def keep(self, record: Record) -> None:
        """Counts a sheet in that an earlier run has finished."""
        self._done[record.sheet] = record

    def close(self, is_finished: bool) -> None:
        """Writes the manifest; one for all shards if this run is of the whole, and removes what they noted.

        is_finished: the run came to its end, whether or not all sheets could be made; its failures are
        written. Else the journal stays to say so. Raises OutputError where the manifest cannot be written;
        the journal then keeps what it has.
        """
        records = [*self._done.values(), *self._list_others()]
        self._output.write(manifest_name(self._tag), format_manifest(records))
        try:
            if is_finished:
                if not self._tag:
                    self._remove_shards()
                # The own one last: it tells of all that is left to do.
                for tag in reversed(self._locks):
                    (self._output.path / journal_name(tag)).unlink(missing_ok=True)
            else:
                os.ftruncate(self._locks[self._tag], 0)
        except OSError as error:
            raise _unwritable(Path(error.filename or self._journal), error) from error
        self.abandon()

    def abandon(self) -> None:
        """Leaves everything to the next run, as if this one had been killed."""
        for journal in self._locks.values():
            os.close(journal)
        self._locks.clear()

    def withdraw(self) -> None:
        """As if it had never been; only before anything is noted."""
        journal = self._locks.get(self._tag)
        # Else it would tell of a run that was killed.
        if journal is not None and not self._was_killed and os.fstat(journal).st_size <= len(b"\n"):
            with contextlib.suppress(OSError):
                self._journal.unlink()
        self.abandon()

    def _lock_all(self) -> None:
        self._lock(self._tag, fcntl.LOCK_EX)
        if not self._tag:
            for tag in find_tags(self._output.path, journal_name):
                if tag:
                    self._lock(tag, fcntl.LOCK_EX)
        else:
            # Only to see that no run of the whole is under way; other shards may look at the same time.
            self._lock("", fcntl.LOCK_SH)
            if "" in self._locks:
                os.close(self._locks.pop(""))

    def _remove_shards(self) -> None:
        """Manifests and failures of shards, when those of the whole are written."""
        tags = list(filter(None, find_tags(self._output.path, manifest_name)))
        if tags:
            self._append(_IS_WRITTEN)
        for tag in tags:
            (self._output.path / manifest_name(tag)).unlink(missing_ok=True)
        remove_failures_of_shards(self._output.path)

    def _read(self, names: Iterable[str]) -> dict[str, list[Record]]:
        """By sheet, what stands in later files first."""
        found: dict[str, list[Record]] = {}
        for name in names:
            path = self._output.path / name
            try:
                for record in read_records(path):
                    found.setdefault(record.sheet, []).insert(0, record)
            except OSError as error:
                raise OutputError(
                    f"{path}: cannot be read: {explain_failure(path, error, SETTING)}."
                ) from error
        return found

    def _list_others(self) -> Iterator[Record]:
        """Records of sheets that are not of this run, as long as their files are there.

        A shard answers for its own manifest only.
        """
        earlier = self._earlier
        if self._tag:
            earlier = self._read([manifest_name(self._tag), journal_name(self._tag)])
        for sheet, records in earlier.items():
            if sheet in self._done:
                continue
            if len(records) == 1:
                yield from [record for record in records if self._has_length(record)]
            else:
                yield from [record for record in records if self.is_whole(record)][:1]

    def _has_length(self, record: Record) -> bool:
        try:
            status = (self._output.path / record.sheet).lstat()
        except OSError:
            return False
        return stat.S_ISREG(status.st_mode) and status.st_size == record.file.bytes

    def _lock(self, tag: str, kind: int) -> None:
        """Opens the journal of a tag; only to share it, it is not made.

        Raises OutputError where another run has it or it cannot be opened.
        """
        path = self._output.path / journal_name(tag)
        flags = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        if kind == fcntl.LOCK_EX:
            flags |= os.O_CREAT
        while True:
            try:
                journal = os.open(path, flags, 0o666)
            except OSError as error:
                if kind == fcntl.LOCK_SH and isinstance(error, FileNotFoundError):
                    return
                raise _unwritable(path, error) from error
            try:
                fcntl.flock(journal, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(journal)
                raise OutputError(
                    f"{self._output.path}: another run is writing the same sheets there. Wait until it has "
                    f"ended, or set output.dir to a folder of its own."
                ) from None
            except OSError:
                # A file system without locks: nothing tells runs apart there.
                pass
            # The run that had it may have ended and removed it meanwhile.
            if os.fstat(journal).st_nlink:
                self._locks[tag] = journal
                return
            os.close(journal)

    def _append(self, line: bytes) -> None:
        view = memoryview(line)
        try:
            while len(view):
                view = view[os.write(self._locks[self._tag], view) :]
        except OSError as error:
            raise _unwritable(self._journal, error) from error


def was_written(folder: Path) -> bool:
    """Whether a run or a merge of the whole was killed with nothing left but to remove what shards noted."""
    try:
        with (folder / journal_name("")).open("rb") as journal:
            size = journal.seek(0, os.SEEK_END)
            journal.seek(max(0, size - 64))
            # Who opens it begins a line.
            return journal.read().rstrip(b"\n").endswith(_IS_WRITTEN.rstrip(b"\n"))
    except OSError:
        return False


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path}: cannot be written: {explain_failure(path, error, SETTING)}.")
