"""PLY, as text or binary of both byte orders: its vertices, their colours, and its faces."""

from __future__ import annotations

from array import array
from typing import BinaryIO, NamedTuple

import numpy as np

_TYPES = {
    name: dtype
    for dtype, names in {
        "i1": ("char", "int8"),
        "u1": ("uchar", "uint8"),
        "i2": ("short", "int16"),
        "u2": ("ushort", "uint16"),
        "i4": ("int", "int32"),
        "u4": ("uint", "uint32"),
        "f4": ("float", "float32"),
        "f8": ("double", "float64"),
    }.items()
    for name in names
}
_ORDERS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
_CORNERS = "vertex_indices"
_COLORS = ("red", "green", "blue")
_MOST_HEADER_LINES, _LONGEST_LINE = 1000, 4096


class _Property(NamedTuple):
    name: str
    dtype: str
    # Of a list's length; empty where it is no list.
    length_dtype: str


class _Element(NamedTuple):
    name: str
    entries: int
    properties: list[_Property]


def parse_ply(file: BinaryIO, size_bytes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Vertices (V, 3), triangles (F, 3) and colours (V, 3) of a PLY file, whose indices are not checked.

    Args:
        file: At its beginning, binary.
        size_bytes: Its length.

    Raises:
        ValueError: It is damaged, cut off, or has no vertices or faces.
    """
    order, elements = _read_header(file)
    left = size_bytes - file.tell()
    body = memoryview(file.read(left) if order else b"")
    start = 0
    found: dict[str, dict[str, np.ndarray]] = {}
    for element in elements:
        # An entry takes a byte at least; what a header claims is never allocated.
        if element.properties and element.entries > left:
            raise ValueError(f"it claims {element.entries} of {element.name} in {left} bytes")
        if order:
            columns, start = _read_binary(body, start, element, order)
        else:
            columns = _read_lines(file, element)
        found.setdefault(element.name, columns)
    vertex = found.get("vertex", {})
    if not all(axis in vertex for axis in "xyz"):
        raise ValueError("it has no element vertex with x, y and z")
    verts = np.column_stack([vertex[axis].astype(np.float64) for axis in "xyz"])
    face = found.get("face", {})
    faces = face.get(_CORNERS, np.zeros((0, 3), np.int32))
    return verts, faces, _read_colors(vertex)


def _read_header(file: BinaryIO) -> tuple[str, list[_Element]]:
    elements: list[_Element] = []
    order: str | None = None
    if file.readline(_LONGEST_LINE).strip() != b"ply":
        raise ValueError("it does not begin with the line ply")
    for _ in range(_MOST_HEADER_LINES):
        line = file.readline(_LONGEST_LINE)
        if not line:
            raise ValueError("it ends inside of its header")
        words = line.decode("latin-1").split()
        try:
            match words:
                case ["end_header"]:
                    if order is None:
                        raise ValueError("no format")
                    return order, elements
                case ["format", name, "1.0"]:
                    order = _ORDERS[name]
                case ["element", name, count]:
                    elements.append(_Element(name, int(count), []))
                    if elements[-1].entries < 0:
                        raise ValueError("negative")
                case ["property", "list", length, kind, name]:
                    name = _CORNERS if name == "vertex_index" else name
                    if "f" in _TYPES[length] + (_TYPES[kind] if name == _CORNERS else ""):
                        raise ValueError("not whole numbers")
                    _add(elements[-1], _Property(name, _TYPES[kind], _TYPES[length]))
                case ["property", kind, name] if name != _CORNERS:
                    _add(elements[-1], _Property(name, _TYPES[kind], ""))
                case ["comment" | "obj_info", *_] if line.endswith(b"\n"):
                    pass
                case _:
                    raise ValueError("unknown")
        except (KeyError, IndexError, ValueError):
            shown = ascii(line[:60].decode("latin-1").strip())[1:-1]
            raise ValueError(f'its header has a line that PLY 1.0 does not have: "{shown}"') from None
    raise ValueError(f"its header has more than {_MOST_HEADER_LINES} lines")


def _add(element: _Element, one: _Property) -> None:
    if any(one.name == other.name for other in element.properties):
        raise ValueError("twice")
    element.properties.append(one)


def _read_binary(
    body: memoryview, start: int, element: _Element, order: str
) -> tuple[dict[str, np.ndarray], int]:
    """The columns of an element, with the faces as triangles, and where the next element begins."""
    if not element.entries or not element.properties:
        return {}, start
    # Lists are mostly as long as those of the first entry.
    lengths, _ = _measure_entry(body, start, element, order)
    fields: list[tuple] = []
    for k, (p, length) in enumerate(zip(element.properties, lengths, strict=True)):
        if p.length_dtype:
            fields.append((f"length {k}", order + p.length_dtype))
        fields.append((f"{k}", order + p.dtype, (length,)))
    row = np.dtype(fields)
    if start + element.entries * row.itemsize <= len(body):
        rows = np.frombuffer(body, row, element.entries, start)
        lists = [(k, length) for k, length in enumerate(lengths) if element.properties[k].length_dtype]
        if all((rows[f"length {k}"] == length).all() for k, length in lists):
            columns: dict[str, np.ndarray] = {}
            for k, p in enumerate(element.properties):
                if not p.length_dtype:
                    columns[p.name] = rows[f"{k}"][:, 0]
                elif p.name == _CORNERS:
                    columns[p.name] = _fan(rows[f"{k}"])
            return columns, start + element.entries * row.itemsize
    return _read_ragged(body, start, element, order)


def _measure_entry(body: memoryview, start: int, element: _Element, order: str) -> tuple[list[int], int]:
    """How many values each property of an entry has, and where the next entry begins."""
    lengths = []
    for p in element.properties:
        length = 1
        if p.length_dtype:
            size = np.dtype(p.length_dtype).itemsize
            if start + size > len(body):
                raise ValueError(f"it ends before the last {element.name}")
            length = int(np.frombuffer(body, order + p.length_dtype, 1, start)[0])
            start += size
        lengths.append(length)
        start += length * np.dtype(p.dtype).itemsize
        if length < 0 or start > len(body):
            raise ValueError(f"it ends before the last {element.name}")
    return lengths, start


def _read_ragged(
    body: memoryview, start: int, element: _Element, order: str
) -> tuple[dict[str, np.ndarray], int]:
    """As `_read_binary`, for polygons of different sizes: only the faces' corners are kept."""
    sizes, corners = array("i"), array("i")
    for _ in range(element.entries):
        lengths, end = _measure_entry(body, start, element, order)
        for p, length in zip(element.properties, lengths, strict=True):
            start += np.dtype(p.length_dtype).itemsize if p.length_dtype else 0
            if p.name == _CORNERS:
                polygon = np.frombuffer(body, order + p.dtype, length, start)
                sizes.append(length)
                corners.frombytes(polygon.astype(np.int32).tobytes())
            start += length * np.dtype(p.dtype).itemsize
        start = end
    return {_CORNERS: _fan_all(sizes, corners)}, start


def _read_lines(file: BinaryIO, element: _Element) -> dict[str, np.ndarray]:
    """As `_read_binary`, of a file of text, in which each entry is a line."""
    columns: dict[str, array] = {
        p.name: array("i" if p.name == _CORNERS else "d") for p in element.properties
    }
    sizes = array("i")
    for number in range(element.entries if element.properties else 0):
        line = b"\n"
        while line.isspace():
            line = file.readline()
        if not line:
            raise ValueError(f"it ends before the last {element.name}")
        words, at = line.split(), 0
        try:
            for p in element.properties:
                length = int(words[at]) if p.length_dtype else 1
                at += bool(p.length_dtype)
                values = words[at : at + length]
                at += length
                if length < 0 or len(values) != length:
                    raise ValueError("too few")
                if p.name == _CORNERS:
                    columns[p.name].extend(map(int, values))
                    sizes.append(length)
                elif not p.length_dtype:
                    columns[p.name].append(float(values[0]))
        except (ValueError, IndexError, OverflowError):
            shown = ascii(line[:60].decode("latin-1").strip())[1:-1]
            raise ValueError(f'{element.name} {number} is no line of this PLY file: "{shown}"') from None
    # Numbers too large for their type are of no colour and of no vertex.
    with np.errstate(invalid="ignore"):
        return {
            p.name: _fan_all(sizes, columns[p.name])
            if p.name == _CORNERS
            else np.array(columns[p.name]).astype(p.dtype)
            for p in element.properties
        }


def _fan_all(sizes: array[int], corners: array[int]) -> np.ndarray:
    """Polygons one after the other as triangles."""
    of_size, flat = np.array(sizes, np.int64), np.array(corners, np.int32)
    if len(of_size) and (of_size == of_size[0]).all():
        return _fan(flat.reshape(len(of_size), -1))
    ends = np.cumsum(of_size)
    triangles = [_fan(flat[end - size : end][None]) for size, end in zip(of_size, ends, strict=True)]
    return np.concatenate([*triangles, np.zeros((0, 3), np.int32)])


def _fan(polygons: np.ndarray) -> np.ndarray:
    """(N, K) corners as triangles (N (K - 2), 3)."""
    size = polygons.shape[1]
    if size < 3:
        return np.zeros((0, 3), np.int32)
    k = np.arange(1, size - 1)
    # What 31 bits do not hold becomes negative, and is out of range either way.
    return polygons.astype(np.int32)[:, np.column_stack([0 * k, k, k + 1])].reshape(-1, 3)


def _read_colors(vertex: dict[str, np.ndarray]) -> np.ndarray | None:
    if not all(name in vertex for name in _COLORS):
        return None
    colors = np.column_stack([vertex[name] for name in _COLORS])
    if colors.dtype.kind == "f":
        colors = np.nan_to_num(colors) * 255
    return np.clip(np.rint(colors), 0, 255).astype(np.uint8)
