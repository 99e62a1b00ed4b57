"""Arrays of numbers out of MATLAB files (level 5), sized before they are unpacked.

It is ours although SciPy reads these files: that follows cells in cells without a limit, and unpacks whatever
a file claims. Here the head of each variable is read, and the content of those alone that are wanted. The
layout is that of "MAT-File Format" (MathWorks).
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Collection, Iterator

import numpy as np

HEADER_BYTES = 128
# Of a variable: flags, sizes and name. MATLAB's names have 63 letters at most.
HEAD_BYTES = 512
# UV_Processed.mat has seven.
MOST_VARIABLES = 1000
MOST_AXES = 32
_MATRIX, _COMPRESSED = 14, 15
_KINDS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_CLASSES = {1: "cells", 2: "a struct", 3: "an object", 4: "text", 5: "a sparse matrix", 16: "a function"}
_NUMERIC = range(6, 16)
_COMPLEX = 0x800


def read_mat(data: bytes, names: Collection[str], most_numbers: int) -> dict[str, np.ndarray]:
    """Reads arrays of real numbers.

    Args:
        data: The file.
        names: Of the variables that are wanted; of others nothing but the head is unpacked.
        most_numbers: That one of them may hold.

    Returns:
        Those of them that are there, of the types in which they are stored.

    Raises:
        ValueError: The file is damaged or of another version, or a variable is no array of real numbers,
            or too large; the message says which.
    """
    if data[:512].startswith(b"\x89HDF") or data[512:516] == b"\x89HDF" or data[124:126] == b"\0\2":
        raise ValueError("it is of MATLAB's version 7.3; save it with -v7")
    if data[126:128] not in (b"IM", b"MI"):
        is_old = len(data) >= 20 and b"\0" in data[:4]
        raise ValueError("it is of MATLAB's version 4; save it with -v7" if is_old else "it is none")
    order = "<" if data[126:128] == b"IM" else ">"
    arrays: dict[str, np.ndarray] = {}
    for count, (kind, content) in enumerate(_list_elements(data, order)):
        if count == MOST_VARIABLES:
            raise ValueError(f"it holds more than {MOST_VARIABLES} variables")
        head = _unpack(kind, content, HEAD_BYTES, order)
        variable = _Head(head, order)
        if variable.name not in names:
            continue
        name = variable.name
        if name in arrays:
            raise ValueError(f"it holds {name} twice")
        if variable.kind not in _NUMERIC or variable.is_complex:
            found = "complex ones" if variable.is_complex else _CLASSES.get(variable.kind, "something else")
            raise ValueError(f"{name}: expected real numbers, found {found}")
        if math.prod(variable.shape) > most_numbers:
            raise ValueError(f"{name}: expected at most {most_numbers:,} numbers, found {variable.shape}")
        # Eight bytes a number at most, and tags and padding.
        most = HEAD_BYTES + 8 * math.prod(variable.shape) + 16
        arrays[name] = variable.read_numbers(_unpack(kind, content, most, order, is_whole=True))
    return arrays


class _Head:
    """What stands before the numbers of a variable."""

    def __init__(self, data: memoryview, order: str) -> None:
        self._order = order
        self.name, self.kind, self.is_complex, self.shape, self.end = "", 0, False, (), 0
        kind, flags, at = _read_element(data, 0, order)
        if kind != 6 or len(flags) != 8:
            raise ValueError("a variable without its class")
        bits = int(np.frombuffer(flags, f"{order}u4")[0])
        self.kind, self.is_complex = bits & 0xFF, bool(bits & _COMPLEX)
        try:
            kind, dims, at = _read_element(data, at, order)
            name_kind, name, at = _read_element(data, at, order)
        except _CutShort:
            # With more axes, or a longer name, than those of any variable that is wanted.
            return
        # Objects of MATLAB's newer kinds have their name in place of sizes.
        if kind != 5 or name_kind != 1 or len(dims) % 4 or not 2 <= len(dims) // 4 <= MOST_AXES:
            return
        self.name, self.end = bytes(name).decode("latin-1"), at
        self.shape = tuple(np.frombuffer(dims, f"{order}i4").tolist())
        if min(self.shape) < 0:
            raise ValueError(f"{ascii(self.name)[1:-1]}: expected sizes, found {self.shape}")

    def read_numbers(self, data: memoryview) -> np.ndarray:
        kind, content, end = _read_element(data, self.end, self._order)
        if kind not in _KINDS:
            raise ValueError(f"{self.name}: expected real numbers, found elements of type {kind}")
        dtype = np.dtype(self._order + _KINDS[kind])
        size_bytes = math.prod(self.shape) * dtype.itemsize
        if len(content) != size_bytes or end < len(data):
            raise ValueError(
                f"{self.name}: expected {size_bytes} bytes for {self.shape}, found {len(content)}"
            )
        array = np.frombuffer(content, dtype).reshape(self.shape, order="F")
        return array.astype(dtype.newbyteorder("="))


class _CutShort(ValueError):
    """An element is longer than what is there."""


def _list_elements(data: bytes, order: str) -> Iterator[tuple[int, memoryview]]:
    view, at = memoryview(data), HEADER_BYTES
    while at < len(view):
        kind, size, at = *_read_tag(view, at, order), at + 8
        if at + size > len(view):
            raise _CutShort("it is cut short")
        yield kind, view[at : at + size]
        at += size


def _unpack(kind: int, content: memoryview, most: int, order: str, is_whole: bool = False) -> memoryview:
    """The first bytes of a variable, or all of them, which may then not be more."""
    if kind == _COMPRESSED:
        inflate = zlib.decompressobj()
        start = inflate.decompress(content[: 2 * HEAD_BYTES], 8)
        rest = inflate.unconsumed_tail + bytes(content[2 * HEAD_BYTES :] if is_whole else b"")
        kind, size = _read_tag(memoryview(start), 0, order)
        # One byte more, so that the check sum at the end is seen.
        body = inflate.decompress(rest, min(size, most) + 1)
        if is_whole and (size > most or len(body) != size or not inflate.eof):
            raise ValueError("a variable of another size than it says")
        content = memoryview(body)
    if kind != _MATRIX:
        raise ValueError(f"expected variables, found an element of type {kind}")
    if is_whole and len(content) > most:
        raise ValueError("a variable of another size than it says")
    return content if is_whole else content[:most]


def _read_tag(view: memoryview, at: int, order: str) -> tuple[int, int]:
    if at + 8 > len(view):
        raise _CutShort("it is cut short")
    kind, size = np.frombuffer(view[at : at + 8], f"{order}u4").tolist()
    return kind, size


def _read_element(view: memoryview, at: int, order: str) -> tuple[int, memoryview, int]:
    """The type and content of an element inside of a variable, and where the next one begins."""
    kind, size = _read_tag(view, at, order)
    # Four bytes or less may stand in the tag itself.
    if kind >> 16:
        kind, size = kind & 0xFFFF, kind >> 16
        if size > 4:
            raise ValueError("a short element that is too long")
        return kind, view[at + 4 : at + 4 + size], at + 8
    at += 8
    if at + size > len(view):
        raise _CutShort("it is cut short")
    return kind, view[at : at + size], at + size + -size % 8
