"""Files that are there whole or not at all, and never outside the output folder."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from render.errors import OutputError, SheetError
from render.files.faults import explain_failure
from render.files.regular import check_regular

# RuntimeError: a loop of links. ValueError: a name that no file system takes.
_FAILURES = (OSError, RuntimeError, ValueError)
_TEMPORARY = ".tmp"
# What says where files go.
SETTING = "output.dir"


class OutputDir:
    """The folder that a run writes into, and nowhere else.

    Each folder below it is followed once: a link that takes its place while the run writes is not noticed.

    Args:
        path: The folder, which is made.
        tag: Of runs that write into the same folder at the same time, to tell their temporary files apart.

    Raises:
        OutputError: Files cannot be written there.
    """

    def __init__(self, path: Path, tag: str = "") -> None:
        self.path = path
        # Folders that have been found to be below it, and where they really are.
        self._folders: dict[Path, Path] = {}
        self._prefix = _prefix(tag)
        # Its name is always the same, so that one that a killed run has left is gone with the next.
        probe = path / ".probe"
        try:
            self._open_folder(path)
            _try_to_write(probe)
        except _FAILURES as error:
            raise OutputError(
                f"{path}: nothing can be written there: {explain_failure(probe, error, SETTING)}."
            ) from error

    def write(self, name: str, data: bytes | memoryview, is_durable: bool = False) -> None:
        """Writes a file below the folder, replacing what is there; makes the folders it needs.

        The data go to a temporary file in the same folder, which then takes the name: whoever looks, and
        whenever the process is stopped, finds the old file, the new one, or none. Threads may write at the
        same time.

        Args:
            name: Of the file, with the folders above it.
            data: All of it.
            is_durable: The data are on the disk before the file takes its name, whatever becomes of the
                machine.

        Raises:
            SheetError: The path is too long for the file system.
            OutputError: The file cannot be written or its path leads out of the folder; the temporary file is
                then gone.
        """
        path = self.path / name
        try:
            try:
                self._write(path, data, is_durable)
            except FileNotFoundError:
                # Someone removed the folder meanwhile.
                self._folders.clear()
                self._write(path, data, is_durable)
        except _FAILURES as error:
            # Another sheet's path may be short enough, or of characters that the locale has.
            is_its_name = isinstance(error, UnicodeEncodeError) or (
                isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG
            )
            kind = SheetError if is_its_name else OutputError
            raise kind(f"{path}: cannot be written: {explain_failure(path, error, SETTING)}.") from error

    def remove(self, name: str) -> None:
        """Removes a file below the folder if it is there.

        Args:
            name: Of the file, with the folders above it.

        Raises:
            OutputError: It cannot be removed.
        """
        path = self.path / name
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            reason = explain_failure(path, error, SETTING)
            raise OutputError(f"{path}: cannot be removed: {reason}.") from error

    def remove_temporaries(self, tags: Iterable[str]) -> None:
        """Removes what runs left that were killed while they wrote.

        Args:
            tags: Of those runs; temporary files of others are left alone.
        """
        prefixes = tuple(map(_prefix, tags))
        for folder, _, names in os.walk(self.path):
            for name in names:
                if name.startswith(prefixes) and name.endswith(_TEMPORARY):
                    with contextlib.suppress(FileNotFoundError):
                        os.unlink(os.path.join(folder, name))

    def _write(self, path: Path, data: bytes | memoryview, is_durable: bool) -> None:
        folder = self._folders.get(path.parent) or self._open_folder(path.parent)
        temporary = f"{folder}/{self._prefix}{secrets.token_hex(8)}{_TEMPORARY}"
        try:
            # Not `tempfile`, whose files only their owner may read. Not buffered: the data come in one piece.
            with open(temporary, "xb", buffering=0) as file:
                view = memoryview(data)
                while len(view):
                    view = view[file.write(view) :]
                if is_durable:
                    os.fsync(file.fileno())
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


def _try_to_write(probe: Path) -> None:
    # A link of that name must not make us write elsewhere, and a pipe would make us wait.
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    descriptor = os.open(probe, flags, 0o666)
    try:
        check_regular(descriptor, probe)
    except OSError:
        os.close(descriptor)
        raise
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(b"can this be written?")
    finally:
        # Another run may have tried at the same time.
        probe.unlink(missing_ok=True)


def _prefix(tag: str) -> str:
    return f".{tag or 'all'}."
