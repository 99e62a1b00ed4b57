"""The people that an audit found to be the worst, for `samples=worst:100:reprojection`."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np

from render.containers.read import ContainerError, read_container
from render.files.cells import read_cell
from render.files.regular import open_regular
from render.fits.rows.terms import Worst

AUDIT_CSV, AUDIT_JSON = "audit.csv", "audit.json"
# The numbers of ten million people.
MOST_BYTES = 8 << 30
# Characters of a line.
_MOST_IN_LINE = 1 << 20
_AGAIN = "make the audit again with job=audit and the same dataset"


@dataclass(frozen=True)
class Audited:
    """The numbers of one column that are known.

    Attributes:
        rows: (N,) int64, of the fit file, ascending.
        badness: (N,) float64, the higher the worse.
    """

    rows: np.ndarray
    badness: np.ndarray

    def find_worst(self, count: int) -> np.ndarray:
        """(n,) int64 the rows of the worst, n at most `count`; of equal ones the first."""
        return self.rows[np.argsort(-self.badness, kind="stable")[:count]]


def open_audit(term: Worst, folder: str, entries: int, name_of_row: Mapping[int, str]) -> Audited:
    """Reads the column of an audit that a term asks for.

    Args:
        term: It says the column.
        folder: Of the audit.
        entries: How many the fit file has.
        name_of_row: The images of its valid rows.

    Raises:
        ConfigError: There is no such audit or column, it cannot be read, or it is of another fit file.
    """
    worst = _find_end(term, Path(folder) / AUDIT_JSON)
    path = Path(folder) / AUDIT_CSV
    try:
        with open_regular(path) as file:
            if file.seek(0, io.SEEK_END) > MOST_BYTES:
                term.refuse(f"{path} has more than {MOST_BYTES >> 30} GiB; {_AGAIN}")
            file.seek(0)
            text = io.TextIOWrapper(file, "utf-8-sig", newline="")
            number_of_row = _read_column(term, path, text, entries, name_of_row)
    except OSError as error:
        term.refuse(f"{path} cannot be read ({error.strerror}); {_AGAIN}")
    except (UnicodeDecodeError, csv.Error) as error:
        term.refuse(f"{path} is damaged ({error}); {_AGAIN}")
    if not number_of_row:
        term.refuse(f"{path} knows no number of this column; choose another one")
    rows = np.array(sorted(number_of_row), np.int64)
    numbers = np.array([number_of_row[row] for row in rows.tolist()])
    return Audited(rows, numbers if worst == "high" else -numbers)


def _find_end(term: Worst, path: Path) -> str:
    """Which end of the column is bad: high or low."""
    try:
        told = read_container(path)
    except OSError as error:
        term.refuse(
            f"there is no audit in {path.parent} ({error.strerror}); make one with job=audit, or name its "
            f"folder, as worst:{term.count}:{term.column}:FOLDER"
        )
    except ContainerError as error:
        term.refuse(f"{path} is damaged ({error}); {_AGAIN}")
    worst_of = _list_ends(told)
    if not worst_of:
        term.refuse(f"{path} tells of no columns with a bad end; {_AGAIN}")
    worst = worst_of.get(term.column)
    with_ends = [name for name, end in worst_of.items() if end in ("high", "low")]
    there = f"there are {', '.join(with_ends)}"
    if worst is None:
        close = get_close_matches(term.column, with_ends, n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        term.refuse(f"the audit has no such column; {hint}{there}")
    if worst not in ("high", "low"):
        term.refuse(f"neither end of this column is bad; {there}")
    return worst


def _list_ends(told: Any) -> dict[str, Any]:
    columns = told.get("columns") if isinstance(told, dict) else None
    listed = columns if isinstance(columns, list) else []
    ends = {
        one["name"]: one.get("worst")
        for one in listed
        if isinstance(one, dict) and isinstance(one.get("name"), str) and isinstance(one.get("worst"), str)
    }
    return ends if {"high", "low"} & set(ends.values()) else {}


def _read_column(
    term: Worst, path: Path, text: io.TextIOBase, entries: int, name_of_row: Mapping[int, str]
) -> dict[int, float]:
    lines = csv.reader(iter(lambda: _read_line(text), ""), strict=True)
    header = next(lines, [])
    if header[:2] != ["row", "image"] or term.column not in header:
        term.refuse(f"{path} does not have the columns row, image and {term.column}; {_AGAIN}")
    place = header.index(term.column)
    found: dict[int, float] = {}
    for cells in lines:
        where = f"{path}, line {lines.line_num}"
        if len(cells) != len(header) or not re.fullmatch(r"[0-9]{1,9}", cells[0]):
            term.refuse(f"{where}: expected {len(header)} cells, a row first; {_AGAIN}")
        row = int(cells[0])
        name = name_of_row.get(row)
        # As files of audits have it.
        if name is None or read_cell(cells[1]) != name.encode(errors="backslashreplace").decode():
            fits = f"there it is of {name!r}" if name is not None else "there is no such valid fit there"
            term.refuse(
                f"{where}: row {row} is of {cells[1][:100]!r}, which the fit file with its {entries} entries "
                f"does not say: {fits}; {_AGAIN}"
            )
        if not cells[place]:
            continue
        try:
            number = float(cells[place])
        except ValueError:
            term.refuse(f"{where}: expected a number, found {cells[place][:60]!r}; choose another column")
        if not math.isnan(number):
            found[row] = number
    return found


def _read_line(text: io.TextIOBase) -> str:
    line = text.readline(_MOST_IN_LINE)
    if len(line) == _MOST_IN_LINE:
        raise csv.Error("a line is too long")
    return line
