"""A folder of the disk that is read by names."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from functools import partial
from io import BufferedReader
from pathlib import Path

from render.files.regular import open_regular


class ReadableDir:
    """A folder whose files are read; see `Readable`.

    Args:
        path: The folder, which need not be there.
    """

    has_whole_files = False
    reads_at_once = 1

    def __init__(self, path: Path) -> None:
        self.path = path

    def locate(self, name: str = "") -> str:
        """What messages call a file, or the folder itself."""
        return str(self.path / name)

    def measure(self, name: str) -> int | None:
        """The length of a file in bytes; None where there is none, and of a link."""
        try:
            status = (self.path / name).lstat()
        except OSError:
            return None
        return status.st_size if stat.S_ISREG(status.st_mode) else None

    def open(self, name: str) -> BufferedReader:
        """Opens a file to be read; it raises what `open_regular` does."""
        return open_regular(self.path / name)

    def read_lines(self, name: str, longest: int) -> Iterator[bytes]:
        """The lines of a file, cut after `longest` bytes; none where it is not there.

        Raises:
            OSError: It cannot be read.
        """
        try:
            file = self.open(name)
        except FileNotFoundError:
            return
        with file:
            yield from iter(partial(file.readline, longest), b"")

    def read_end(self, name: str, length: int) -> bytes:
        """The last bytes of a file, at most `length`; it raises what `open` does."""
        with self.open(name) as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - length))
            return file.read()

    def list_names(self, prefix: str) -> list[str]:
        """The names of all files right in the folder that begin so, in no order."""
        try:
            with os.scandir(self.path) as entries:
                return [entry.name for entry in entries if entry.name.startswith(prefix)]
        except (FileNotFoundError, NotADirectoryError):
            return []
