"""Wavefront OBJ: where the corners of its faces lie in a texture."""

from __future__ import annotations

import io
from array import array
from typing import NamedTuple

import numpy as np

_LARGEST_INDEX = 2**31 - 1
# Of a polygon of thousands of corners: the words of a file that is one line would fill the memory.
_LONGEST_LINE_BYTES = 1 << 16


class ObjUv(NamedTuple):
    """The UV map of an OBJ file, whose indices are not checked against its vertices.

    Attributes:
        vt: (T, 2), float64, the origin at the lower left.
        corners: (F, 3), int64, the vertices of each triangle; polygons are fans about their first corner.
        uv_corners: (F, 3), int64, rows of `vt`, negative for a corner that has none.
    """

    vt: np.ndarray
    corners: np.ndarray
    uv_corners: np.ndarray


def parse_obj_uv(text: bytes) -> ObjUv:
    """The UV map of an OBJ file; all else in it is passed over, and no file that it names is opened.

    Args:
        text: The file.

    Raises:
        ValueError: A line is not as it should be; the message has its number.
    """
    coordinates, corners, uv_corners = array("d"), array("q"), array("q")
    vert_count = vt_count = 0
    for number, line in enumerate(io.BytesIO(text), 1):
        if len(line) > _LONGEST_LINE_BYTES:
            raise ValueError(
                f"line {number}: expected at most {_LONGEST_LINE_BYTES} bytes, found {len(line)}"
            )
        kind, *words = line.split(b"#")[0].split() or [b""]
        try:
            if kind == b"v":
                vert_count += 1
            elif kind == b"vt":
                # A third number is of textures with a depth.
                u, v = (float(word) for word in words[:2])
                coordinates.extend((u, v))
                vt_count += 1
            elif kind == b"f":
                parts = [[*word.split(b"/"), b""][:2] for word in words]
                of_verts = [_read_index(one, vert_count) for one, _ in parts]
                of_uv = [_read_index(one, vt_count) if one else -1 for _, one in parts]
                if len(parts) < 3:
                    raise ValueError("a face has three corners or more")
                for k in range(1, len(parts) - 1):
                    corners.extend((of_verts[0], of_verts[k], of_verts[k + 1]))
                    uv_corners.extend((of_uv[0], of_uv[k], of_uv[k + 1]))
        except (ValueError, OverflowError):
            found = ascii(line[:60].decode("latin-1").strip())[1:-1]
            expected = "a face" if kind == b"f" else "u and v"
            raise ValueError(f'line {number}: expected {expected} of an OBJ file, found "{found}"') from None
    return ObjUv(
        np.array(coordinates, np.float64).reshape(-1, 2),
        np.array(corners, np.int64).reshape(-1, 3),
        np.array(uv_corners, np.int64).reshape(-1, 3),
    )


def _read_index(word: bytes, count: int) -> int:
    """From 0 on; negative ones count back from the last one so far."""
    index = int(word)
    index = index - 1 if index > 0 else count + index if index < 0 else -1
    if not 0 <= index < _LARGEST_INDEX:
        raise ValueError("nothing has this number")
    return index
