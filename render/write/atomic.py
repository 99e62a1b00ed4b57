"""Files that are there whole or not at all, and never outside the output folder."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path

from render.errors import OutputError, SheetError

# RuntimeError: a loop of links. ValueError: a name that no file system takes.
_FAILURES = (OSError, RuntimeError, ValueError)


def write_atomically(output_dir: Path, name: str, data: bytes) -> None:
    """Writes `data` to the file `name` below `output_dir`, replacing it; makes the folders it needs.

    The data go to a temporary file in the same folder, which then takes the name: whoever looks, and
    whenever the process is stopped, finds the old file, the new one, or none. Raises SheetError if the path
    is too long for the file system, OutputError where the file cannot be written or its path leads out of
    `output_dir`; the temporary file is then gone.
    """
    path = output_dir / name
    try:
        _write(path, data, output_dir)
    except _FAILURES as error:
        # Another sheet's path may be short enough.
        kind = SheetError if getattr(error, "errno", None) == errno.ENAMETOOLONG else OutputError
        raise kind(f"{path}: cannot be written: {_reason(path, error)}.") from error


def check_output_dir(path: Path) -> None:
    """Makes the output folder and proves that files can be written there; raises OutputError otherwise."""
    probe = path / f".{secrets.token_hex(8)}.probe"
    try:
        _write(probe, b"can this be written?", path)
        probe.unlink()
    except _FAILURES as error:
        raise OutputError(f"{path}: nothing can be written there: {_reason(probe, error)}.") from error


def _write(path: Path, data: bytes, output_dir: Path) -> None:
    # Before any folder is made: a link must not make us make folders elsewhere.
    parent = path.parent.resolve()
    if not parent.is_relative_to(output_dir.resolve()):
        raise OutputError(
            f"{path}: expected a place below {output_dir}, found that it leads to {parent}. "
            f"Remove the symbolic link, or set output.dir to the folder it leads to."
        )
    parent.mkdir(parents=True, exist_ok=True)
    temporary = parent / f".{secrets.token_hex(8)}.tmp"
    try:
        # Not `tempfile`, whose files only their owner may read.
        with temporary.open("xb") as file:
            file.write(data)
        os.replace(temporary, parent / path.name)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


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
