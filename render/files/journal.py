"""A file that one run adds lines to while no other may."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from render.errors import InUseError, OutputError
from render.files.faults import explain_failure
from render.files.held_lines import HeldLines
from render.files.placing import SETTING
from render.files.regular import check_regular

# What a process that is killed has noted last is made again: lines of so many seconds, or so many bytes.
HOLD_S, HOLD_BYTES = 0.1, 64 << 10


class DiskJournal:
    """The journal at `path`, made if there is none, and locked until it is closed; see `Journal`.

    Args:
        path: Where it is.
        waits: For another run that has it.

    Attributes:
        was_there: From a run that did not come to its end.

    Raises:
        OutputError: It cannot be opened.
        InUseError: Another run has it, and `waits` is not set.
    """

    def __init__(self, path: Path, waits: bool = False) -> None:
        self._path = path
        self._file, self.was_there = _lock(path, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
        self._held = HeldLines(self._write, HOLD_S, HOLD_BYTES)

    def append(self, line: bytes) -> None:
        """Adds a line, or several, which wait for others.

        Raises:
            OutputError: Lines before it could not be written.
        """
        self._held.add(line)

    def flush(self) -> None:
        """Returns when all lines are written.

        Raises:
            OutputError: They cannot be.
        """
        self._held.flush()

    def empty(self) -> None:
        """Empties it, when what it held is somewhere else.

        Raises:
            OutputError: It cannot be written.
        """
        self._held.clear(self._truncate)

    def remove(self) -> None:
        """Removes the file, when the run has come to its end.

        Raises:
            OutputError: It cannot be removed.
        """
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(self._path, error) from error

    def close(self) -> None:
        """Lets others have it; what is held back is lost."""
        # No write is under way then, and none follows.
        self._held.clear(self._held.end)
        os.close(self._file)

    def withdraw(self) -> None:
        """Closes it as if it had never been, if nothing was noted: it would tell of a run that was killed."""
        with contextlib.suppress(OutputError):
            self.flush()
        # A run that has it begins a line at once, and notes sheets after that.
        if not self.was_there and os.fstat(self._file).st_size <= len(b"\n"):
            with contextlib.suppress(OSError):
                self._path.unlink()
        self.close()

    def _write(self, lines: bytes) -> None:
        # The system may write less than it is given.
        view = memoryview(lines)
        try:
            while len(view):
                view = view[os.write(self._file, view) :]
        except OSError as error:
            raise _unwritable(self._path, error) from error

    def _truncate(self) -> None:
        try:
            os.ftruncate(self._file, 0)
        except OSError as error:
            raise _unwritable(self._path, error) from error


def make_sure_nobody_has(path: Path) -> None:
    """Raises OutputError where a run has the journal at `path`; many may look at the same time."""
    if path.exists():
        file, was_there = _lock(path, fcntl.LOCK_SH | fcntl.LOCK_NB)
        # It went away since, and looking has made it anew.
        if not was_there:
            path.unlink()
        os.close(file)


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path}: cannot be written: {explain_failure(path, error, SETTING)}.")


def _lock(path: Path, kind: int) -> tuple[int, bool]:
    """Opens and locks it; whether it was there before."""
    # Not through a link, which could lead out of the folder; lines are added at the end, whoever else writes.
    flags = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    while True:
        was_there = True
        try:
            try:
                file = os.open(path, flags)
            except FileNotFoundError:
                file, was_there = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o666), False
        except FileExistsError:
            # Another run has made it meanwhile.
            continue
        except OSError as error:
            raise _unwritable(path, error) from error
        try:
            check_regular(file, path)
        except OSError as error:
            os.close(file)
            raise _unwritable(path, error) from error
        try:
            fcntl.flock(file, kind)
        except BlockingIOError:
            os.close(file)
            raise InUseError(
                f"{path.parent}: another run is writing the same sheets there. Wait until it has ended, or "
                f"set output.dir to a folder of its own."
            ) from None
        except OSError:
            # A file system without locks: nothing tells runs apart there.
            pass
        # The run that had it may have ended and removed it meanwhile.
        if os.fstat(file).st_nlink:
            return file, was_there
        os.close(file)
