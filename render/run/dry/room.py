"""Room on disks: where a run would write, how much is free there, and how bytes are said."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from render.errors import OutputError


def find_existing(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    return next(path for path in (folder, *folder.parents) if os.path.exists(path))


def format_bytes(count: float) -> str:
    """In kB, MB, GB or TB, as disks are sold."""
    for unit in ("kB", "MB", "GB"):
        count /= 1000
        if count < 1000:
            return f"{count:.1f} {unit}"
    return f"{count / 1000:,.1f} TB"


def describe_place(place: str) -> str:
    """Where a run would write, and how much room is there, as far as that can be known.

    Args:
        place: As the settings have it.
    """
    if "://" in place:
        return place
    folder = Path(place)
    free = format_bytes(shutil.disk_usage(find_existing(folder.absolute())).free)
    return f"{folder}{'' if folder.exists() else ', which would be made'}; {free} free"


def check_writable(place: str) -> None:
    """Raises OutputError where a run could write nothing, as far as permissions tell.

    Args:
        place: Where it writes, as the settings have it.
    """
    if "://" in place:
        return
    folder = find_existing(Path(place).absolute())
    if not folder.is_dir():
        raise OutputError(
            f"{place}: {folder} is a file where a folder is needed. Remove it or set output.dir elsewhere."
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(
            f"{place}: nothing can be written there: no permission in {folder}. Set output.dir to a folder "
            f"of yours, or change the folder's permissions."
        )
