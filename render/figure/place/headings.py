"""Titles above columns, labels beside rows, and the letters (a), (b), ... before them."""

from __future__ import annotations

from dataclasses import dataclass

from render.figure.place.grid import GridShape
from render.figure.typesetting import clean_text
from render.types.figure.spec import FigureSpec

_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Headings:
    """What stands above columns and beside rows, as they are seen, transposed or not.

    Attributes:
        titles: Above each column; empty where there is none.
        labels: Beside each row; empty where there is none.
    """

    titles: tuple[str, ...]
    labels: tuple[str, ...]


def read_headings(spec: FigureSpec, shape: GridShape) -> Headings:
    """What the author wrote, with letters before it where they count columns or rows.

    Raises:
        ConfigError: A text is far too long.
    """
    titles = [clean_text(f"columns[{n}].title", column.title) for n, column in enumerate(spec.columns)]
    labels = [clean_text(f"rows[{n}].label", row.label) for n, row in enumerate(spec.rows)]
    if spec.is_transposed:
        titles, labels = labels, titles
    # Of strips alone, which need no columns.
    titles = (titles or [""])[: shape.columns]
    if spec.style.letters == "columns":
        titles = [f"{letter(number)} {title}".rstrip() for number, title in enumerate(titles)]
    if spec.style.letters == "rows":
        labels = [f"{letter(number)} {label}".rstrip() for number, label in enumerate(labels)]
    return Headings(tuple(titles), tuple(labels))


def letter(number: int) -> str:
    """(a), (b), ... (z), (aa), (ab), ..., counted from 0.

    Example:
        >>> letter(1), letter(27)
        ('(b)', '(ab)')
    """
    letters = ""
    number += 1
    while number:
        number, place = divmod(number - 1, len(_ALPHABET))
        letters = _ALPHABET[place] + letters
    return f"({letters})"
