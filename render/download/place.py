"""Where what is fetched goes, and why it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from render.errors import DownloadError
from render.files.faults import explain_failure
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
