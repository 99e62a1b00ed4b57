"""Arrays that are added to a glTF scene which trimesh has made."""

from __future__ import annotations

from typing import Any

import numpy as np

_COMPONENTS = {"float32": 5126, "uint8": 5121}
_KINDS = {1: "SCALAR", 3: "VEC3", 4: "VEC4"}


class SceneArrays:
    """Adds arrays, each of the same content once.

    Args:
        buffers: Bytes of buffer views by their keys, as trimesh gathers them.
        tree: The JSON of the scene, whose accessors are by keys too.
    """

    def __init__(self, buffers: Any, tree: dict[str, Any]) -> None:
        self._buffers, self._accessors = buffers, tree["accessors"]
        self._known: dict[tuple[str, bytes], int] = {}

    def add(self, values: np.ndarray) -> int:
        """The index of an accessor of an array.

        Args:
            values: (N, K), K of 1, 3 or 4: float32, or uint8 that stand for 0 to 1.
        """
        kind, content = _KINDS[values.shape[1]], values.tobytes()
        index = self._known.get((kind, content))
        if index is not None:
            return index
        key = ("added", len(self._known))
        self._buffers[key] = content
        index = self._known[kind, content] = len(self._accessors)
        self._accessors[key] = {
            "bufferView": self._buffers.index(key),
            "componentType": _COMPONENTS[values.dtype.name],
            **({"normalized": True} if values.dtype == np.uint8 else {}),
            "count": len(values),
            "type": kind,
            "min": values.min(0).tolist(),
            "max": values.max(0).tolist(),
        }
        return index
