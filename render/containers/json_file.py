"""JSON files that the user names, with errors that say what to do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from render.containers.json_stream import JsonFault, JsonStream, NotJsonError
from render.errors import FitFileError
from render.files.regular import IrregularFileError, open_regular


@dataclass(frozen=True)
class JsonFile:
    """A file with lists of entries, or an object of entries, and the words for its errors.

    Attributes:
        path: Of the file.
        kind: What it is, such as "an EFT fit file".
        layout: What that looks like.
        content: What an entry is, in the plural.
        setting: The setting that names the file.
        served_from: A sentence on where to get it.
        entries_key: The key of its list of entries, where it has one.
    """

    path: Path
    kind: str
    layout: str
    content: str
    setting: str
    served_from: str
    entries_key: str = ""

    def read_entries(self) -> Iterator[Any]:
        """Reads the list of entries.

        Yields:
            The entries, one at a time.

        Raises:
            FitFileError: There is no such list, it is empty, or the file turns out to be damaged behind the
                entries that have come by then.
        """
        for _, entry in self.read_lists(self.entries_key):
            yield entry

    def read_lists(self, *keys: str, optional: Collection[str] = ()) -> Iterator[tuple[str, Any]]:
        """Reads several lists, whichever comes first.

        Args:
            *keys: Of the lists.
            optional: Of further lists, which need not be there.

        Yields:
            The key of a list and one of its entries, one at a time.

        Raises:
            FitFileError: As `read_entries` does.
        """
        yield from self._read(lambda stream: stream.read_lists(*keys, optional=optional))

    def read_pairs(self) -> Iterator[tuple[str, Any]]:
        """Reads a file that is one object of entries.

        Yields:
            Its keys and entries, one at a time; a key that is there twice comes twice.

        Raises:
            FitFileError: It is no object, it is empty, or the file turns out to be damaged behind the entries
                that have come by then.
        """
        yield from self._read(JsonStream.read_pairs)

    def _read(self, read: Callable[[JsonStream], Iterator[tuple[str, Any]]]) -> Iterator[tuple[str, Any]]:
        # What is usually wrong has words of its own; the JSON reader would only say what it stumbled over.
        again = f"Download it again: {self.served_from}"
        try:
            with self._open() as file:
                start = file.read(512)
                if not start.strip() and len(start) < 512:
                    self.refuse("the file is empty", again)
                if start.startswith(b"version https://git-lfs"):
                    self.refuse(
                        "found a git-lfs pointer instead of the file",
                        "Fetch the file itself with `git lfs pull`",
                    )
                if start.lstrip().startswith(b"<"):
                    self.refuse("found a web page (HTML) saved under this name", again)
                file.seek(0)
                yield from read(JsonStream(file))
        except NotJsonError as fault:
            self.refuse(str(fault), again)
        except JsonFault as fault:
            self.refuse(str(fault), f"Set {self.setting} to {self.kind} with {self.content} in it")
        except OSError as error:
            self.refuse(f"it cannot be read ({error.strerror})", "Check the file's permissions and the disk")

    def refuse(self, found: str, advice: str) -> NoReturn:
        """Says that the file cannot be used.

        Args:
            found: What is there instead.
            advice: What to do.

        Raises:
            FitFileError: Always; it names the file, what was expected and found, and what to do.
        """
        raise FitFileError(f"{self.path}: expected {self.kind}: {self.layout}; {found}. {advice}.")

    def _open(self) -> BinaryIO:
        try:
            return open_regular(self.path)
        except IsADirectoryError:
            self.refuse("found a folder", f"Set {self.setting} to the JSON file itself")
        except IrregularFileError:
            self.refuse(
                "found a pipe, a socket or a device, not a regular file",
                f"Write its content to a file, which is read more than once, and set {self.setting} to that",
            )
        except FileNotFoundError:
            self.refuse("there is no such file", f"{self.served_from}; {self.setting} sets the path")
