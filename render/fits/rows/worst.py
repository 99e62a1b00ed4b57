"""The people that an audit or a comparison found to be the worst, for `samples=worst:100:reprojection`."""

from __future__ import annotations

import csv
import io
import math
import os
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

# What writes NAME.csv and NAME.json is job=NAME; and in words.
_JOBS = {"audit": "audit", "compare": "comparison"}
# The numbers of ten million people.
MOST_BYTES = 8 << 30
# Columns that a message names.
_MOST_NAMED = 40
# Characters of a line.
_MOST_IN_LINE = 1 << 20


@dataclass(frozen=True)
class _Table:
    """A table of numbers, and the JSON beside it.

    Attributes:
        folder: Where they are.
        job: That wrote them.
    """

    folder: Path
    job: str

    @property
    def csv(self) -> Path:
        return self.folder / f"{self.job}.csv"

    @property
    def json(self) -> Path:
        return self.folder / f"{self.job}.json"

    @property
    def again(self) -> str:
        """What to do with one that cannot be used."""
        return f"make the {_JOBS[self.job]} again with job={self.job} and the same dataset"


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
    """Reads the column of an audit, or of a comparison, that a term asks for.

    Args:
        term: It says the column.
        folder: Of the audit or the comparison; of a folder that has both, the audit counts.
        entries: How many the fit file has.
        name_of_row: The images of its valid rows.

    Raises:
        ConfigError: There is no such table or column, it cannot be read, or it is of another fit file.
    """
    there = [job for job in _JOBS if os.path.exists(Path(folder) / f"{job}.json")]
    table = _Table(Path(folder), there[0] if there else "audit")
    worst = _find_end(term, table)
    path = table.csv
    try:
        with open_regular(path) as file:
            if file.seek(0, io.SEEK_END) > MOST_BYTES:
                term.refuse(f"{path} has more than {MOST_BYTES >> 30} GiB; {table.again}")
            file.seek(0)
            text = io.TextIOWrapper(file, "utf-8-sig", newline="")
            number_of_row = _read_column(term, table, text, entries, name_of_row)
    except OSError as error:
        term.refuse(f"{path} cannot be read ({error.strerror}); {table.again}")
    except (UnicodeDecodeError, csv.Error) as error:
        term.refuse(f"{path} is damaged ({error}); {table.again}")
    if not number_of_row:
        term.refuse(f"{path} knows no number of this column; choose another one")
    rows = np.array(sorted(number_of_row), np.int64)
    numbers = np.array([number_of_row[row] for row in rows.tolist()])
    return Audited(rows, numbers if worst == "high" else -numbers)


def _find_end(term: Worst, table: _Table) -> str:
    """Which end of the column is bad: high or low."""
    try:
        told = read_container(table.json)
    except OSError as error:
        term.refuse(
            f"there is no audit in {table.folder} ({error.strerror}); make one with job=audit, merge its "
            f"shards if it has some, or name its folder or that of a comparison, as "
            f"worst:{term.count}:{term.column}:FOLDER"
        )
    except ContainerError as error:
        term.refuse(f"{table.json} is damaged ({error}); {table.again}")
    worst_of = _list_ends(told)
    if not worst_of:
        term.refuse(f"{table.json} tells of no columns with a bad end; {table.again}")
    worst = worst_of.get(term.column)
    with_ends = [name for name, end in worst_of.items() if end in ("high", "low")]
    more = len(with_ends) - _MOST_NAMED
    there = f"there are {', '.join(with_ends[:_MOST_NAMED])}"
    there += f" and {more} more, in {table.json}" if more > 0 else ""
    if worst is None:
        close = get_close_matches(term.column, with_ends, n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        term.refuse(f"the {_JOBS[table.job]} has no such column; {hint}{there}")
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
    term: Worst, table: _Table, text: io.TextIOBase, entries: int, name_of_row: Mapping[int, str]
) -> dict[int, float]:
    lines = csv.reader(iter(lambda: _read_line(text), ""), strict=True)
    header = next(lines, [])
    if header[:2] != ["row", "image"] or term.column not in header:
        term.refuse(f"{table.csv} does not have the columns row, image and {term.column}; {table.again}")
    place = header.index(term.column)
    found: dict[int, float] = {}
    for cells in lines:
        where = f"{table.csv}, line {lines.line_num}"
        if len(cells) != len(header) or not re.fullmatch(r"[0-9]{1,9}", cells[0]):
            term.refuse(f"{where}: expected {len(header)} cells, a row first; {table.again}")
        row = int(cells[0])
        name = name_of_row.get(row)
        # As files of audits have it.
        if name is None or read_cell(cells[1]) != name.encode(errors="backslashreplace").decode():
            fits = f"there it is of {name!r}" if name is not None else "there is no such valid fit there"
            term.refuse(
                f"{where}: row {row} is of {cells[1][:100]!r}, which the fit file with its {entries} entries "
                f"does not say: {fits}; {table.again}"
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
