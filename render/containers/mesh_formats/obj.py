"""Wavefront OBJ: its vertices, their colours, and its faces."""

from __future__ import annotations

import io
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
    text = file.read(size_bytes)
    plain = _parse_plain(text)
    return _parse_lines(text) if plain is None else plain


def _parse_plain(text: bytes) -> tuple[np.ndarray, np.ndarray, None] | None:
    """What most programs write, vertices of three numbers and then triangles: ten times as fast as lines.

    Returns:
        None for all else, and for what is damaged.
    """
    first_vert = 0 if text.startswith(b"v ") else text.find(b"\nv ") + 1
    first_face = text.find(b"\nf ") + 1
    if not 0 <= first_vert < first_face or text.startswith(b"f "):
        return None
    verts, faces = text[first_vert:first_face].rstrip(), text[first_face:].rstrip()
    try:
        coordinates = _read_columns(verts, b"\nv ", np.float64)
        corners = _read_columns(faces, b"\nf ", np.int64)
    except ValueError:
        return None
    if coordinates is None or corners is None or corners.min() < 1 or corners.max() > _LARGEST_INDEX:
        return None
    return coordinates, corners - 1, None


def _read_columns(text: bytes, kind: bytes, dtype: type) -> np.ndarray | None:
    """(N, 3) of lines that all are of one kind and have three numbers."""
    if text.count(kind) != text.count(b"\n"):
        return None
    row = np.dtype([("kind", "S2"), ("numbers", dtype, 3)])
    return np.loadtxt(io.BytesIO(text), row, comments=None, encoding="latin-1", ndmin=1)["numbers"]


def _parse_lines(text: bytes) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    coordinates, colors, corners = array("d"), array("d"), array("q")
    count = 0
    for number, line in enumerate(io.BytesIO(text), 1):
        kind = line[:2]
        try:
            # Tabs are spaces too.
            if kind in (b"v ", b"v\t"):
                values = [float(one) for one in line.split(b"#")[0].split()[1:]]
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
