"""All that fits say of one person, as bytes: what a hash of the person is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from render.files.digest import hash_bytes
from render.types.fits import Fits
from render.types.sources import FitSource

# Names are texts, and which source a row is of depends on what else is in the list of files.
_COLUMNS = tuple(sorted(Fits.SHAPES.keys() - {"image_name", "sequence", "source", "place"}))
# The same for all rows of a source.
_OF_SOURCE = ("faces",)
# What only some modes show.
_COLORS = "colors"


class Pieces:
    """The bytes of each person of a table.

    Args:
        fits: The table.
        has_colors: Whether the colours of vertices are among them; whoever does not show them need not read
            them.
    """

    def __init__(self, fits: Fits, has_colors: bool = False) -> None:
        self._names, self._sequences = fits.image_name, fits.sequence
        self._columns = [_view_rows(getattr(fits, name)) for name in _COLUMNS]
        self._source, self._place = fits.source, fits.place
        self._rows = [list(map(_view_rows, _list_rows(source, has_colors))) for source in fits.sources]
        self._labels = [_label(source, has_colors) for source in fits.sources]

    def list_pieces(self, person: int) -> list[bytes | memoryview]:
        """The bytes of one person.

        Args:
            person: Place of the row in the table.

        Raises:
            FitFileError: Vertices that are read when they are drawn, and for this too, cannot be.
        """
        source, place = self._source[person], int(self._place[person])
        pieces: list[bytes | memoryview] = [
            self._labels[source],
            self._names[person].encode(),
            self._sequences[person].encode(),
        ]
        pieces += [view[person * length : (person + 1) * length] for view, length in self._columns]
        for rows in self._rows[source]:
            if isinstance(rows, tuple):
                view, length = rows
                pieces.append(view[place * length : (place + 1) * length])
            else:
                pieces.append(rows[np.array([place])].tobytes())
        return pieces


def _view_rows(rows: Any) -> Any:
    """The bytes of an array, and of how many a row is; what is read row by row as it is.

    There are some thirty arrays, of a few bytes a row: to make an array of each row would take most of the
    time of a hash.
    """
    if not isinstance(rows, np.ndarray):
        return rows
    return np.ascontiguousarray(rows).reshape(-1).view(np.uint8).data, rows[:1].nbytes


def _list_fields(source: FitSource, has_colors: bool) -> Iterator[tuple[str, Any, bool]]:
    """Name, value and whether it is an array of rows, of all that a source holds and that is hashed."""
    for part in (source.bodies, source.marks):
        for name, value in sorted(vars(part).items()):
            # Where there are none, what was drawn before there were any is kept.
            if name != _COLORS or (has_colors and value is not None):
                yield name, value, name in part.SHAPES and name not in _OF_SOURCE


def _list_rows(source: FitSource, has_colors: bool) -> list[Any]:
    return [value for _, value, is_rows in _list_fields(source, has_colors) if is_rows]


def _label(source: FitSource, has_colors: bool) -> bytes:
    """What all rows of a source have in common: words, lengths of arrays, faces."""
    told: list[str] = [source.format]
    for name, value, is_rows in _list_fields(source, has_colors):
        if name in _OF_SOURCE:
            told.append(f"{name}={hash_bytes(np.ascontiguousarray(value).tobytes())}")
        else:
            told.append(f"{name}={value.shape[1:] if is_rows else value!r}")
    return "\0".join(told).encode()
