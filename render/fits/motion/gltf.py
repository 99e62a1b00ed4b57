"""A scene in glTF 2.0 as JSON: its arrays, which lie in it as base64, and its camera.

Nothing outside of the file is opened. As the specification has it (Khronos, glTF 2.0), the y axis is up, and
a camera looks along -z of its node.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from render.containers.json_values import RowFault, describe

_DATA = "data:"
_BASE64 = ";base64,"
_FLOAT = 5126
_WIDTHS = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}


class Gltf:
    """The arrays of a scene.

    Args:
        tree: The JSON object.

    Raises:
        RowFault: Here and in all methods, where the scene is none; it names the place in the file.
    """

    def __init__(self, tree: Mapping[str, Any]) -> None:
        self.tree = tree
        self._buffers: dict[int, bytes] = {}

    def item(self, key: str, index: Any) -> Mapping[str, Any]:
        """An object of one of the lists at the top."""
        found = self.tree.get(key)
        if not isinstance(found, list):
            raise RowFault(key, "a list", describe(found))
        # Python would count negative numbers from the end, and takes truth values for numbers.
        if type(index) is not int or not 0 <= index < len(found):
            raise RowFault(key, f"one of {len(found)}", describe(index))
        if not isinstance(found[index], dict):
            raise RowFault(f"{key}[{index}]", "an object", describe(found[index]))
        return found[index]

    def read_view(self, index: Any) -> bytes:
        """The bytes of a buffer view."""
        view = self.item("bufferViews", index)
        where = f"bufferViews[{index}]"
        start, length = whole(view, where, "byteOffset", 0), whole(view, where, "byteLength")
        content = self._read_buffer(view.get("buffer"))
        if start + length > len(content):
            raise RowFault(where, f"a place in the {len(content)} bytes of its buffer", f"{start} + {length}")
        return content[start : start + length]

    def read_accessor(self, index: Any, kind: str) -> np.ndarray:
        """(N, K) float64 of an accessor of floats of that type, SCALAR, VEC3 or VEC4."""
        accessor = self.item("accessors", index)
        where, width = f"accessors[{index}]", _WIDTHS[kind]
        if accessor.get("type") != kind or accessor.get("componentType") != _FLOAT or "sparse" in accessor:
            found = f"{describe(accessor.get('type'))} of {describe(accessor.get('componentType'))}"
            raise RowFault(where, f"{kind} of float32, {_FLOAT}", found)
        count, start = whole(accessor, where, "count"), whole(accessor, where, "byteOffset", 0)
        content = self.read_view(accessor.get("bufferView"))
        end = start + count * width * 4
        if end > len(content):
            raise RowFault(where, f"{count} entries", f"{len(content)} bytes")
        return np.frombuffer(content[start:end], "<f4").reshape(count, width).astype(np.float64)

    def _read_buffer(self, index: Any) -> bytes:
        buffer = self.item("buffers", index)
        if index not in self._buffers:
            uri = buffer.get("uri")
            head, mark, text = uri.partition(_BASE64) if isinstance(uri, str) else ("", "", "")
            if not head.startswith(_DATA) or not mark:
                raise RowFault(f"buffers[{index}].uri", "its content as base64", describe(uri))
            try:
                self._buffers[index] = base64.b64decode(text, validate=True)
            except (binascii.Error, ValueError) as error:
                raise RowFault(f"buffers[{index}].uri", "base64", str(error)) from error
        return self._buffers[index]


def whole(held: Mapping[str, Any], where: str, key: str, default: int | None = None) -> int:
    """A whole number from 0 on."""
    value = held.get(key, default)
    if type(value) is not int or value < 0:
        raise RowFault(f"{where}.{key}", "a whole number from 0 on", describe(value))
    return value


def numbers(held: Mapping[str, Any], where: str, key: str, default: Sequence[float]) -> np.ndarray:
    """So many numbers as `default` has, which stand for those that are not there."""
    value = held.get(key, default)
    is_list = isinstance(value, list | tuple) and len(value) == len(default)
    if not is_list or not all(type(x) in (int, float) for x in value):
        raise RowFault(f"{where}.{key}", f"{len(default)} numbers", describe(value))
    try:
        return np.array(value, np.float64)
    except OverflowError:
        raise RowFault(f"{where}.{key}", f"{len(default)} numbers", "an integer beyond a double") from None
