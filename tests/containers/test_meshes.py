"""Meshes of files: every vertex in its place, faces as the file has them, and nothing else opened."""

import json
import re
import struct

import numpy as np
import pytest

from render.containers.errors import ContainerError
from render.containers.meshes import read_mesh

# A tetrahedron, with numbers that float32 holds.
VERTS = np.array([(0, 0, 0), (1.5, 0, 0), (0, 2.25, 0), (0, 0, -3.125)])
FACES = [(0, 2, 1), (0, 1, 3), (1, 2, 3), (2, 0, 3)]
COLORS = np.array([(255, 0, 0), (0, 128, 0), (0, 0, 255), (1, 2, 3)], np.uint8)


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def make_obj(verts=VERTS, faces=FACES):
    lines = ["v " + " ".join(map(repr, map(float, vert))) for vert in verts]
    return "\n".join(lines + ["f " + " ".join(str(k + 1) for k in face) for face in faces]) + "\n"


def make_ply(order, faces=FACES, colors=COLORS, name="vertex_indices", ends="\n"):
    """A PLY file by its specification; faces may have any number of corners."""
    head = [
        *("ply", f"format {order} 1.0", "comment by hand", f"element vertex {len(VERTS)}"),
        *(f"property {kind}" for kind in ("double x", "float y", "float z")),
        *(f"property uchar {kind}" for kind in ("red", "green", "blue")),
        *(f"element face {len(faces)}", f"property list uchar int {name}", "property short flag"),
        "end_header",
    ]
    text = ends.join(head).encode() + ends.encode()
    if order == "ascii":
        rows = [" ".join(map(str, [*map(float, v), *c])) for v, c in zip(VERTS, colors, strict=True)]
        rows += [" ".join(map(str, [len(face), *face, 7])) for face in faces]
        return text + (ends.join(rows) + ends).encode()
    sign = "<" if "little" in order else ">"
    for vert, color in zip(VERTS, colors, strict=True):
        text += struct.pack(f"{sign}dff3B", *vert, *map(int, color))
    for face in faces:
        text += struct.pack(f"{sign}B{len(face)}ih", len(face), *face, 7)
    return text


def make_glb(change=lambda tree: None, binary=None, **nodes):
    """A GLB file with a mesh of the tetrahedron, by glTF's specification."""
    places = VERTS.astype("<f4").tobytes()
    corners = np.array(FACES, "<u2").tobytes()
    colors = np.column_stack([COLORS, np.full(4, 255, np.uint8)]).tobytes()
    attributes = {"POSITION": 0, "COLOR_0": 2}
    tree = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": attributes, "indices": 1}]}],
        "buffers": [{"byteLength": len(places + corners + colors)}],
        "bufferViews": [
            {"buffer": 0, "byteLength": 48},
            {"buffer": 0, "byteOffset": 48, "byteLength": 24},
            {"buffer": 0, "byteOffset": 72, "byteLength": 16},
        ],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3"},
            {"bufferView": 1, "componentType": 5123, "count": 12, "type": "SCALAR"},
            {"bufferView": 2, "componentType": 5121, "count": 4, "type": "VEC4", "normalized": True},
        ],
    }
    tree.update(nodes)
    change(tree)
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    binary = places + corners + colors if binary is None else binary
    chunks = (
        struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary
    )
    return b"glTF" + struct.pack("<2I", 2, 12 + len(chunks)) + chunks


def assert_tetrahedron(mesh, colors=COLORS):
    np.testing.assert_array_equal(mesh.verts, VERTS)
    np.testing.assert_array_equal(mesh.faces, FACES)
    assert (mesh.verts.dtype, mesh.faces.dtype) == (np.float64, np.int32)
    if colors is None:
        assert mesh.vertex_colors is None
    else:
        np.testing.assert_array_equal(mesh.vertex_colors, colors)


def test_obj_keeps_vertices_that_texture_and_normals_would_split(write):
    faces = "f 1/1/1 3/2/1 2/3/1\nf 1/4/2 2/5/2 4/6/2\nf 2//3 3//3 4//3\nf 3/1 1/2 4/3 # the last\n"
    head = "# made\nmtllib /etc/passwd\no body\nvt 0 0\nvn 0 0 1\nusemtl skin\ns off\r\n"
    assert_tetrahedron(read_mesh(write("a.obj", head + make_obj(faces=[]) + faces)), None)


