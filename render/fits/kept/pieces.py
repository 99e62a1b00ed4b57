"""All that fits say of one person, as bytes: what a hash of the person is made of."""

from __future__ import annotations

import numpy as np

from render.files.digest import hash_bytes
from render.types.fits import Fits
from render.types.sources import FitSource

# Names are texts, and which source a row is of depends on what else is in the list of files.
_COLUMNS = tuple(sorted(Fits.SHAPES.keys() - {"image_name", "sequence", "source", "place"}))
# The same for all rows of a source.
_OF_SOURCE = ("faces",)


class Pieces:
    """The bytes of each person of a table.

    Args:
        fits: The table.
    """

    def __init__(self, fits: Fits) -> None:
        self._names, self._sequences = fits.image_name, fits.sequence
        self._columns = [getattr(fits, name) for name in _COLUMNS]
        self._source, self._place = fits.source, fits.place
        self._rows = [_list_rows(source) for source in fits.sources]
        self._labels = [_label(source) for source in fits.sources]

    def list_pieces(self, person: int) -> list[bytes]:
        """The bytes of one person.

        Args:
            person: Place of the row in the table.

        Raises:
            FitFileError: Vertices that are read when they are drawn, and for this too, cannot be.
        """
        source, place = self._source[person], int(self._place[person])
        pieces = [self._labels[source], self._names[person].encode(), self._sequences[person].encode()]
        pieces += [column[person].tobytes() for column in self._columns]
        for rows in self._rows[source]:
            row = rows[place] if isinstance(rows, np.ndarray) else rows[np.array([place])]
            pieces.append(row.tobytes())
        return pieces


def _list_rows(source: FitSource) -> list[np.ndarray]:
    parts = (source.bodies, source.marks)
    return [getattr(part, name) for part in parts for name in sorted(part.SHAPES) if name not in _OF_SOURCE]


def _label(source: FitSource) -> bytes:
    """What all rows of a source have in common: words, lengths of arrays, faces."""
    told: list[str] = [source.format]
    for part in (source.bodies, source.marks):
        for name, value in sorted(vars(part).items()):
            if name in _OF_SOURCE:
                told.append(f"{name}={hash_bytes(np.ascontiguousarray(value).tobytes())}")
            else:
                told.append(f"{name}={value.shape[1:] if name in part.SHAPES else value!r}")
    return "\0".join(told).encode()
