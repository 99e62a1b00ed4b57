"""What is asked of the place that a run writes to: a folder of the disk, or a part of an object store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol

from render.files.growing_file import GrowingFile

# Of the names of journals, of which a store has no files.
JOURNAL_ENDING = ".journal"


class Journal(Protocol):
    """Lines that one run adds while no other may.

    Attributes:
        was_there: From a run that did not come to its end.
    """

    was_there: bool

    def append(self, line: bytes) -> None:
        """Adds a line, or several, which may wait for others; it raises OutputError where that cannot be."""

    def flush(self) -> None:
        """Returns when all lines are where the next run finds them; it raises what `append` does."""

    def empty(self) -> None:
        """Empties it, when what it held is somewhere else; it raises what `append` does."""

    def remove(self) -> None:
        """Removes it, when the run has come to its end; it raises what `append` does."""

    def close(self) -> None:
        """Lets others have it."""

    def withdraw(self) -> None:
        """Closes it as if it had never been, if nothing was noted: it would tell of a run that was killed."""


class Readable(Protocol):
    """What lies below one place, read by names with the folders above them.

    Nothing outside of it is ever read, and no link is followed out of it. Of a place that cannot be reached
    OutputError tells.

    Attributes:
        has_whole_files: Whether a file that is as long as it was written is what was written, as long as all
            who change it note that before. Stores have all of a file or nothing; of a disk that lost its
            power only reading tells.
        reads_at_once: How many files are best read side by side.
    """

    has_whole_files: bool
    reads_at_once: int

    def locate(self, name: str = "") -> str:
        """What messages call a file, or the place itself."""

    def measure(self, name: str) -> int | None:
        """The length of a file in bytes; None where there is none of its own, such as of a link."""

    def open(self, name: str) -> BinaryIO:
        """Opens a file to be read, at any place of it.

        Raises:
            OSError: It cannot be opened; FileNotFoundError where it is not there, if its first reading does
                not raise that.
        """

    def read_lines(self, name: str, longest: int) -> Iterator[bytes]:
        """The lines of a file or of a journal; none where it is not there.

        Args:
            name: Of it.
            longest: Bytes after which a line is cut.

        Raises:
            OSError: It cannot be read.
        """

    def read_end(self, name: str, length: int) -> bytes:
        """The last bytes of a file or of a journal, at most `length`; it raises what `open` does."""

    def list_names(self, prefix: str) -> list[str]:
        """The names of all files and journals right at the place that begin so, in no order."""


class Output(Readable, Protocol):
    """Where a run writes, and nowhere else: a file is there whole or not at all.

    `SheetError` says that this name cannot be, `OutputError` that nothing can be written.
    """

    def write(self, name: str, data: bytes | memoryview, is_durable: bool = False) -> None:
        """Writes a file, replacing what is there; see `OutputDir.write`."""

    def write_together(
        self, files: Mapping[str, bytes | memoryview], begin: Callable[[], None] | None = None
    ) -> None:
        """Writes files that are of no use one without the other; see `OutputDir.write_together`."""

    def create(self, name: str, is_durable: bool = False) -> AbstractContextManager[GrowingFile]:
        """A file that is written bit by bit, as long as the context lasts; see `OutputDir.create`."""

    def remove(self, name: str) -> None:
        """Removes a file if it is there."""

    def list_folders(self, name: str) -> list[str]:
        """The names of the folders in a folder, in order; none where there is no such folder."""

    def remove_folder(self, name: str) -> None:
        """Removes a folder with all that is in it."""

    def remove_empty_folder(self, name: str) -> None:
        """Removes a folder right below the place, if it is there and empty."""

    def remove_temporaries(self, tags: Iterable[str]) -> None:
        """Removes what runs of these tags left that were killed while they wrote."""

    def open_journal(self, name: str, waits: bool = False) -> Journal:
        """A journal, made if there is none, which nobody else has until it is closed.

        Args:
            name: Of it.
            waits: For another run that has it.

        Raises:
            OutputError: It cannot be opened.
            InUseError: Another run has it, and `waits` is not set.
        """

    def make_sure_nobody_has(self, name: str) -> None:
        """Raises InUseError where a run has this journal."""
