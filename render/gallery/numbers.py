"""The numbers of people: a table that an audit or a comparison wrote, with what its columns mean."""

from __future__ import annotations

import csv
import json
import math
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from render.errors import OutputError
from render.files.cells import read_cell
from render.files.faults import explain_failure
from render.files.regular import open_regular, read_regular
from render.review.table import make_audit_table

MOST_COLUMNS = 500
MOST_PEOPLE = 20_000_000
# Texts that a column may have, to be one of choices.
MOST_CHOICES = 200
# Of audit.json.
LARGEST_BYTES = 64 << 20
_ROW = re.compile(r"[0-9]{1,9}")


@dataclass
class NumberColumn:
    """A column of numbers.

    Attributes:
        name: In the table.
        numbers: (N,) float64, NaN where nothing is known; places among the choices where it has some.
        digits: Behind the point.
        choices: Texts that the numbers 0, 1, ... stand for.
        unit: px, mm and the like; empty for shares and counts.
        about: What it means.
        worst: Which end is bad: `high`, `low`, or nothing.
        of_all: Quantiles of all people of the table, of whom only some may be on sheets; none of choices.
    """

    name: str
    numbers: np.ndarray
    digits: int = 0
    choices: tuple[str, ...] = ()
    unit: str = ""
    about: str = ""
    worst: str = ""
    of_all: Sequence[float] = ()


@dataclass
class NumberTable:
    """A line a person.

    Attributes:
        path: Of the CSV file.
        rows: (N,) int64, of the fit file.
        images: Of each, its name.
        columns: Others than row and image.
        causes: What many rows have in common, as the JSON beside it says.
    """

    path: Path
    rows: np.ndarray
    images: list[str]
    columns: list[NumberColumn]
    causes: list[dict[str, Any]]


def read_table(path: Path) -> NumberTable:
    """Reads a CSV file with the columns row and image, and the JSON file of the same name beside it.

    Args:
        path: Of `audit.csv` or `compare.csv`.

    Raises:
        OutputError: It cannot be read, or is no such table.
    """
    limit = csv.field_size_limit(sys.maxsize)
    try:
        with open_regular(path) as file:
            lines = csv.reader((line.decode() for line in file), strict=True)
            header = next(lines, [])
            if header[:2] != ["row", "image"] or len(header) > MOST_COLUMNS:
                raise _no_table(path, f"the columns {', '.join(header[:5])[:100]}")
            rows, images, cells = _read_lines(path, header, lines)
    except OSError as error:
        raise OutputError(f"{path}: cannot be read: {explain_failure(path, error, 'audit=')}.") from error
    except (ValueError, csv.Error) as error:
        raise _no_table(path, str(error)) from error
    finally:
        csv.field_size_limit(limit)
    columns = [_make_column(name, texts) for name, texts in zip(header[2:], cells, strict=True)]
    told = _read_json(path.with_suffix(".json"))
    _describe(columns, told)
    causes = told.get("causes")
    kept = [cause for cause in causes if isinstance(cause, dict)] if isinstance(causes, list) else []
    listed = [column for column in columns if column is not None]
    return NumberTable(path, np.array(rows, dtype=np.int64), images, listed, kept)


def _read_lines(path: Path, header: list[str], lines: Any) -> tuple[list[int], list[str], list[list[str]]]:
    rows: list[int] = []
    images: list[str] = []
    cells: list[list[str]] = [[] for _ in header[2:]]
    # The same short texts over and over take no memory of their own.
    for line in lines:
        if len(line) != len(header) or not _ROW.fullmatch(line[0]) or len(rows) == MOST_PEOPLE:
            raise _no_table(path, f"line {len(rows) + 2} with {len(line)} columns, row {line[:1]}")
        rows.append(int(line[0]))
        images.append(read_cell(line[1]))
        for column, cell in zip(cells, line[2:], strict=True):
            column.append(sys.intern(cell))
    return rows, images, cells


def _make_column(name: str, texts: list[str]) -> NumberColumn | None:
    """None of texts that are no choices."""
    try:
        numbers = np.array([float(text) if text else math.nan for text in texts], dtype=np.float64)
    except ValueError:
        choices = sorted({*texts} - {""})
        if len(choices) > MOST_CHOICES:
            return None
        places = {text: float(place) for place, text in enumerate(choices)}
        numbers = np.array([places.get(text, math.nan) for text in texts], dtype=np.float64)
        return NumberColumn(name, numbers, choices=tuple(map(read_cell, choices)))
    numbers[~np.isfinite(numbers)] = math.nan
    digits = max((len(text.partition(".")[2]) for text in {*texts[:1000]} if "e" not in text), default=0)
    return NumberColumn(name, numbers, digits=min(digits, 9))


def _describe(columns: list[NumberColumn | None], told: dict[str, Any]) -> None:
    """Sets what columns mean, from the JSON beside the table, or as an audit of today has it."""
    about: dict[str, dict[str, Any]] = {
        column.name: {"unit": column.unit, "about": column.about, "worst": column.worst}
        for column in make_audit_table().columns
    }
    listed = told.get("columns")
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("name"), str):
            about[entry["name"]] = entry
    for column in columns:
        if column is None or column.name not in about:
            continue
        entry = about[column.name]
        column.unit, column.about = str(entry.get("unit", "")), str(entry.get("about", ""))
        if entry.get("worst") in ("high", "low"):
            column.worst = entry["worst"]


def _read_json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise OutputError(f"{path}: expected at most {LARGEST_BYTES >> 20} MB, found more. Remove it.")
        told = json.loads(read_regular(path))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise OutputError(f"{path}: cannot be read: {explain_failure(path, error, 'audit=')}.") from error
    except (ValueError, RecursionError) as error:
        raise OutputError(f"{path}: expected JSON, found something else. Make the audit anew.") from error
    return told if isinstance(told, dict) else {}


def _no_table(path: Path, found: str) -> OutputError:
    return OutputError(
        f"{path}: expected a table with the columns row and image first, as job=audit writes it, found "
        f"{found}. Make it anew, or remove it."
    )
