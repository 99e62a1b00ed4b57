"""The numbers of tables, put beside the people of the sheets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from render.files.image_names import EXTENSIONS
from render.gallery.entries import Entry
from render.gallery.numbers import NumberColumn, NumberTable
from render.gallery.spread import find_quantiles


@dataclass
class People:
    """The people on all sheets, sheet by sheet, in the order of their rows.

    Attributes:
        rows: (P,) int64.
        images: (E,) of each sheet the name of its image, None where nobody knows it.
        counts: (E,) int64, how many are on each sheet.
        columns: Numbers of each (P,); only columns of which some are known.
        mismatched: How many rows a table has of another image; they have no numbers.
    """

    rows: np.ndarray
    images: list[str | None]
    counts: np.ndarray
    columns: list[NumberColumn]
    mismatched: int


def join_people(entries: Sequence[Entry], tables: Sequence[NumberTable]) -> People:
    """Finds the numbers of all people on sheets.

    A table is of the same fit file if it has the same image in the same row; people whose image differs get
    no numbers from it.

    Args:
        entries: The sheets.
        tables: Of which a later one has no say on columns that an earlier one has.
    """
    counts = np.array([len(entry.rows) for entry in entries], dtype=np.int64)
    rows = np.fromiter(chain.from_iterable(entry.rows for entry in entries), np.int64, int(counts.sum()))
    of_entry = np.repeat(np.arange(len(entries)), counts)
    images = [entry.image for entry in entries]
    columns: dict[str, NumberColumn] = {}
    mismatched: set[int] = set()
    for table in tables:
        order = np.argsort(table.rows, kind="stable")
        places = np.searchsorted(table.rows, rows, sorter=order)
        places = order[np.minimum(places, len(order) - 1)] if len(order) else np.zeros_like(rows)
        known = np.flatnonzero(table.rows[places] == rows) if len(order) else np.zeros(0, dtype=np.int64)
        agrees = [_is_of_image(entries[of_entry[k]], table.images[places[k]]) for k in known]
        mismatched.update(rows[known[~np.array(agrees, dtype=bool)]].tolist())
        known = known[np.array(agrees, dtype=bool)]
        # Label sets and meshes have no photo of their own.
        for k in known:
            images[of_entry[k]] = images[of_entry[k]] or table.images[places[k]]
        for column in table.columns:
            numbers = np.full(len(rows), np.nan)
            numbers[known] = column.numbers[places[known]]
            if column.name not in columns and np.isfinite(numbers).any():
                of_all = [] if column.choices else find_quantiles(column.numbers, column.digits)
                columns[column.name] = replace(column, numbers=numbers, of_all=of_all)
    return People(rows, images, counts, list(columns.values()), len(mismatched))


def _is_of_image(entry: Entry, image: str) -> bool:
    # What is noted of a clip is its own name, and of a product without a photo none.
    is_photo = entry.image is not None and entry.image.lower().endswith(EXTENSIONS)
    return not is_photo or entry.image == image
