"""Files that are there whole or not at all, and never outside the output folder."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import FileIO
from itertools import count
from pathlib import Path

from render.errors import OutputError
from render.files.faults import explain_failure
from render.files.growing_file import GrowingFile
from render.files.journal import DiskJournal, make_sure_nobody_has
from render.files.placing import SETTING, check_name, not_written, try_to_write, unlink, write_new
from render.files.readable_dir import ReadableDir

# RuntimeError: a loop of links. ValueError: a name that no file system takes.
_FAILURES = (OSError, RuntimeError, ValueError)
_TEMPORARY = ".tmp"


class OutputDir(ReadableDir):
    """The folder that a run writes into, and nowhere else; see `Output`.

    Each folder below it is followed once: a link that takes its place while the run writes is not noticed.

    Args:
        path: The folder, which is made.
        tag: Of runs that write into the same folder at the same time, to tell their temporary files apart.

    Raises:
        OutputError: Files cannot be written there.
    """

    def __init__(self, path: Path, tag: str = "") -> None:
        super().__init__(path)
        # Folders that have been found to be below it, and where they really are.
        self._folders: dict[str, Path] = {}
        # That nobody else has, with a number of each file.
        self._prefix, self._numbers = _prefix(tag) + secrets.token_hex(8), count()
        # Its name is always the same, so that one that a killed run has left is gone with the next.
        probe = path / ".probe"
        try:
            self._open_folder(path)
            try_to_write(probe)
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
            raise not_written(path, error) from error

    def write_together(
        self, files: Mapping[str, bytes | memoryview], begin: Callable[[], None] | None = None
    ) -> None:
        """Writes files that are of no use one without the other, replacing what is there.

        All of them are written under other names first, so that a full disk or a name that cannot be leaves
        what was there. Then they take their names one after the other. What hinders one of them then removes
        them all; a process that is killed there leaves some of them.

        Args:
            files: By name, with the folders above it.
            begin: Called before the first file takes its name.

        Raises:
            SheetError: A path is too long for the file system.
            OutputError: A file cannot be written or its path leads out of the folder.
        """
        try:
            self._write_together(files, begin)
        except OutputError as error:
            # As in `write`.
            if not isinstance(error.__cause__, FileNotFoundError):
                raise
            self._folders.clear()
            self._write_together(files, begin)

    @contextlib.contextmanager
    def create(self, name: str, is_durable: bool = False) -> Iterator[GrowingFile]:
        """A file below the folder that is written bit by bit, for as long as the context lasts.

        As with `write` it is whole or not there: it takes its name, in the place of what is there, when the
        context ends; where the context ends by an error it is removed.

        Args:
            name: Of the file, with the folders above it.
            is_durable: As in `write`.

        Yields:
            The file, empty, at its start. When the context has ended, its `id` says what it is known by.

        Raises:
            SheetError: The path is too long for the file system.
            OutputError: The file cannot be written or its path leads out of the folder; its own methods raise
                it too.
        """
        path = self.path / name
        with contextlib.ExitStack() as stack:
            try:
                try:
                    raw = stack.enter_context(self._open_new(path, is_durable))
                except FileNotFoundError:
                    self._folders.clear()
                    raw = stack.enter_context(self._open_new(path, is_durable))
                # Now, not when all the work is done.
                check_name(path)
                file = GrowingFile(raw.fileno(), path, SETTING)
            except _FAILURES as error:
                raise not_written(path, error) from error
            yield file
            found = file.identify()
            try:
                stack.close()
            except _FAILURES as error:
                raise not_written(path, error) from error
            file.id = found

    def remove(self, name: str) -> None:
        """Removes a file below the folder if it is there.

        Args:
            name: Of the file, with the folders above it.

        Raises:
            OutputError: It cannot be removed, or its path leads out of the folder.
        """
        path = self.path / name
        try:
            self._check_folder(path.parent)
            path.unlink(missing_ok=True)
        except _FAILURES as error:
            raise _not_removed(path, error) from error

    def list_folders(self, name: str) -> list[str]:
        """The names of the folders in a folder below the folder, in order; none where there is none."""
        folder = self.path / name
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def remove_folder(self, name: str) -> None:
        """Removes a folder below the folder, with all that is in it; links in it are not followed.

        Args:
            name: Of the folder, with those above it.

        Raises:
            OutputError: It cannot be removed, or its path leads out of the folder.
        """
        path = self.path / name
        try:
            self._check_folder(path.parent)
            shutil.rmtree(path)
        except _FAILURES as error:
            raise _not_removed(path, error) from error

    def remove_empty_folder(self, name: str) -> None:
        """Removes a folder right below the folder, if it is there and empty."""
        with contextlib.suppress(OSError):
            (self.path / name).rmdir()

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

    def open_journal(self, name: str, waits: bool = False) -> DiskJournal:
        """A journal right in the folder, as `DiskJournal` has it."""
        return DiskJournal(self.path / name, waits)

    def make_sure_nobody_has(self, name: str) -> None:
        """Raises InUseError where a run has this journal."""
        make_sure_nobody_has(self.path / name)

    def _write(self, path: Path, data: bytes | memoryview, is_durable: bool) -> None:
        temporary, final = self._name_files(path)
        try:
            write_new(temporary, data, is_durable)
            os.replace(temporary, final)
        except BaseException:
            unlink(temporary)
            raise

    def _write_together(
        self, files: Mapping[str, bytes | memoryview], begin: Callable[[], None] | None
    ) -> None:
        moves: list[tuple[Path, str, str]] = []
        with contextlib.ExitStack() as leftovers:
            for name, data in files.items():
                path = self.path / name
                try:
                    temporary, final = self._name_files(path)
                    leftovers.callback(unlink, temporary)
                    write_new(temporary, data)
                    check_name(path)
                except _FAILURES as error:
                    raise not_written(path, error) from error
                moves.append((path, temporary, final))
            if begin is not None:
                begin()
            try:
                for path, temporary, final in moves:
                    try:
                        os.replace(temporary, final)
                    except _FAILURES as error:
                        raise not_written(path, error) from error
            except BaseException:
                for _, _, final in moves:
                    unlink(final)
                raise
            leftovers.pop_all()

    def _name_files(self, path: Path) -> tuple[str, str]:
        """Where a file is written first, and where it is in the end; makes the folders it needs."""
        above, name = os.path.split(path)
        folder = self._folders.get(above) or self._open_folder(path.parent)
        return f"{folder}/{self._prefix}{next(self._numbers):x}{_TEMPORARY}", f"{folder}/{name}"

    @contextlib.contextmanager
    def _open_new(self, path: Path, is_durable: bool) -> Iterator[FileIO]:
        """An empty file under another name, which takes the name `path` when the context ends well."""
        temporary, final = self._name_files(path)
        try:
            # Not `tempfile`, whose files only their owner may read. No buffer: data come in large pieces.
            with open(temporary, "x+b", buffering=0) as file:
                yield file
                if is_durable:
                    os.fsync(file.fileno())
            os.replace(temporary, final)
        except BaseException:
            unlink(temporary)
            raise

    def _check_folder(self, folder: Path) -> Path:
        """Where a folder really is, which must be below this one."""
        resolved = folder.resolve()
        if not resolved.is_relative_to(self.path.resolve()):
            raise OutputError(
                f"{folder}: expected a place below {self.path}, found that it leads to {resolved}. "
                f"Remove the symbolic link, or set output.dir to the folder it leads to."
            )
        return resolved

    def _open_folder(self, folder: Path) -> Path:
        # Before any folder is made: a link must not make us make folders elsewhere.
        resolved = self._check_folder(folder)
        resolved.mkdir(parents=True, exist_ok=True)
        self._folders[str(folder)] = resolved
        return resolved


def _not_removed(path: Path, error: Exception) -> OutputError:
    return OutputError(f"{path}: cannot be removed: {explain_failure(path, error, SETTING)}.")


def _prefix(tag: str) -> str:
    return f".{tag or 'all'}."
