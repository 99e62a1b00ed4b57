"""Pickles as Python 2 wrote them: texts and the numbers of arrays are byte strings."""

import struct
from typing import Any

import numpy as np


def pickle_as_python2(value: Any) -> bytes:
    """A pickle of protocol 2 of dictionaries, lists, texts, whole numbers and arrays."""
    return b"\x80\x02" + _emit(value) + b"."


def _emit(value: Any) -> bytes:
    if isinstance(value, dict):
        return b"}(" + b"".join(_emit(key) + _emit(member) for key, member in value.items()) + b"u"
    if isinstance(value, list):
        return b"](" + b"".join(map(_emit, value)) + b"e"
    if isinstance(value, tuple):
        return b"(" + b"".join(map(_emit, value)) + b"t"
    if isinstance(value, bool):
        return b"I01\n" if value else b"I00\n"
    if value is None:
        return b"N"
    if isinstance(value, int):
        return b"J" + struct.pack("<i", value)
    if isinstance(value, str | bytes):
        content = value.encode("latin-1") if isinstance(value, str) else value
        return b"T" + struct.pack("<i", len(content)) + content
    array = np.ascontiguousarray(value)
    order, kind = ("|", "b1") if array.dtype == bool else ("<", array.dtype.str[1:])
    of_kind = (
        b"cnumpy\ndtype\n"
        + _emit((kind, 0, 1))
        + b"R"
        + _emit((3, order, None, None, None, -1, -1, 0))
        + b"b"
    )
    empty = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n" + _emit((0,)) + _emit("b") + b"tR"
    state = b"(" + _emit(1) + _emit(array.shape) + of_kind + _emit(False) + _emit(array.tobytes()) + b"tb"
    return empty + state
