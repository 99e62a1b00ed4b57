"""The table of what went wrong, beside the sheets: `failures.csv`."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from render.errors import OutputError
from render.files.cells import read_cell, spell_cell
from render.files.faults import explain_failure
from render.files.output import Output, Readable
from render.files.placing import SETTING
from render.record.tags import find_tags

HEADERS = ["outcome", "row", "image", "reason"]
OUTCOMES = ("skipped", "failed", "damaged")
# Of a row: no file has so many.
_NUMBER = re.compile(r"[0-9]{1,15}")


def failures_name(tag: str) -> str:
    """The table's file.

    Args:
        tag: Of a shard, nothing for the whole.
    """
    return f"failures.{tag}.csv" if tag else "failures.csv"


def remove_failures_of_shards(output: Output) -> None:
    """Removes the shards' tables, when what they list is in the whole's.

    Raises:
        OutputError: They cannot be removed.
    """
    for tag in filter(None, find_tags(output, failures_name)):
        output.remove(failures_name(tag))


def write_failures(output: Output, name: str, rows: Sequence[tuple[str, int, str, str]]) -> None:
    """Writes such a table; removes it where there are no rows.

    Args:
        output: The folder.
        name: The table's file.
        rows: Of the columns HEADERS.

    Raises:
        OutputError: It cannot be written or removed.
    """
    # An earlier run may have left one.
    if not rows:
        output.remove(name)
        return
    # The csv module ends lines itself.
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(HEADERS)
    table.writerows((outcome, row, *map(spell_cell, texts)) for outcome, row, *texts in rows)
    # Reasons name paths, which need not be UTF-8.
    output.write(name, text.getvalue().encode(errors="backslashreplace"))


def read_failures(place: Readable, name: str) -> list[tuple[str, int, str, str]]:
    """The rows of such a table, as they were given to `write_failures`; none where there is no such file.

    Args:
        place: The output folder.
        name: Of the table of a shard.

    Raises:
        OutputError: It cannot be read, or is none.
    """
    path = place.locate(name)
    # A reason names paths, which may be longer than the reader takes a field to be.
    limit = csv.field_size_limit(sys.maxsize)
    try:
        with place.open(name) as file:
            text = file.read().decode()
        table = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except FileNotFoundError:
        return []
    except OSError as error:
        reason = explain_failure(Path(path), error, SETTING)
        raise OutputError(f"{path}: cannot be read: {reason}. Then run this shard again.") from error
    except (ValueError, csv.Error) as error:
        raise OutputError(f"{path}: cannot be read ({error}). Run this shard again.") from error
    finally:
        csv.field_size_limit(limit)
    fits = all(len(row) == 4 and row[0] in OUTCOMES and _NUMBER.fullmatch(row[1]) for row in table[1:])
    if table[:1] != [HEADERS] or not fits or not text.endswith("\n"):
        raise OutputError(
            f"{path}: expected the columns {', '.join(HEADERS)} of a shard's failures, found something else. "
            f"Run this shard again."
        )
    return [
        (outcome, int(row), read_cell(image), read_cell(reason)) for outcome, row, image, reason in table[1:]
    ]


def gather_failures(place: Readable, tags: Iterable[str]) -> list[tuple[str, int, str, str]]:
    """The rows of the tables of shards, as the table of the whole has them.

    Args:
        place: The output folder.
        tags: Of the shards.

    Raises:
        OutputError: One cannot be read, or is none.
    """
    rows = [row for tag in tags for row in read_failures(place, failures_name(tag))]
    return sorted(rows, key=lambda row: (OUTCOMES.index(row[0]), row[1]))
