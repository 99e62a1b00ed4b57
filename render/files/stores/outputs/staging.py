"""Files that wait to be packed into a tar: in a file of this machine that has no name.

On an object store each of them would be a request to write, one to read and one to remove. The system forgets
a file without a name with the process that has it, however that ends; what was in it is drawn again.
"""

from __future__ import annotations

import io
import os
import tempfile
import threading
from pathlib import Path
from typing import BinaryIO

from render.errors import OutputError
from render.files.faults import explain_failure

# What says where such files are.
SCRATCH_SETTING = "TMPDIR"


def open_scratch() -> BinaryIO:
    """An empty file without a name.

    Raises:
        OutputError: There is no room for one.
    """
    try:
        # Typeshed has it as what wraps a file; without a buffer it is the file itself.
        return tempfile.TemporaryFile(buffering=0)  # type: ignore[return-value]
    except OSError as error:
        raise explain_scratch(error) from error


def explain_scratch(error: OSError) -> OutputError:
    """What is raised where such a file cannot be written."""
    folder = Path(tempfile.gettempdir())
    reason = explain_failure(folder / "scratch", error, SCRATCH_SETTING)
    return OutputError(f"{folder}: files that are on their way to a store cannot be written: {reason}.")


class Staging:
    """Files in folders, each folder one file without a name. Threads use it at the same time."""

    def __init__(self) -> None:
        self._files: dict[str, BinaryIO] = {}
        # Of each name in a folder where it begins, and its length.
        self._places: dict[str, dict[str, tuple[int, int]]] = {}
        self._lock = threading.Lock()

    def write(self, name: str, data: bytes | memoryview) -> None:
        """Writes a file, in the place of one that is there.

        Args:
            name: Of it, with its folder.
            data: All of it.

        Raises:
            OutputError: There is no room for it.
        """
        folder, _, base = name.rpartition("/")
        with self._lock:
            if folder not in self._files:
                self._files[folder], self._places[folder] = open_scratch(), {}
            try:
                start = self._files[folder].seek(0, os.SEEK_END)
                view = memoryview(data).cast("B")
                length = len(view)
                while len(view):
                    view = view[self._files[folder].write(view) :]
            except OSError as error:
                raise explain_scratch(error) from error
            self._places[folder][base] = start, length

    def measure(self, name: str) -> int | None:
        """The length of a file; None where there is none."""
        with self._lock:
            place = self._find(name)
        return None if place is None else place[1]

    def open(self, name: str) -> BinaryIO:
        """A file to be read, which is held in memory.

        Raises:
            FileNotFoundError: There is none.
            OSError: It cannot be read.
        """
        with self._lock:
            place = self._find(name)
            if place is None:
                raise FileNotFoundError(f"{name}: there is no such file any more")
            number = self._files[name.rpartition("/")[0]].fileno()
            start, length = place
            content = bytearray()
            # The system may read less than it is asked for.
            while piece := os.pread(number, length - len(content), start + len(content)):
                content += piece
            return io.BytesIO(content)

    def remove(self, name: str) -> None:
        """Removes a file if it is there; its room is free when the folder has no other."""
        folder, _, base = name.rpartition("/")
        with self._lock:
            places = self._places.get(folder, {})
            places.pop(base, None)
            if not places:
                self._close(folder)

    def list_folders(self) -> list[str]:
        """The folders, in order."""
        with self._lock:
            return sorted(self._files)

    def remove_folder(self, folder: str) -> None:
        """Removes a folder if it is there, with all that is in it."""
        with self._lock:
            self._close(folder)

    def _find(self, name: str) -> tuple[int, int] | None:
        folder, _, base = name.rpartition("/")
        return self._places.get(folder, {}).get(base)

    def _close(self, folder: str) -> None:
        if folder in self._files:
            self._files.pop(folder).close()
            del self._places[folder]
