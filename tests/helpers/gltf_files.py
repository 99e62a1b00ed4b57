"""GLB files taken apart by the specification alone (Khronos, glTF 2.0), and what holds of each valid one."""

import json
import struct
from typing import Any, NamedTuple

import numpy as np

TYPES = {5121: "u1", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
NO_TRANSLATION, NO_SCALE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)


class Glb(NamedTuple):
    """A file's JSON and its binary part."""

    tree: dict[str, Any]
    binary: bytes

    def read(self, index: int) -> np.ndarray:
        """(count, width) of an accessor."""
        accessor = self.tree["accessors"][index]
        view = self.tree["bufferViews"][accessor["bufferView"]]
        dtype, width = np.dtype(TYPES[accessor["componentType"]]), WIDTHS[accessor["type"]]
        begin, inside = view.get("byteOffset", 0), accessor.get("byteOffset", 0)
        length = accessor["count"] * width * dtype.itemsize
        assert "byteStride" not in view
        assert inside + length <= view["byteLength"]
        assert (begin + inside) % 4 == 0
        content = self.binary[begin + inside : begin + inside + length]
        return np.frombuffer(content, dtype).reshape(accessor["count"], width)

    def list_nodes(self, key: str = "mesh") -> dict[str, dict[str, Any]]:
        """The nodes that have this, by their names."""
        return {node["name"]: node for node in self.tree["nodes"] if key in node}

    def place(self, name: str) -> np.ndarray:
        """(V, 3) vertices of a node's mesh where the node puts them, float64."""
        node = self.list_nodes()[name]
        (primitive,) = self.tree["meshes"][node["mesh"]]["primitives"]
        verts = self.read(primitive["attributes"]["POSITION"]).astype(np.float64)
        return verts + node.get("translation", NO_TRANSLATION)

    def show(self, time_s: float) -> set[str]:
        """The nodes with meshes that are seen at a time of the animation."""
        scales = {k: node.get("scale", NO_SCALE) for k, node in enumerate(self.tree["nodes"])}
        (animation,) = self.tree["animations"]
        for channel in animation["channels"]:
            assert channel["target"]["path"] == "scale"
            sampler = animation["samplers"][channel["sampler"]]
            times, values = self.read(sampler["input"])[:, 0], self.read(sampler["output"])
            assert sampler["interpolation"] == "STEP"
            at = np.clip(np.searchsorted(times, np.float32(time_s), "right") - 1, 0, len(times) - 1)
            scales[channel["target"]["node"]] = values[at]
        return {
            node["name"]
            for k, node in enumerate(self.tree["nodes"])
            if "mesh" in node and np.any(np.asarray(scales[k]) != 0)
        }


def parse_glb(file: bytes) -> Glb:
    """Takes a file apart; its lengths and its padding are right."""
    magic, version, length, json_bytes, kind = struct.unpack_from("<5I", file)
    assert (magic, version, length, kind) == (0x46546C67, 2, len(file), 0x4E4F534A)
    bin_bytes, kind = struct.unpack_from("<2I", file, 20 + json_bytes)
    assert kind == 0x004E4942
    assert json_bytes % 4 == bin_bytes % 4 == 0
    assert 28 + json_bytes + bin_bytes == length
    tree = json.loads(file[20 : 20 + json_bytes], parse_constant=refuse)
    return Glb(tree, file[28 + json_bytes :])


def refuse(name: str) -> None:
    """JSON has no NaN and no infinity."""
    raise AssertionError(name)


