"""What the file system says of a file that is to be put somewhere, in words."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from render.files.regular import IrregularFileError


def explain_failure(path: Path, error: Exception, setting: str) -> str:
    """Why a file cannot be written or read, and what to do.

    Args:
        path: Of the file.
        error: What was raised.
        setting: The one that says where the file goes.
    """
    if isinstance(error, UnicodeEncodeError):
        return "the locale's encoding cannot encode this name. Set LC_ALL=C.UTF-8"
    match errno.ENXIO if isinstance(error, IrregularFileError) else getattr(error, "errno", None):
        case errno.EACCES | errno.EPERM:
            return f"no permission. Set {setting} to a folder of yours, or change the folder's permissions"
        case errno.EROFS:
            return f"the file system is read-only. Set {setting} to another place"
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return (
                f"the disk or the quota is full. Free some space and run the same command again, or set "
                f"{setting} to another disk"
            )
        case errno.ELOOP:
            return f"a symbolic link is in the way. Remove it or set {setting} elsewhere"
        case errno.ENOTDIR | errno.EEXIST:
            # The message of the system names the path alone, not which part of it is a file.
            blocker = next(
                (one for one in path.parents if os.path.exists(one) and not os.path.isdir(one)), path
            )
            return f"{blocker} is a file where a folder is needed. Remove it or set {setting} elsewhere"
        # As opening a socket, or a pipe that nobody reads, has it.
        case errno.ENXIO:
            return f"a pipe, a socket or a device is in the way. Remove it or set {setting} elsewhere"
        case errno.EISDIR:
            return f"a folder of that name is in the way. Remove it or set {setting} elsewhere"
        case errno.ENAMETOOLONG:
            return f"the path is too long for the file system. Set {setting} to a shorter path"
        case _:
            return f"{error}. Check {setting}"
