"""Files that are there whole or not at all, and never outside the output folder."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path

from render.errors import OutputError, SheetError

# RuntimeError: a loop of links. ValueError: a name that no file system takes.
_FAILURES = (OSError, RuntimeError, ValueError)


class OutputDir:
    """The folder that a run writes into, and nowhere else.

    Each folder below it is followed once: a link that takes its place while the run writes is not noticed.
    """

    def __init__(self, path: Path) -> None:
        """Makes the folder and proves that files can be written there; raises OutputError otherwise."""
        self.path = path
        # Folders that have been found to be below it, and where they really are.
        self._folders: dict[Path, Path] = {}
        probe = path / f".{secrets.token_hex(8)}.probe"
        try:
            self._write(probe, b"can this be written?")
            probe.unlink()
        except _FAILURES as error:
            raise OutputError(f"{path}: nothing can be written there: {_reason(probe, error)}.") from error

    def write(self, name: str, data: bytes | memoryview) -> None:
        """Writes `data` to the file `name` below the folder, replacing it; makes the folders it needs.

        The data go to a temporary file in the same folder, which then takes the name: whoever looks, and
        whenever the process is stopped, finds the old file, the new one, or none. Raises SheetError if the
        path is too long for the file system, OutputError where the file cannot be written or its path leads
        out of the folder; the temporary file is then gone. Threads may write at the same time.
        """
        path = self.path / name
        try:
            try:
                self._write(path, data)
            except FileNotFoundError:
                # Someone removed the folder meanwhile.
                self._folders.clear()
                self._write(path, data)
        except _FAILURES as error:
            # Another sheet's path may be short enough.
            kind = SheetError if getattr(error, "errno", None) == errno.ENAMETOOLONG else OutputError
            raise kind(f"{path}: cannot be written: {_reason(path, error)}.") from error

    def _write(self, path: Path, data: bytes | memoryview) -> None:
        folder = self._folders.get(path.parent) or self._open_folder(path.parent)
        temporary = f"{folder}/.{secrets.token_hex(8)}.tmp"
        try:
            # Not `tempfile`, whose files only their owner may read. Not buffered: the data come in one piece.
            with open(temporary, "xb", buffering=0) as file:
                view = memoryview(data)
                while len(view):
                    view = view[file.write(view) :]
            os.replace(temporary, f"{folder}/{path.name}")
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
            raise

    def _open_folder(self, folder: Path) -> Path:
        # Before any folder is made: a link must not make us make folders elsewhere.
        resolved = folder.resolve()
        if not resolved.is_relative_to(self.path.resolve()):
            raise OutputError(
                f"{folder}: expected a place below {self.path}, found that it leads to {resolved}. "
                f"Remove the symbolic link, or set output.dir to the folder it leads to."
            )
        resolved.mkdir(parents=True, exist_ok=True)
        self._folders[folder] = resolved
        return resolved


def _reason(path: Path, error: Exception) -> str:
    """Why, and what to do."""
    match getattr(error, "errno", None):
        case errno.EACCES | errno.EPERM:
            return "no permission. Set output.dir to a folder of yours, or change the folder's permissions"
        case errno.EROFS:
            return "the file system is read-only. Set output.dir to another place"
        case errno.ENOSPC | errno.EDQUOT:
            return "the disk or the quota is full. Free some space or set output.dir to another disk"
        case errno.ENOTDIR | errno.EEXIST:
            blocker = next(
                (folder for folder in path.parents if folder.exists() and not folder.is_dir()), path
            )
            return f"{blocker} is a file where a folder is needed. Remove it or set output.dir elsewhere"
        case errno.EISDIR:
            return "a folder of that name is in the way. Remove it or set output.dir elsewhere"
        case errno.ENAMETOOLONG:
            return "the path is too long for the file system. Set output.dir to a shorter path"
        case _:
            return f"{error}. Check output.dir"
