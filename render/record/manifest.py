"""The manifest: a line of JSON for each finished product, with what it was made of."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

from render.files.output import JOURNAL_ENDING, Readable
from render.record.records import Record, format_record, parse_begun, parse_record

# A crowd of the most people that a sheet holds stays far below.
LONGEST_LINE_BYTES = 1 << 20

UNFINISHED = '{"unfinished": "the run was stopped; the same command goes on from here"}\n'


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
    return f".manifest.{tag}{JOURNAL_ENDING}" if tag else f".manifest{JOURNAL_ENDING}"


def sort_records(records: Iterable[Record]) -> list[Record]:
    """Records in the order of the fit file."""
    return sorted(records, key=lambda record: (record.rows, record.product))


def format_manifest(records: Iterable[Record], is_finished: bool) -> bytes:
    """A manifest's content: the records in the order of the fit file.

    Args:
        records: In any order.
        is_finished: Whether the run came to its end; if it did not, a line says so.
    """
    # Lines of a hundred thousand sheets are tens of megabytes, which are here once.
    content = io.BytesIO()
    content.writelines(format_record(record).encode() for record in sort_records(records))
    if not is_finished:
        content.write(UNFINISHED.encode())
    return content.getvalue()


def is_finished(place: Readable, name: str) -> bool:
    """Whether the run whose manifest this is came to its end.

    Raises:
        OSError: It cannot be read.
    """
    # That line is the last one; a manifest may be long.
    end = UNFINISHED.encode()
    return place.read_end(name, len(end)) != end


def read_records(place: Readable, name: str) -> Iterator[Record]:
    """The records of a manifest, or of as much of one as is there; none where there is no such file.

    A line that is no record, such as the one that a run was killed in, is passed over: its product is made
    again.

    Args:
        place: The output folder.
        name: Of a manifest or a journal.

    Yields:
        The records, in the order of their lines.

    Raises:
        OSError: The file cannot be read.
    """
    for line in place.read_lines(name, LONGEST_LINE_BYTES):
        record = parse_record(line)
        if record is not None:
            yield record


def read_begun(place: Readable, name: str) -> dict[str, list[str]]:
    """By product, the files that a run began to change and never noted as finished.

    Args:
        place: The output folder.
        name: Of a journal.

    Raises:
        OSError: The file cannot be read.
    """
    found: dict[str, list[str]] = {}
    for line in place.read_lines(name, LONGEST_LINE_BYTES):
        begun = parse_begun(line)
        if begun is not None:
            found[begun[0]] = begun[1]
        elif found and (record := parse_record(line)) is not None:
            found.pop(record.product, None)
    return found
