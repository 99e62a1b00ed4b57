"""A table as CSV: a line a person, empty where a number is not known."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator

from render.files.cells import spell_cell
from render.files.output import Output
from render.review.measure import Column
from render.review.table import Values

# People whose lines are held at a time.
_AT_ONCE = 4096


def write_csv(output: Output, name: str, values: Values) -> None:
    """Writes the file: row, image, and a column for each of the table.

    Args:
        output: The folder.
        name: Of the file.
        values: Of all people.

    Raises:
        OutputError: It cannot be written.
    """
    with output.create(name) as file:
        for text in _format(values):
            # Names of images need not be UTF-8.
            file.write(text.encode(errors="backslashreplace"))


def _format(values: Values) -> Iterator[str]:
    columns = values.table.columns
    for first in range(0, max(len(values), 1), _AT_ONCE):
        text = io.StringIO(newline="")
        lines = csv.writer(text)
        if not first:
            lines.writerow(["row", "image", *(column.name for column in columns)])
        for i in range(first, min(first + _AT_ONCE, len(values))):
            cells = [
                format_value(column, number)
                for column, number in zip(columns, values.values[i].tolist(), strict=True)
            ]
            lines.writerow([int(values.row[i]), spell_cell(values.image[i]), *cells])
        yield text.getvalue()


def format_value(column: Column, number: float) -> str:
    """A number as its column has it; empty where it is not known."""
    if math.isnan(number):
        return ""
    if column.choices:
        place = int(number)
        return column.choices[place] if 0 <= place < len(column.choices) else ""
    return f"{number:.{column.digits}f}"
