"""Where what is fetched goes, and why it cannot."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from render.errors import DownloadError
from render.files.faults import explain_failure
from render.files.regular import IrregularFileError
from render.resources import DATA_DIR, find_file

SETTINGS = "dataset.fit_file or body.charts"


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turns the errors of writing a file into ones that say what to do.

    Args:
        path: Of the file.

    Raises:
        DownloadError: The body raised OSError or ValueError.
    """
    try:
        yield
    except IrregularFileError as error:
        raise DownloadError(
            f"{path}: expected a file or none, found a pipe or a device. Remove it."
        ) from error
    # ValueError: a name that no file system takes.
    except (OSError, ValueError) as error:
        raise DownloadError(
            f"{path}: cannot be written: {explain_failure(path, error, SETTINGS)}."
        ) from error


def find_place(path: str) -> Path:
    """Where a file is, as `find_file` says, or where one that is not there yet belongs.

    Args:
        path: As a setting has it.

    Raises:
        DownloadError: It is no path that can be looked up.
    """
    with disk_errors(Path(path)):
        found = find_file(path)
        return found if found.exists() or found.parent.is_dir() else DATA_DIR / path


def is_there(target: Path) -> bool:
    """Whether a file has the name already.

    Args:
        target: Of what is to be fetched; a link counts as what it leads to.

    Raises:
        DownloadError: Something else has the name: a folder, a pipe, a link that leads nowhere.
    """
    with disk_errors(target):
        if target.is_file():
            return True
        if not os.path.lexists(target):
            return False
        found = "a folder" if target.is_dir() else "a pipe or a device"
        if not target.exists():
            found = "a symbolic link that leads nowhere"
    raise DownloadError(
        f"{target}: expected a file or none, found {found}. Remove it, or set {SETTINGS} to another place."
    )