def test_obj_counts_back_and_fans_polygons(write):
    text = make_obj(faces=[]).replace("\n", "\r\n") + "f\t-4 -3 -2 -1\nv 9 9 9\nf 1 -1 2\n"
    mesh = read_mesh(write("a.OBJ", text))
    np.testing.assert_array_equal(mesh.faces, [(0, 1, 2), (0, 2, 3), (0, 4, 1)])
    np.testing.assert_array_equal(mesh.verts[4], [9, 9, 9])


def test_obj_of_plain_lines_comes_out_as_any_other(write):
    random = np.random.default_rng(2)
    verts, faces = random.normal(size=(50, 3)), random.integers(0, 50, (90, 3))
    plain = make_obj(verts, faces)
    texts = [
        plain,
        "# by hand\n" + plain.rstrip(),
        plain.replace("\n", "\r\n"),
        plain.replace("\nf", "\n\nf", 1),
        plain.replace("\nf", "\nvn 0 0 1\nf", 1),
        plain.replace("\nv", " # the first\nv", 1),
        plain + "g nothing\n",
    ]
    for text in texts:
        mesh = read_mesh(write("a.obj", text))
        # Shortest decimals of doubles, which come back as they were.
        np.testing.assert_array_equal(mesh.verts, verts)
        np.testing.assert_array_equal(mesh.faces, faces)


@pytest.mark.parametrize("most", [1, 255])
def test_obj_colors_are_of_1_or_of_255(write, most):
    verts = np.column_stack([VERTS, COLORS / 255 * most])
    assert_tetrahedron(read_mesh(write("a.obj", make_obj(verts))))


@pytest.mark.parametrize(
    ("order", "ends"),
    [("ascii", "\n"), ("ascii", "\r\n"), ("binary_little_endian", "\n"), ("binary_big_endian", "\n")],
)
def test_ply_of_every_order(write, order, ends):
    assert_tetrahedron(read_mesh(write("a.ply", make_ply(order, ends=ends, name="vertex_index"))))


@pytest.mark.parametrize("order", ["ascii", "binary_little_endian", "binary_big_endian"])
def test_ply_fans_polygons_of_any_size(write, order):
    mesh = read_mesh(write("a.ply", make_ply(order, [(0, 1, 2, 3), (0, 1, 2), (3, 2)])))
    np.testing.assert_array_equal(mesh.faces, [(0, 1, 2), (0, 2, 3), (0, 1, 2)])


def test_ply_without_colors_or_with_floats(write):
    text = make_ply("ascii").decode()
    plain = text.replace("uchar green", "uchar other")
    assert_tetrahedron(read_mesh(write("a.ply", plain)), None)
    for name in ("red", "green", "blue"):
        text = text.replace(f"uchar {name}", f"float {name}")
    ones = np.eye(4, 3, dtype=np.uint8)
    floats = make_ply("ascii", colors=ones).decode()
    head, rows = text.partition("end_header\n")[0], floats.partition("end_header\n")[2]
    assert_tetrahedron(read_mesh(write("a.ply", f"{head}end_header\n{rows}")), ones * 255)


def test_glb_is_read_as_it_is(write):
    assert_tetrahedron(read_mesh(write("a.glb", make_glb())))


def test_glb_applies_the_transforms_of_nodes(write):
    half = np.sqrt(0.5)
    # About z by a quarter, then twice as large in all, then moved; and a mirrored one below it.
    nodes = [
        {"children": [1, 2], "translation": [10, 0, 0], "rotation": [0, 0, half, half], "scale": [2, 2, 2]},
        {"mesh": 0},
        {"mesh": 0, "matrix": [-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 5, 1]},
    ]
    # A mesh in two places needs no more than the file could hold.
    data = make_glb(nodes=nodes, binary=None, extras="x")
    data = make_glb(nodes=nodes, binary=padded(data, 96))
    mesh = read_mesh(write("a.glb", data))
    turned = np.column_stack([-VERTS[:, 1], VERTS[:, 0], VERTS[:, 2]]) * 2 + (10, 0, 0)
    mirrored = VERTS * (-1, 1, 1) + (0, 0, 5)
    second = np.column_stack([-mirrored[:, 1], mirrored[:, 0], mirrored[:, 2]]) * 2 + (10, 0, 0)
    # The root of a half is rounded in the file's JSON as in double.
    np.testing.assert_allclose(mesh.verts, np.concatenate([turned, second]), atol=1e-14)
    np.testing.assert_array_equal(mesh.faces[:4], FACES)
    np.testing.assert_array_equal(mesh.faces[4:], np.array(FACES)[:, ::-1] + 4)
    np.testing.assert_array_equal(mesh.vertex_colors, np.concatenate([COLORS, COLORS]))


