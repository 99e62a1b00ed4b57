"""The table of what went wrong, beside the sheets: `failures.csv`."""

from __future__ import annotations

import csv
import io

from render.files.output_dir import OutputDir
from render.record.tags import find_tags

HEADERS = ["outcome", "row", "image", "reason"]
OUTCOMES = ("skipped", "failed", "damaged")


def failures_name(tag: str) -> str:
    """The table's file.

    Args:
        tag: Of a shard, nothing for the whole.
    """
    return f"failures.{tag}.csv" if tag else "failures.csv"


def remove_failures_of_shards(output: OutputDir) -> None:
    """Removes the shards' tables, when what they list is in the whole's.

    Raises:
        OutputError: They cannot be removed.
    """
    for tag in filter(None, find_tags(output.path, failures_name)):
        output.remove(failures_name(tag))


def write_failures(output: OutputDir, name: str, rows: list[list]) -> None:
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
    table.writerows(rows)
    output.write(name, text.getvalue().encode())
