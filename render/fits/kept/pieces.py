"""All that fits say of one person, as bytes: what a hash of the person is made of."""

from __future__ import annotations

import numpy as np

from render.types.fits import Fits

# Which source a row is of depends on what else is in the list of files.
_NOT_THE_PERSON_S = {"source", "place"}


def list_pieces(fits: Fits, person: int) -> list[bytes]:
    """The bytes of one person.

    Vertices that are read when they are drawn are read for this, too.

    Args:
        fits: The table.
        person: Place of the row in it.
    """
    pieces = []
    for name in fits.SHAPES.keys() - _NOT_THE_PERSON_S:
        value = getattr(fits, name)[person]
        pieces.append((name, value.encode() if isinstance(value, str) else value.tobytes()))
    source = fits.sources[fits.source[person]]
    place = fits.place[person : person + 1]
    pieces.append(("format", source.format.encode()))
    for part in (source.bodies, source.marks):
        for name, value in vars(part).items():
            if name == "faces":
                found = np.ascontiguousarray(value).tobytes()
            elif name in part.SHAPES:
                found = np.ascontiguousarray(value[place]).tobytes()
            else:
                found = repr(value).encode()
            pieces.append((name, found))
    # In one order, whatever the order in which a table has its columns.
    return [piece for name, found in sorted(pieces) for piece in (name.encode(), found)]
