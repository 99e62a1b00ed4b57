"""Steps of files that take their names when they are whole."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path

from render.errors import OutputError, SheetError
from render.files.faults import explain_failure
from render.files.regular import check_regular

# What says where files go.
SETTING = "output.dir"


def try_to_write(probe: Path) -> None:
    """Writes and removes a file.

    Raises:
        OSError: It cannot be written.
    """
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


def write_new(path: str, data: bytes | memoryview, is_durable: bool = False) -> None:
    """Writes a file that is not there yet.

    By its descriptor: each call of the system lets go of the interpreter's lock and takes it again, and a
    file of Python's makes more of them.

    Args:
        path: Of the file.
        data: All of it.
        is_durable: Returns when the data are on the disk.

    Raises:
        OSError: It cannot be written; what is there of it stays.
    """
    # Not `tempfile`, whose files only their owner may read.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        view = memoryview(data)
        # It may write less.
        while len(view):
            view = view[os.write(descriptor, view) :]
        if is_durable:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def unlink(path: str) -> None:
    """Removes a file that may not be there; a folder in its way stays, as whoever tried to write is told."""
    with contextlib.suppress(FileNotFoundError, IsADirectoryError):
        os.unlink(path)


def check_name(path: Path) -> None:
    """Raises OSError where a file cannot take this name."""
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISDIR(os.lstat(path).st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))


def not_written(path: Path, error: Exception) -> OutputError | SheetError:
    """What is raised of a file that cannot be written."""
    # Another sheet's path may be short enough, or of characters that the locale has.
    is_its_name = isinstance(error, UnicodeEncodeError) or (
        isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG
    )
    kind = SheetError if is_its_name else OutputError
    return kind(f"{path}: cannot be written: {explain_failure(path, error, SETTING)}.")
