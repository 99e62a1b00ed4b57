"""The table of what went wrong, beside the sheets: `failures.csv`."""

from __future__ import annotations

import csv
import io

from render.files.output_dir import OutputDir
from render.record.tags import find_tags

HEADERS = ["outcome", "row", "image", "reason"]
OUTCOMES = ("skipped", "failed", "damaged")


def failures_name(tag: str) -> str:
    """tag: of a shard, nothing for the whole."""
    return f"failures.{tag}.csv" if tag else "failures.csv"


def remove_failures_of_shards(output: OutputDir) -> None:
    """When what they list is part of the whole's. Raises OutputError."""
    for tag in filter(None, find_tags(output.path, failures_name)):
        output.remove(failures_name(tag))


def write_failures(output: OutputDir, name: str, rows: list[list]) -> None:
    """Writes such a table; removes it where there are no rows. Raises OutputError."""
    if not rows:
        output.remove(name)
        return
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(HEADERS)
    table.writerows(rows)
    output.write(name, text.getvalue().encode())
