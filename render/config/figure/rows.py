"""Rows of a figure: whom they show, and strips of motion."""

from __future__ import annotations

from typing import Any

from render.config.figure.panels import check_panel
from render.config.figure.values import (
    is_written,
    show,
    take_list,
    take_number,
    take_table,
    take_text,
    take_whole,
)
from render.errors import ConfigError
from render.types.figure.spec import Sample, Strip

MOST_ROWS = 200
_MOST_NUMBER = 10**12
_KEYS = ("row", "image", "annotation", "person", "label", "notes", "strip")
_STRIP_KEYS = ("every", "count", "spacing_m", "panel", "method")


def declare_rows(path: str, value: Any) -> tuple[Sample, ...]:
    """The rows of a figure, from top to bottom.

    Args:
        path: Of their key.
        value: What was found there.

    Raises:
        ConfigError: One of them cannot be.
    """
    rows = take_list(path, value, 1, MOST_ROWS)
    return tuple(_declare_row(f"{path}[{i}]", one) for i, one in enumerate(rows))


def _declare_row(path: str, value: Any) -> Sample:
    if isinstance(value, str):
        return Sample(image=take_text(path, value))
    if isinstance(value, int) and not isinstance(value, bool):
        return Sample(row=take_whole(path, value, 0, _MOST_NUMBER))
    table = take_table(
        path, value, _KEYS, "{row: 12, label: Handstand}, or a row's number or an image's name"
    )
    named = [key for key in ("row", "image", "annotation") if table.get(key) is not None]
    if len(named) != 1:
        found = " and ".join(named) or "none of them"
        raise ConfigError(f"{path}: expected one of row, image and annotation, found {found}")
    row, annotation, person = (
        None if table.get(key) is None else take_whole(f"{path}.{key}", table[key], 0, _MOST_NUMBER)
        for key in ("row", "annotation", "person")
    )
    image = None if table.get("image") is None else take_text(f"{path}.image", table["image"])
    if person is not None and image is None:
        raise ConfigError(f"{path}.person: this counts the people of an image, and the row names {named[0]}")
    return Sample(
        row=row,
        image=image,
        annotation=annotation,
        person=person,
        label=None if table.get("label") is None else take_text(f"{path}.label", table["label"]),
        notes={} if table.get("notes") is None else _declare_notes(f"{path}.notes", table["notes"]),
        strip=None if table.get("strip") is None else _declare_strip(f"{path}.strip", table["strip"]),
    )


def _declare_notes(path: str, value: Any) -> dict[str, str | float]:
    if not isinstance(value, dict):
        raise ConfigError(f"{path}: expected a table, such as {{mpjpe: 43.1}}, found {show(value)}")
    found: dict[str, str | float] = {}
    for key, one in value.items():
        if not isinstance(key, str) or not key.isidentifier() or not key.islower() or len(key) > 40:
            raise ConfigError(f"{path}: expected names of small letters, such as mpjpe, found {show(key)}")
        found[key] = one if is_written(one) else take_text(f"{path}.{key}", one)
    return found


def _declare_strip(path: str, value: Any) -> Strip:
    table = take_table(path, value, _STRIP_KEYS, "{every: 10, count: 8}")
    plain = Strip(1, 1)
    return Strip(
        every=take_whole(f"{path}.every", table.get("every", 10), 1, 100_000),
        count=take_whole(f"{path}.count", table.get("count", 8), 1, 50),
        spacing_m=None
        if table.get("spacing_m") is None
        else take_number(f"{path}.spacing_m", table["spacing_m"], 0.0, 10.0),
        panel=check_panel(f"{path}.panel", table.get("panel", plain.panel), is_strip=True),
        method=None if table.get("method") is None else take_text(f"{path}.method", table["method"]),
    )
