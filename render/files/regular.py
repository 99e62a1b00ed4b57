"""Regular files, opened without waiting: a pipe of that name would make a reader wait for ever."""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path


class IrregularFileError(OSError):
    """What has the name of a file is a pipe, a socket or a device."""


def open_regular(path: Path) -> BufferedReader:
    """Opens a file to be read.

    Args:
        path: Of the file.

    Raises:
        IrregularFileError: It is a pipe, a socket or a device.
        OSError: It cannot be opened, as `open` has it.
    """
    return open(path, "rb", opener=_open_and_check)


def read_regular(path: Path) -> bytes:
    """All of a file; it raises what `open_regular` does."""
    # All at once, so there is nothing to buffer.
    with open(path, "rb", buffering=0, opener=_open_and_check) as file:
        return file.read()


def check_regular(descriptor: int, path: Path) -> None:
    """Raises IrregularFileError where what was opened as `path` is a pipe, a socket or a device.

    For what is opened to be written to, which takes O_NONBLOCK.
    """
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise IrregularFileError(errno.EINVAL, _REASON, str(path))


def _open_and_check(path: str, flags: int) -> int:
    try:
        descriptor = os.open(path, flags | os.O_NONBLOCK)
    except OSError as error:
        # As Linux has it for sockets, and for devices without a driver.
        if error.errno == errno.ENXIO:
            raise IrregularFileError(errno.ENXIO, _REASON, path) from error
        raise
    mode = os.fstat(descriptor).st_mode
    # Folders are refused by `open` itself.
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return descriptor
    os.close(descriptor)
    raise IrregularFileError(errno.EINVAL, _REASON, path)


_REASON = "Not a regular file"
