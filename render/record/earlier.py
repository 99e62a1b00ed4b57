"""What earlier runs have noted in an output folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from render.errors import OutputError
from render.files.faults import explain_failure
from render.files.output_dir import SETTING
from render.record.manifest import read_begun, read_records
from render.record.records import Record


def read_all_records(folder: Path, names: Iterable[str]) -> dict[str, list[Record]]:
    """The records of manifests and journals by product, what stands in later files first.

    Args:
        folder: The output folder.
        names: Of the files; those that are not there are passed over.

    Raises:
        OutputError: One cannot be read.
    """
    found: dict[str, list[Record]] = {}
    for name in names:
        path = folder / name
        try:
            for record in read_records(path):
                found.setdefault(record.product, []).insert(0, record)
        except OSError as error:
            raise _unreadable(path, error) from error
    return found


def read_all_begun(paths: Iterable[Path]) -> set[str]:
    """The files that runs began to change and never noted as finished.

    Args:
        paths: Of their journals.

    Raises:
        OutputError: One cannot be read.
    """
    found: set[str] = set()
    for path in paths:
        try:
            found.update(*read_begun(path).values())
        except OSError as error:
            raise _unreadable(path, error) from error
    return found


def _unreadable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path}: cannot be read: {explain_failure(path, error, SETTING)}.")