def padded(glb, size):
    """The binary part of a GLB file, with zeros behind it."""
    json_bytes = struct.unpack_from("<I", glb, 12)[0]
    return glb[20 + json_bytes + 8 :].ljust(size, b"\0")


def test_glb_without_a_scene_colors_or_indices(write):
    def strip(tree):
        del tree["scenes"], tree["scene"], tree["accessors"][1:], tree["bufferViews"][1:]
        tree["meshes"][0]["primitives"] = [{"attributes": {"POSITION": 0}}, {"mode": 1, "attributes": {}}]
        tree["accessors"][0].update(count=3)

    mesh = read_mesh(write("a.glb", make_glb(strip)))
    np.testing.assert_array_equal(mesh.verts, VERTS[:3])
    np.testing.assert_array_equal(mesh.faces, [(0, 1, 2)])
    assert mesh.vertex_colors is None


OBJ, PLY = make_obj(), make_ply("ascii").decode()
LITTLE = make_ply("binary_little_endian")
BAD_TEXTS = {
    "empty": ("a.obj", "", "an empty file"),
    "lfs": ("a.ply", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git-lfs pointer"),
    "html": ("a.obj", "\n<!DOCTYPE html><title>Sign in</title>", "a web page"),
    "suffix": ("a.stl", OBJ, "expected a mesh (.obj, .ply, .glb), found a .stl name"),
    "no faces": ("a.obj", make_obj(faces=[]), "it has vertices and no faces"),
    "no vertices": ("a.obj", "# nothing\n", "it has no vertices"),
    "NaN": ("a.obj", OBJ.replace("2.25", "nan"), "vertex 2 is not finite: [0.0, nan, 0.0]"),
    "infinite": ("a.obj", OBJ.replace("2.25", "1e999"), "vertex 2 is not finite"),
    "two coordinates": (
        "a.obj",
        OBJ.replace("1.5 0.0 0.0", "1.5 0.0"),
        "line 2: expected a vertex of an OBJ file",
    ),
    "out of range": (
        "a.obj",
        OBJ + "f 1 2 9\n",
        "face 4 has the corners [0, 1, 8], and there are 4 vertices",
    ),
    "zero": ("a.obj", OBJ + "f 1 2 0\n", "line 9: expected a face"),
    "far back": ("a.obj", OBJ + "f 1 2 -5\n", "line 9: expected a face"),
    "huge": ("a.obj", OBJ + f"f 1 2 {10**30}\n", "line 9: expected a face"),
    "cut face": ("a.obj", OBJ + "f 1 2", 'line 9: expected a face of an OBJ file, found "f 1 2"'),
    "words": ("a.obj", OBJ + "f a \x1b[2J b", 'found "f a \\x1b[2J b"'),
    "ply of nothing": ("a.ply", "ply\nformat ascii 1.0\nend_header\n", "no element vertex"),
    "ply cut": ("a.ply", PLY[:-10], "it ends before the last face"),
    "ply cut head": ("a.ply", PLY[:90], "its header has a line"),
    "ply claims": (
        "a.ply",
        PLY.replace("vertex 4", "vertex 999999999999"),
        "it claims 999999999999 of vertex",
    ),
    "ply type": ("a.ply", PLY.replace("double x", "float128 x"), 'does not have: "property float128 x"'),
    "ply twice": ("a.ply", PLY.replace("float y", "float z"), 'does not have: "property float z"'),
    "ply words": ("a.ply", PLY.replace("0.0 2.25", "0.0 two"), "vertex 2 is no line"),
    "ply range": ("a.ply", PLY.replace("3 1 2 3", "3 1 2 4"), "face 2 has the corners [1, 2, 4]"),
    "ply below": ("a.ply", PLY.replace("3 1 2 3", "3 1 2 -1"), "face 2 has the corners [1, 2, -1]"),
    "ply strips": ("a.ply", PLY.replace("vertex_indices", "strips"), "it has vertices and no faces"),
    "binary cut": ("a.ply", LITTLE[:-3], "it ends before the last face"),
    "binary cut early": ("a.ply", LITTLE[:-65], "it ends before the last vertex"),
    "binary claims": (
        "a.ply",
        LITTLE.replace(b"vertex 4", b"vertex 99999999"),
        "it claims 99999999 of vertex",
    ),
    "binary list": ("a.ply", LITTLE.replace(b"uchar int", b"int double"), "does not have"),
    "glb magic": ("a.glb", b"glTf" + make_glb()[4:], "it does not begin as a GLB file does"),
    "glb 1": ("a.glb", b"glTF\1\0\0\0" + make_glb()[8:], "version 1 of glTF"),
    "glb cut": ("a.glb", make_glb()[:-1], "it is cut off"),
    "glb short": ("a.glb", make_glb()[:19], "it does not begin as"),
}


@pytest.mark.parametrize(("name", "content", "found"), BAD_TEXTS.values(), ids=BAD_TEXTS)
def test_bad_files_are_refused_in_a_sentence(write, name, content, found):
    with pytest.raises(ContainerError, match=re.escape(found)) as caught:
        read_mesh(write(name, content))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


def put(*path, value):
    """Changes one place of a description of a scene."""

    def change(tree):
        for key in path[:-1]:
            tree = tree[key]
        tree[path[-1]] = value

    return change


BAD_SCENES = {
    "another file": (put("buffers", 0, "uri", value="/etc/passwd"), "in another file, which is not opened"),
    "another buffer": (put("bufferViews", 0, "buffer", value=1), "in another file"),
    "count": (put("accessors", 0, "count", value=10**12), "an array of 1000000000000 entries does not fit"),
    "zeros": (put("accessors", 0, value={"componentType": 5126, "count": 10**12, "type": "VEC3"}), "sparse"),
    "negative": (put("bufferViews", 0, "byteOffset", value=-48), "negative places"),
    "stride": (put("bufferViews", 0, "byteStride", value=0), "negative places"),
    "inside": (put("accessors", 0, "byteOffset", value=44), "does not fit"),
    "no component": (put("accessors", 0, "componentType", value=1), "is no glTF 2.0 (KeyError: 1)"),
    "shorts": (put("accessors", 0, "componentType", value=5122), "of a type that glTF 2.0 does not have"),
    "float faces": (
        put("accessors", 1, value={"bufferView": 0, "componentType": 5126, "count": 3, "type": "SCALAR"}),
        "its faces are no whole numbers",
    ),
    "range": (put("accessors", 0, "count", value=3), "a face has the corner 3, and there are 3 vertices"),
    "circle": (put("nodes", 0, "children", value=[0]), "its nodes are no tree"),
    "many parents": (put("scenes", 0, "nodes", value=[0, 0]), "its nodes are no tree"),
    "many places": (
        put("nodes", value=[{"children": list(range(1, 99))}, *[{"mesh": 0}] * 98]),
        "more than once",
    ),
    "draco": (put("extensionsRequired", value=["KHR_draco_mesh_compression"]), "KHR_draco_mesh_compression"),
    "skin": (put("nodes", 0, "skin", value=0), "a skeleton, which is not read"),
    "strips": (put("meshes", 0, "primitives", 0, "mode", value=5), "strips or fans"),
    "no nodes": (put("nodes", value=3), "is no glTF 2.0 (TypeError"),
    "text": (put("accessors", 0, "count", value="4"), "is no glTF 2.0 (TypeError"),
    "infinite": (put("nodes", 0, "scale", value=[1e308, 1e308, 1e308]), "is not finite"),
    "matrix": (put("nodes", 0, "matrix", value=[1, 2]), "cannot reshape"),
    "nothing": (put("scenes", 0, "nodes", value=[]), "it has no vertices"),
}


@pytest.mark.parametrize(("change", "found"), BAD_SCENES.values(), ids=BAD_SCENES)
def test_bad_scenes_are_refused_in_a_sentence(write, change, found):
    with pytest.raises(ContainerError, match=re.escape(found)):
        read_mesh(write("a.glb", make_glb(change)))


def test_a_glb_file_cut_anywhere_is_refused(write):
    data = make_glb()
    for length in range(0, len(data), 7):
        with pytest.raises(ContainerError, match=r"GLB|cut off|empty"):
            read_mesh(write("a.glb", data[:length]))


def test_a_binary_ply_file_cut_anywhere_is_refused(write):
    for length in range(0, len(LITTLE), 7):
        with pytest.raises(ContainerError, match=r"header|ends|claims|empty|begin"):
            read_mesh(write("a.ply", LITTLE[:length]))
