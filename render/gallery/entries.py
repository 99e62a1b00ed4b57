"""What a folder of sheets has: its products, what failed, and whether its run came to its end."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from render.errors import OutputError
from render.files.faults import explain_failure
from render.files.readable_dir import ReadableDir
from render.files.tars import member_key
from render.record.earlier import read_all_records
from render.record.failures import OUTCOMES, failures_name, read_failures
from render.record.manifest import is_finished, journal_name, manifest_name
from render.record.records import Record
from render.record.stored import has_length
from render.record.tags import find_tags
from render.types.products import ProductFile


@dataclass(frozen=True, slots=True)
class Entry:
    """A product that can be looked at.

    Attributes:
        key: What the names of its files begin with, below the folder.
        rows: Of the fit file, of the people on it.
        image: Name of the photo; None where nothing shows it.
        files: By what follows the key in their names.
    """

    key: str
    rows: tuple[int, ...]
    image: str | None
    files: dict[str, ProductFile]


@dataclass(frozen=True)
class Folder:
    """What is known of a folder of sheets.

    Attributes:
        path: Of the folder.
        entries: In the order of the fit file.
        failures: Outcome, row, image and reason of what was skipped, failed or is damaged.
        is_finished: Whether all runs that wrote there came to their end.
        shards: Tags of those that are not merged.
    """

    path: Path
    entries: list[Entry]
    failures: list[tuple[str, int, str, str]]
    is_finished: bool
    shards: list[str]


def read_folder(path: Path) -> Folder:
    """Reads manifests and failures, of shards that are not merged and of a run under way too.

    Args:
        path: The folder of a job.

    Raises:
        OutputError: There is no manifest, or nothing that can be looked at, or a file cannot be read.
    """
    place = ReadableDir(path)
    manifests, journals = find_tags(place, manifest_name), find_tags(place, journal_name)
    if not manifests and not journals:
        raise OutputError(
            f"{path}: expected the folder of a job, with a {manifest_name('')}, found none. Name the folder "
            f"that smpl-render wrote sheets into, such as outputs/demo/overlay."
        )
    names = [*map(manifest_name, manifests), *map(journal_name, journals)]
    records = [listed[0] for listed in read_all_records(place, names).values()]
    entries = [entry for entry in (_read_entry(place, record) for record in records) if entry is not None]
    if not entries:
        raise OutputError(
            f"{path}: expected sheets that are there, found none. Name the folder of a job that draws; the "
            f"audit in the folder beside it is found."
        )
    entries.sort(key=lambda entry: (entry.rows, entry.key))
    try:
        finished = not journals and all(is_finished(place, manifest_name(tag)) for tag in manifests)
    except OSError as error:
        raise OutputError(f"{path}: cannot be read: {explain_failure(path, error, 'its name')}.") from error
    tags = sorted({*manifests, *journals})
    failures = [row for tag in tags for row in read_failures(place, failures_name(tag))]
    failures.sort(key=lambda row: (OUTCOMES.index(row[0]), *row[1:]))
    unique = [row for row, _ in groupby(failures)]
    return Folder(path, entries, unique, finished, [tag for tag in tags if tag])


def _read_entry(place: ReadableDir, record: Record) -> Entry | None:
    is_one_file = [file.name for file in record.files] == [record.product]
    key = record.product.rpartition(".")[0] if is_one_file else record.product
    files = {}
    for file in record.files:
        base = key if file.tar is None else member_key(key)
        # In the name of a product of one file the folders may have dots that its member has not.
        if file.name.startswith(f"{base}.") and has_length(place, file):
            files[file.name[len(base) :]] = file
    if not files:
        return None
    return Entry(key, record.rows, None if record.photo is None else record.photo.name, files)
