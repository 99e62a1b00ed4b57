"""What earlier runs have noted in an output folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from render.errors import OutputError
from render.files.faults import explain_failure
from render.files.output import Readable
from render.files.placing import SETTING
from render.record.manifest import read_begun, read_records
from render.record.records import Record


def read_all_records(place: Readable, names: Iterable[str]) -> dict[str, list[Record]]:
    """The records of manifests and journals by product, what stands in later files first.

    Args:
        place: The output folder.
        names: Of the files; those that are not there are passed over.

    Raises:
        OutputError: One cannot be read.
    """
    found: dict[str, list[Record]] = {}
    for name in names:
        try:
            for record in read_records(place, name):
                found.setdefault(record.product, []).insert(0, record)
        except OSError as error:
            raise unreadable(place, name, error) from error
    return found


def read_all_begun(place: Readable, names: Iterable[str]) -> set[str]:
    """The files that runs began to change and never noted as finished.

    Args:
        place: The output folder.
        names: Of their journals.

    Raises:
        OutputError: One cannot be read.
    """
    found: set[str] = set()
    for name in names:
        try:
            found.update(*read_begun(place, name).values())
        except OSError as error:
            raise unreadable(place, name, error) from error
    return found


def unreadable(place: Readable, name: str, error: OSError) -> OutputError:
    """The error that says so.

    Args:
        place: The output folder.
        name: Of the file in it.
        error: Why it cannot be read.
    """
    path = place.locate(name)
    return OutputError(f"{path}: cannot be read: {explain_failure(Path(path), error, SETTING)}.")
