"""What the file system says of a file that is to be put somewhere, in words."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from render.errors import DownloadError


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turns the errors of writing `path` into a DownloadError that says what to do."""
    try:
        yield
    # ValueError: a name that no file system takes.
    except (OSError, ValueError) as error:
        raise DownloadError(f"{path}: cannot be written: {_reason(error)}.") from error


def _reason(error: Exception) -> str:
    match getattr(error, "errno", None):
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return "no permission. Choose another place for the file, or change the folder's permissions"
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return "the disk or the quota is full. Free some space and run the same command again"
        case errno.ELOOP:
            return "a symbolic link is in the way. Remove it"
        case errno.ENOTDIR | errno.EEXIST:
            return "a file is where a folder is needed. Remove it or choose another place for the file"
        case errno.EISDIR:
            return "a folder of that name is in the way. Remove it"
        case _:
            return f"{error}. Choose another place for the file"
