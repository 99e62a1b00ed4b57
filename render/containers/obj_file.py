"""Wavefront OBJ: its vertices, their colours, and its faces."""

from __future__ import annotations

from array import array
from typing import BinaryIO

import numpy as np

# x y z, then a weight, a colour, or both.
_WIDTHS = (3, 4, 6, 7)
_LARGEST_INDEX = 2**31 - 1


def parse_obj(file: BinaryIO, size_bytes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Vertices (V, 3), triangles (F, 3) and colours (V, 3) of an OBJ file, whose indices are not checked.

    Coordinates of textures, normals, groups and materials are passed over, and no file that it names is
    opened.

    Args:
        file: At its beginning, binary.
        size_bytes: Its length.

    Raises:
        ValueError: A line is not as it should be; the message has its number.
    """
    coordinates, colors, corners = array("d"), array("d"), array("q")
    count = 0
    for number, line in enumerate(file, 1):
        kind = line[:2]
        try:
            # Tabs are spaces too.
            if kind in (b"v ", b"v\t"):
                values = [float(one) for one in line.split()[1:]]
                if len(values) not in _WIDTHS:
                    raise ValueError("expected three coordinates, or six numbers with a colour")
                coordinates.extend(values[:3])
                if len(values) > 4:
                    colors.extend(values[-3:])
                count += 1
            elif kind in (b"f ", b"f\t"):
                corners.extend(_read_face(line, count))
        except (ValueError, OverflowError):
            found = ascii(line[:60].decode("latin-1").strip())[1:-1]
            raise ValueError(
                f"line {number}: expected {'a vertex' if kind[:1] == b'v' else 'a face'} of an OBJ file, "
                f'found "{found}"'
            ) from None
    verts = np.array(coordinates, np.float64).reshape(-1, 3)
    faces = np.array(corners, np.int64).reshape(-1, 3)
    return verts, faces, _to_bytes(np.array(colors, np.float64).reshape(-1, 3), count)


def _read_face(line: bytes, count: int) -> list[int]:
    """Corners of the triangles of a polygon, from 0 on; a corner may be v, v/vt, v//vn or v/vt/vn."""
    found = []
    for corner in line.split(b"#")[0].split()[1:]:
        index = int(corner.partition(b"/")[0])
        # Negative ones count back from the last vertex so far.
        index = index - 1 if index > 0 else count + index if index < 0 else -1
        if not 0 <= index < _LARGEST_INDEX:
            raise ValueError("no vertex has this number")
        found.append(index)
    if len(found) < 3:
        raise ValueError("a face has three corners or more")
    first = found[0]
    return [one for k in range(1, len(found) - 1) for one in (first, found[k], found[k + 1])]


def _to_bytes(colors: np.ndarray, count: int) -> np.ndarray | None:
    if not count or len(colors) != count or not np.isfinite(colors).all():
        return None
    # Most programs write 0 to 1, some 0 to 255.
    in_bytes = colors * 255 if colors.max() <= 1 else colors
    return np.clip(np.rint(in_bytes), 0, 255).astype(np.uint8)
