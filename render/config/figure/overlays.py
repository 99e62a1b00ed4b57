"""What lies over the pictures of a figure: insets, boxes and arrows."""

from __future__ import annotations

from typing import Any, get_args

from render.config.figure.values import (
    show,
    take_choice,
    take_list,
    take_number,
    take_numbers,
    take_table,
    take_text,
    take_whole,
)
from render.errors import ConfigError
from render.sheet.backgrounds import check_outside
from render.types.figure.spec import Corner, Mark, Zoom

MOST_ZOOMS, MOST_MARKS = 4, 100
CORNERS = get_args(Corner)
_ZOOM_KEYS = ("at", "size", "corner", "scale", "columns")
_MARK_KEYS = ("box", "arrow", "row", "column", "colour")


def declare_zooms(path: str, value: Any, columns: int) -> tuple[Zoom, ...]:
    """The insets of a figure's pictures; one alone need not be in a list.

    Args:
        path: Of their key.
        value: What was found there.
        columns: How many columns there are.

    Raises:
        ConfigError: One of them cannot be.
    """
    if isinstance(value, list | tuple):
        zooms = take_list(path, value, 0, MOST_ZOOMS)
        return tuple(_declare_zoom(f"{path}[{i}]", one, columns) for i, one in enumerate(zooms))
    return (_declare_zoom(path, value, columns),)


def _declare_zoom(path: str, value: Any, columns: int) -> Zoom:
    table = take_table(path, value, _ZOOM_KEYS, "{at: left_hand, size: 0.3, corner: br}")
    if table.get("at") is None:
        raise ConfigError(f"{path}.at: expected a joint, such as left_hand, or [x, y], found none")
    plain = Zoom("head")
    at: str | tuple[float, float]
    if isinstance(table["at"], list | tuple):
        x, y = take_numbers(f"{path}.at", table["at"], 2, 0.0, 1.0)
        at = (x, y)
    else:
        at = take_text(f"{path}.at", table["at"], 60)
    shown = None
    if table.get("columns") is not None:
        listed = take_list(f"{path}.columns", table["columns"], 1, columns)
        shown = tuple(take_whole(f"{path}.columns[{i}]", one, 0, columns - 1) for i, one in enumerate(listed))
    corner: Any = take_choice(f"{path}.corner", table.get("corner", plain.corner), CORNERS)
    return Zoom(
        at=at,
        size=take_number(f"{path}.size", table.get("size", plain.size), 0.02, 0.6),
        corner=corner,
        scale=take_number(f"{path}.scale", table.get("scale", plain.scale), 0.1, 0.8),
        columns=shown,
        finds_corner="corner" not in table,
    )


def declare_marks(path: str, value: Any, rows: int, columns: int) -> tuple[Mark, ...]:
    """Boxes and arrows over pictures.

    Args:
        path: Of their key.
        value: What was found there.
        rows: How many rows there are.
        columns: How many columns there are.

    Raises:
        ConfigError: One of them cannot be.
    """
    marks = take_list(path, value, 0, MOST_MARKS)
    return tuple(_declare_mark(f"{path}[{i}]", one, rows, columns) for i, one in enumerate(marks))


def _declare_mark(path: str, value: Any, rows: int, columns: int) -> Mark:
    table = take_table(path, value, _MARK_KEYS, "{box: [0.1, 0.2, 0.3, 0.3], row: 0, column: 1}")
    kinds = [key for key in ("box", "arrow") if table.get(key) is not None]
    if len(kinds) != 1:
        raise ConfigError(f"{path}: expected a box or an arrow, found {' and '.join(kinds) or 'none'}")
    kind: Any = kinds[0]
    a, b, c, d = take_numbers(f"{path}.{kind}", table[kind], 4, 0.0, 1.0)
    if kind == "box" and not (c > 0 and d > 0 and a + c <= 1 and b + d <= 1):
        raise ConfigError(
            f"{path}.box: expected left, top, width and height within the picture, as shares of it, found "
            f"{a:g}, {b:g}, {c:g}, {d:g}"
        )
    if kind == "arrow" and (a, b) == (c, d):
        raise ConfigError(f"{path}.arrow: expected x and y of a tail and of a head elsewhere")
    colour = table.get("colour", Mark("box", (0, 0, 1, 1), 0, 0).colour)
    if not isinstance(colour, str):
        raise ConfigError(f"{path}.colour: expected a colour, such as rgb:d55e00, found {show(colour)}")
    check_outside(f"{path}.colour", colour)
    return Mark(
        kind=kind,
        points=(a, b, c, d),
        row=take_whole(f"{path}.row", table.get("row", 0), 0, rows - 1),
        column=take_whole(f"{path}.column", table.get("column", 0), 0, max(columns, 1) - 1),
        colour=colour,
    )