def check_glb(file: bytes) -> Glb:
    """What Khronos' validator looks at of what such files have."""
    glb = parse_glb(file)
    tree = glb.tree
    assert tree["asset"]["version"] == "2.0"
    (buffer,) = tree["buffers"]
    assert "uri" not in buffer
    assert 0 <= len(glb.binary) - buffer["byteLength"] < 4
    ends = [view.get("byteOffset", 0) + view["byteLength"] for view in tree["bufferViews"]]
    assert max(ends) <= buffer["byteLength"]
    assert all(view["byteLength"] > 0 for view in tree["bufferViews"])
    for index, accessor in enumerate(tree["accessors"]):
        values = glb.read(index)
        assert np.isfinite(values).all()
        if "min" in accessor:
            np.testing.assert_array_equal(np.float64(accessor["min"]), values.min(0))
            np.testing.assert_array_equal(np.float64(accessor["max"]), values.max(0))
    check_meshes(glb)
    check_nodes(glb)
    for animation in tree.get("animations", []):
        check_animation(glb, animation)
    return glb


def check_meshes(glb: Glb) -> None:
    for mesh in glb.tree["meshes"]:
        for primitive in mesh["primitives"]:
            attributes = primitive["attributes"]
            position = glb.tree["accessors"][attributes["POSITION"]]
            assert {"min", "max"} <= position.keys()
            indices = glb.read(primitive["indices"])
            assert indices.dtype.kind == "u"
            assert indices.max() < position["count"]
            assert len(indices) % 3 == 0
            if "NORMAL" in attributes:
                lengths = np.linalg.norm(glb.read(attributes["NORMAL"]), axis=1)
                np.testing.assert_allclose(lengths, 1, rtol=0, atol=5e-4)
            assert {glb.tree["accessors"][k]["count"] for k in attributes.values()} == {position["count"]}
            assert primitive["material"] < len(glb.tree["materials"])


def check_nodes(glb: Glb) -> None:
    tree = glb.tree
    nodes = tree["nodes"]
    children = [child for node in nodes for child in node.get("children", [])]
    roots = tree["scenes"][tree["scene"]]["nodes"]
    # Each node is in one place of the tree.
    assert sorted([*roots, *children]) == list(range(len(nodes)))
    assert all("matrix" not in node for node in nodes)
    for node in nodes:
        if "camera" in node:
            camera = tree["cameras"][node["camera"]]
            lens = camera[camera["type"]]
            assert min(value for key, value in lens.items() if key != "znear") > 0
            assert 0 <= lens["znear"] < lens.get("zfar", np.inf)


def check_animation(glb: Glb, animation: dict[str, Any]) -> None:
    targets = [(channel["target"]["node"], channel["target"]["path"]) for channel in animation["channels"]]
    assert len(set(targets)) == len(targets)
    for sampler in animation["samplers"]:
        assert {"min", "max"} <= glb.tree["accessors"][sampler["input"]].keys()
        times = glb.read(sampler["input"])
        assert times.shape[1] == 1
        assert times[0] >= 0
        assert (np.diff(times[:, 0]) > 0).all()
        assert len(glb.read(sampler["output"])) == len(times)


def project_by_camera(camera: dict[str, Any], points_m: np.ndarray) -> np.ndarray:
    """(P, 2) px of points in glTF's axes, by what glTF says of a camera at the origin and nothing else."""
    width, height = camera["extras"]["width"], camera["extras"]["height"]
    lens = camera[camera["type"]]
    if camera["type"] == "perspective":
        to_ndc = 1 / np.tan(lens["yfov"] / 2)
        x = points_m[:, 0] / -points_m[:, 2] * to_ndc / lens["aspectRatio"]
        y = points_m[:, 1] / -points_m[:, 2] * to_ndc
    else:
        x, y = points_m[:, 0] / lens["xmag"], points_m[:, 1] / lens["ymag"]
    return np.stack([(x + 1) / 2 * width, (1 - y) / 2 * height], axis=1)


def project_by_matrix(camera: dict[str, Any], points_m: np.ndarray) -> np.ndarray:
    """(P, 2) px of points in glTF's axes by the camera's K, which is OpenCV's."""
    seen = points_m * (1, -1, -1) @ np.transpose(camera["extras"]["K"])
    return seen[:, :2] / seen[:, 2:]
