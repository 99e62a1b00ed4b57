"""From what an author wrote to a figure: its defaults, its file, and the settings of the command line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from render.config.figure.methods import declare_methods
from render.config.figure.notes import METRICS, check_note, list_names
from render.config.figure.overlays import declare_marks, declare_zooms
from render.config.figure.panels import declare_columns, read_panel
from render.config.figure.rows import declare_rows
from render.config.figure.values import (
    show,
    take_choice,
    take_flag,
    take_number,
    take_numbers,
    take_path,
    take_table,
    take_text,
    take_whole,
)
from render.config.figure.yaml_file import read_figure_file, read_yaml
from render.errors import ConfigError
from render.figure.venues import parse_width
from render.shade.mode import MODES
from render.sheet.backgrounds import check_outside
from render.types.figure.spec import IMAGE, Column, FigureSpec, FigureStyle, Sample

KEY = "figure"
# What names the file; only the command line has it.
FILE = "file"
FONTS = ("times", "helvetica", "computer-modern")
MOST_CELLS = 200
# The method that the setting of that name is.
REFERENCE = "reference"
# How many rows a figure has that names none.
DEFAULT_ROWS = 2
LETTERS = ("none", "cells", "columns", "rows")
_STYLE = ("width", "dpi", "font", "text_pt", "note_pt", "gap_mm", "rule_pt", "page", "letters", "caption")
KEYS = (
    *("name", "rows", "columns", "methods", "reference", "crop", "aspect", "zoom", "marks", "transpose"),
    *_STYLE,
)
_LISTS = ("rows", "columns")


def declare_figure(
    defaults: Mapping[str, Any], given: Mapping[str, Any], reference_file: str | None = None
) -> FigureSpec:
    """The figure that settings declare. What is `rows` is empty where none are named: the run chooses some.

    Args:
        defaults: Of the job.
        given: Of the command line; `file` names the author's YAML, whose keys these go before.
        reference_file: Of other fits, which errors are measured against where the figure names no method.

    Raises:
        ConfigError: A key is not known or its value cannot be; names it.
    """
    own = dict(given)
    named = own.pop(FILE, None)
    path = None if named is None else Path(take_path(KEY, named))
    written = {} if path is None else read_figure_file(path)
    asked = {**_check(written), **_read_words(KEY, _check(own))}
    asked = {
        key: _list(value) if key in _LISTS else value for key, value in asked.items() if value is not None
    }
    rows = declare_rows(f"{KEY}.rows", asked["rows"]) if "rows" in asked else ()
    has_columns = not rows or any(sample.strip is None for sample in rows)
    # What the job says goes with its own columns.
    table = {**_check(defaults), **asked} if has_columns and "columns" not in asked else asked
    columns = declare_columns(f"{KEY}.columns", table.get("columns")) if has_columns else ()
    if len(rows) * len(columns) > MOST_CELLS:
        raise ConfigError(
            f"{KEY}: expected at most {MOST_CELLS} pictures, found {len(rows)} rows of {len(columns)}"
        )
    methods = declare_methods(f"{KEY}.methods", table.get("methods", {}))
    reference = table.get("reference")
    if reference is None and reference_file is not None:
        reference = REFERENCE
        methods = {**declare_methods(f"{KEY}.methods", {reference: reference_file}), **methods}
    if reference is not None:
        reference = take_choice(f"{KEY}.reference", reference, tuple(methods) or ("the methods",))
    _check_users(rows, columns, methods, reference)
    crop: Any = table.get("crop", "person")
    if isinstance(crop, list | tuple):
        crop = take_numbers(f"{KEY}.crop", crop, 4, -1e5, 1e5)
        if not (crop[2] >= 1 and crop[3] >= 1):
            raise ConfigError(f"{KEY}.crop: expected a width and a height of a pixel at least, found less")
    else:
        take_choice(f"{KEY}.crop", crop, ("person", "photo"))
    count = len(rows) or DEFAULT_ROWS
    return FigureSpec(
        name=_declare_name(table.get("name"), path),
        rows=rows,
        columns=columns,
        methods=methods,
        reference=reference,
        style=_declare_style(table),
        crop=crop,
        aspect=None if "aspect" not in table else take_number(f"{KEY}.aspect", table["aspect"], 0.2, 5.0),
        zooms=declare_zooms(f"{KEY}.zoom", table["zoom"], len(columns))
        if table.get("zoom") and columns
        else (),
        marks=declare_marks(f"{KEY}.marks", table.get("marks", []), count, len(columns)),
        is_transposed=take_flag(f"{KEY}.transpose", table.get("transpose", False)),
    )


def _read_words(path: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a command line, on which lists and tables are written as in a file."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, str) and value.startswith(("[", "{")):
            value = read_yaml(value, f"{path}.{key}")
        elif isinstance(value, Mapping):
            value = _read_words(f"{path}.{key}", value)
        found[key] = value
    return found


def _list(value: Any) -> Any:
    """One row or column alone need not be in a list."""
    return [value] if isinstance(value, str | int | dict) and not isinstance(value, bool) else value


def _check(table: Mapping[str, Any]) -> dict[str, Any]:
    return take_table(KEY, table, KEYS, "{rows: [0, 1]}")


def _check_users(
    rows: tuple[Sample, ...],
    columns: tuple[Column, ...],
    methods: Mapping[str, object],
    reference: str | None,
) -> None:
    """Whether methods that are named are there, and what notes name."""
    users = [(f"{KEY}.columns[{i}].method", column.method) for i, column in enumerate(columns)]
    users += [
        (f"{KEY}.rows[{i}].strip.method", sample.strip.method)
        for i, sample in enumerate(rows)
        if sample.strip is not None
    ]
    for path, method in users:
        if method is not None and method not in methods:
            there = f"there are {', '.join(methods)}" if methods else f"add {KEY}.methods"
            raise ConfigError(f"{path}: no method {show(method)}; {there}")
    given = {name for sample in rows for name in sample.notes}
    for i, column in enumerate(columns):
        if reference is None and column.panel != IMAGE:
            mode = read_panel(f"{KEY}.columns[{i}]", column.panel).mode
            if MODES.load(mode).needs_values:
                raise ConfigError(
                    f"{KEY}.columns[{i}]: {mode} shows how far fits are from others; set {KEY}.reference to "
                    f"the name of a method"
                )
    for i, column in enumerate(columns):
        if column.note is not None:
            path = f"{KEY}.columns[{i}].note"
            check_note(path, column.note, given)
            _check_reference(path, column.note, rows, reference)


def _check_reference(path: str, note: str, rows: tuple[Sample, ...], reference: str | None) -> None:
    """Whether what is measured has something to be measured against."""
    for name in list_names(note):
        is_given = bool(rows) and all(name in sample.notes for sample in rows if sample.strip is None)
        if name in METRICS and reference is None and not is_given:
            raise ConfigError(
                f"{path}: {{{name}}} is measured against a method; set {KEY}.reference to its name, or give "
                f"each row notes: {{{name}: ...}}"
            )


def _declare_name(value: Any, path: Path | None) -> str:
    if value is None:
        value = KEY if path is None else path.stem
    name = take_text(f"{KEY}.name", value, 100)
    # As files and LaTeX take it.
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name):
        raise ConfigError(
            f"{KEY}.name: expected letters, digits, _, - and points, which LaTeX finds files by, found "
            f"{show(name)}"
        )
    return name


def _declare_style(table: Mapping[str, Any]) -> FigureStyle:
    plain = FigureStyle()

    def number(key: str, low: float, high: float) -> float:
        return take_number(f"{KEY}.{key}", table.get(key, getattr(plain, key)), low, high)

    width_mm = plain.width_mm
    if "width" in table:
        try:
            width_mm = parse_width(take_text(f"{KEY}.width", table["width"], 60))
        except ConfigError as error:
            raise ConfigError(f"{KEY}.{str(error).removeprefix(f'{KEY}.')}") from error
    page = take_text(f"{KEY}.page", table.get("page", plain.page), 60)
    if page != "transparent":
        check_outside(f"{KEY}.page", page)
    letters: Any = take_choice(f"{KEY}.letters", table.get("letters", plain.letters), LETTERS)
    return FigureStyle(
        width_mm=width_mm,
        dpi=take_whole(f"{KEY}.dpi", table.get("dpi", plain.dpi), 72, 1200),
        font=take_choice(f"{KEY}.font", table.get("font", plain.font), FONTS),
        text_pt=number("text_pt", 4, 72),
        note_pt=number("note_pt", 4, 72),
        gap_mm=number("gap_mm", 0, 50),
        rule_pt=number("rule_pt", 0, 10),
        page=page,
        letters=letters,
        caption=None if "caption" not in table else take_text(f"{KEY}.caption", table["caption"], 5000),
    )
