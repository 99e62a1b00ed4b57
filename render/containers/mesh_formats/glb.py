"""GLB, the binary form of glTF 2.0: the triangles of its scene, with the transforms of its nodes."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np

_JSON, _BIN = 0x4E4F534A, 0x004E4942
# Of the description of a scene; what is large is in the binary part.
_MOST_JSON_BYTES = 16 << 20
_COMPONENTS = {5120: "i1", 5121: "u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
_TRIANGLES = 4
_LINES_AND_POINTS = (0, 1, 2, 3)
# They change how a mesh looks, not where it is.
_OF_LOOKS = ("KHR_materials", "KHR_texture", "EXT_texture", "KHR_lights", "KHR_xmp")
_VERT_BYTES = 12

_Part = tuple[np.ndarray, np.ndarray, np.ndarray | None]


def parse_glb(file: BinaryIO, size_bytes: int) -> _Part:
    """Vertices (V, 3), triangles (F, 3) and colours (V, 3) of all meshes of a GLB file's scene, as one.

    Args:
        file: At its beginning, binary.
        size_bytes: Its length.

    Raises:
        ValueError: It is damaged, is not of version 2, or needs what is not read: other files, compression,
            skeletons.
    """
    tree, binary = _read_chunks(file.read(size_bytes))
    try:
        scene = _Scene(tree, binary)
        # What is no longer finite is found with the vertices.
        with np.errstate(over="ignore", invalid="ignore"):
            parts = list(scene.parts())
    except (KeyError, IndexError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(
            f"its description of the scene is no glTF 2.0 ({type(error).__name__}: {str(error)[:80]})"
        ) from None
    if not parts:
        return np.zeros((0, 3)), np.zeros((0, 3), np.int32), None
    starts = np.cumsum([0, *(len(verts) for verts, _, _ in parts)])
    verts = np.concatenate([verts for verts, _, _ in parts])
    faces = np.concatenate([faces + start for (_, faces, _), start in zip(parts, starts, strict=False)])
    colors = [color for _, _, color in parts if color is not None]
    return verts, faces, np.concatenate(colors) if len(colors) == len(parts) else None


def _read_chunks(data: bytes) -> tuple[dict[str, Any], memoryview]:
    if len(data) < 20 or data[:4] != b"glTF":
        raise ValueError("it does not begin as a GLB file does")
    version, length, json_bytes, kind = struct.unpack_from("<4I", data, 4)
    if version != 2:
        raise ValueError(f"it is of version {version} of glTF, and 2 is read")
    if length > len(data) or 20 + json_bytes > length or kind != _JSON:
        raise ValueError(f"it is cut off: its header says {length} bytes, and there are {len(data)}")
    if json_bytes > _MOST_JSON_BYTES:
        raise ValueError(f"its description of the scene has {json_bytes} bytes, more than {_MOST_JSON_BYTES}")
    try:
        tree = json.loads(data[20 : 20 + json_bytes])
    except (ValueError, RecursionError):
        raise ValueError("its description of the scene is no JSON") from None
    if not isinstance(tree, dict):
        raise ValueError("its description of the scene is no JSON object")
    start = 20 + json_bytes
    binary = memoryview(b"")
    if start + 8 <= length:
        bin_bytes, kind = struct.unpack_from("<2I", data, start)
        if start + 8 + bin_bytes > length:
            raise ValueError("it is cut off inside of its binary part")
        if kind == _BIN:
            binary = memoryview(data)[start + 8 : start + 8 + bin_bytes]
    return tree, binary


class _Scene:
    def __init__(self, tree: dict[str, Any], binary: memoryview) -> None:
        self._tree, self._binary = tree, binary
        self._verts_left = len(binary) // _VERT_BYTES
        for name in tree.get("extensionsRequired", []):
            if not str(name).startswith(_OF_LOOKS):
                raise ValueError(
                    f"it needs the extension {ascii(str(name)[:60])[1:-1]} of glTF, which is not read"
                )
        # Only the first may be inside of the file; another is opened by its name, or is text in the JSON.
        for buffer in tree.get("buffers", [])[:1]:
            if "uri" in buffer:
                raise ValueError("its vertices are in another file, which is not opened")

    def parts(self) -> Iterator[_Part]:
        """Vertices, triangles and colours of each primitive, in the order of the scene."""
        nodes = self._tree.get("nodes", [])
        scenes = self._tree.get("scenes", [])
        if scenes:
            roots = scenes[self._tree.get("scene", 0)].get("nodes", [])
        else:
            children = {child for node in nodes for child in node.get("children", [])}
            roots = [k for k in range(len(nodes)) if k not in children]
        waiting = [(index, np.eye(4)) for index in reversed(roots)]
        reached = set()
        while waiting:
            index, above = waiting.pop()
            if index in reached or index < 0:
                raise ValueError("its nodes are no tree")
            reached.add(index)
            node = nodes[index]
            matrix = above @ _read_transform(node)
            if "mesh" in node:
                if "skin" in node:
                    raise ValueError(
                        "its mesh is posed by a skeleton, which is not read; export it as it is posed"
                    )
                for primitive in self._tree["meshes"][node["mesh"]]["primitives"]:
                    if primitive.get("mode", _TRIANGLES) not in _LINES_AND_POINTS:
                        yield self._read_primitive(primitive, matrix)
            waiting += [(child, matrix) for child in reversed(node.get("children", []))]

    def _read_primitive(self, primitive: dict[str, Any], matrix: np.ndarray) -> _Part:
        if primitive.get("mode", _TRIANGLES) != _TRIANGLES:
            raise ValueError("it has strips or fans of triangles, which are not read; export it as triangles")
        attributes = primitive["attributes"]
        verts = self._read_accessor(attributes["POSITION"], 3).astype(np.float64)
        # A mesh may be in many places: all of them together take no more than what the file could hold.
        self._verts_left -= len(verts)
        if self._verts_left < 0:
            raise ValueError("it shows the same vertices more than once")
        if "indices" in primitive:
            corners = self._read_accessor(primitive["indices"], 1)[:, 0]
            if corners.dtype.kind != "u":
                raise ValueError("its faces are no whole numbers")
        else:
            corners = np.arange(len(verts))
        faces = corners[: len(corners) // 3 * 3].reshape(-1, 3).astype(np.int64)
        if faces.size and faces.max() >= len(verts):
            raise ValueError(f"a face has the corner {faces.max()}, and there are {len(verts)} vertices")
        # As glTF has it: a mirrored node turns its faces over.
        if np.linalg.det(matrix[:3, :3]) < 0:
            faces = faces[:, ::-1]
        colors = None
        if "COLOR_0" in attributes:
            colors = _to_bytes(self._read_accessor(attributes["COLOR_0"], None)[:, :3])
            if colors.shape != verts.shape:
                raise ValueError(f"it has {len(colors)} colours of {len(verts)} vertices")
        return verts @ matrix[:3, :3].T + matrix[:3, 3], faces, colors

    def _read_accessor(self, index: int, width: int | None) -> np.ndarray:
        """(count, width), a view into the file."""
        accessor = self._tree["accessors"][index]
        if "bufferView" not in accessor or "sparse" in accessor:
            raise ValueError("it has sparse arrays, which are not read")
        view = self._tree["bufferViews"][accessor["bufferView"]]
        if view["buffer"] != 0:
            raise ValueError("its vertices are in another file, which is not opened")
        dtype = np.dtype(_COMPONENTS[accessor["componentType"]])
        columns, count = _WIDTHS[accessor["type"]], accessor["count"]
        if width is not None and (columns != width or (width == 3 and dtype.kind != "f")):
            raise ValueError("its vertices or faces are of a type that glTF 2.0 does not have")
        inside, begin = accessor.get("byteOffset", 0), view.get("byteOffset", 0)
        stride = view.get("byteStride", dtype.itemsize * columns)
        data = self._binary[begin : begin + view["byteLength"]]
        if not (count >= 0 and inside >= 0 and begin >= 0 and stride >= dtype.itemsize * columns):
            raise ValueError("its arrays have negative places")
        if count and inside + (count - 1) * stride + dtype.itemsize * columns > len(data):
            raise ValueError(f"an array of {count} entries does not fit into its {len(data)} bytes")
        return np.ndarray((count, columns), dtype, data, inside, (stride, dtype.itemsize))


def _read_transform(node: dict[str, Any]) -> np.ndarray:
    """(4, 4) of glTF: a matrix by columns, or a scale, then a rotation, then a translation."""
    if "matrix" in node:
        return np.array(node["matrix"], np.float64).reshape(4, 4).T
    x, y, z, w = np.array(node.get("rotation", (0, 0, 0, 1)), np.float64)
    rotation = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    matrix = np.eye(4)
    matrix[:3, :3] = rotation * np.array(node.get("scale", (1, 1, 1)), np.float64).reshape(3)
    matrix[:3, 3] = np.array(node.get("translation", (0, 0, 0)), np.float64).reshape(3)
    return matrix


def _to_bytes(colors: np.ndarray) -> np.ndarray:
    if colors.dtype.kind == "f":
        return np.clip(np.rint(np.nan_to_num(colors) * 255), 0, 255).astype(np.uint8)
    return (colors >> 8 * (colors.dtype.itemsize - 1)).astype(np.uint8)
