"""The manifest: a line of JSON for each finished sheet, with what it was made of."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from render.files.digest import FileId
from render.files.image_names import image_name_fault
from render.files.regular import open_regular

# A crowd of the most people that a sheet holds stays far below.
LONGEST_LINE_BYTES = 1 << 20
# Rows of a record that are listed one by one; of a longer clip they are listed in spans.
MOST_LISTED = 10_000
# Of a clip: more than a day of ten people at 100 frames a second.
MOST_ROWS = 1 << 27

UNFINISHED = '{"unfinished": "the run was stopped; the same command goes on from here"}\n'


@dataclass(frozen=True, slots=True)
class PhotoId:
    """The photo that a sheet shows.

    Attributes:
        name: As in the fit file; of a frame of a video its number, such as 000012.
        bytes: Its length; with hash and time those of the whole video.
        sha256: Its hash.
        modified_ns: The time of its last change.
    """

    name: str
    bytes: int
    sha256: str
    modified_ns: int


@dataclass(frozen=True, slots=True)
class Record:
    """A finished sheet.

    Attributes:
        sheet: Its file, below the output folder.
        rows: Of the fit file, of the people on it.
        file: Its length and hash.
        settings: Hash of the settings that shape its pixels (see `Fingerprint`).
        people: Hash of what its people have to do with its pixels (see `Fingerprint`).
        photo: None where no panel shows it.
        damage: What is wrong with a photo that was drawn over all the same.
    """

    sheet: str
    rows: tuple[int, ...]
    file: FileId
    settings: str
    people: str
    photo: PhotoId | None
    damage: str | None


def manifest_name(tag: str) -> str:
    """The manifest's file.

    Args:
        tag: Of a shard, such as `3of64`, nothing for the whole.
    """
    return f"manifest.{tag}.jsonl" if tag else "manifest.jsonl"


def journal_name(tag: str) -> str:
    """The journal's file, where records are while a run is under way.

    Args:
        tag: Of a shard, such as `3of64`, nothing for the whole.
    """
    return f".manifest.{tag}.journal" if tag else ".manifest.journal"


def format_record(record: Record) -> str:
    """One line, the same for equal records."""
    entry = asdict(record)
    if len(record.rows) > MOST_LISTED:
        entry["rows"] = _join_rows(record.rows)
    return json.dumps(entry) + "\n"


def _join_rows(rows: tuple[int, ...]) -> list[list[int]]:
    """Rows that follow one another as the first and the one after the last."""
    spans: list[list[int]] = []
    for row in rows:
        if spans and spans[-1][1] == row:
            spans[-1][1] += 1
        else:
            spans.append([row, row + 1])
    return spans


def _list_rows(entry: Any) -> tuple[Any, ...]:
    if not entry or not isinstance(entry[0], list):
        return tuple(entry)
    # Whoever claims more than a fit file has is no record of ours.
    if sum(end - first for first, end in entry) > MOST_ROWS:
        raise ValueError("rows")
    return tuple(row for first, end in entry for row in range(first, end))


def format_manifest(records: Iterable[Record], is_finished: bool) -> bytes:
    """A manifest's content: the records in the order of the fit file.

    Args:
        records: In any order.
        is_finished: Whether the run came to its end; if it did not, a line says so.
    """
    ordered = sorted(records, key=lambda record: (record.rows, record.sheet))
    lines = list(map(format_record, ordered))
    return "".join(lines if is_finished else [*lines, UNFINISHED]).encode()


def is_finished(path: Path) -> bool:
    """Whether the run whose manifest this is came to its end.

    Raises:
        OSError: It cannot be read.
    """
    # That line is the last one; a manifest may be long.
    end = UNFINISHED.encode()
    with open_regular(path) as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - len(end)))
        return file.read() != end


def read_records(path: Path) -> Iterator[Record]:
    """The records of a manifest, or of as much of one as is there; none where there is no such file.

    A line that is no record, such as the one that a run was killed in, is passed over: its sheet is made
    again.

    Args:
        path: A manifest or a journal.

    Yields:
        The records, in the order of their lines.

    Raises:
        OSError: The file cannot be read.
    """
    try:
        file = open_regular(path)
    except FileNotFoundError:
        return
    with file:
        for line in iter(partial(file.readline, LONGEST_LINE_BYTES), b""):
            try:
                yield _parse(json.loads(line))
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                continue


def _parse(entry: Any) -> Record:
    photo, rows = entry["photo"], _list_rows(entry["rows"])
    record = Record(
        **entry
        | {
            "rows": rows,
            "file": FileId(**entry["file"]),
            "photo": None if photo is None else PhotoId(**photo),
        }
    )
    texts = [record.sheet, record.file.sha256, record.settings, record.people]
    numbers = [*record.rows, record.file.bytes]
    if record.photo is not None:
        texts += [record.photo.name, record.photo.sha256]
        numbers += [record.photo.bytes, record.photo.modified_ns]
    if record.damage is not None:
        texts.append(record.damage)
    # True is an int, but no number. A text that no file can hold cannot be encoded.
    are_numbers = all(type(number) is int for number in numbers)
    if not rows or not are_numbers or image_name_fault(record.sheet) or not "".join(texts).encode():
        raise ValueError("no record")
    return record
