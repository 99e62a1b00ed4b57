"""Files of meshes hold bodies as they were posed, as other programs read them, and are valid."""

import re
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
import trimesh

from render.errors import SheetError
from render.types.meshes import MeshScene, PersonMesh, SceneCamera
from render.write.format import FORMATS
from render.write.meshes import gltf_scene
from tests.helpers.gltf_files import check_glb, project_by_camera, project_by_matrix

# A tetrahedron, counterclockwise from outside, and a vertex in no face.
FACES = np.array([(0, 2, 1), (0, 1, 3), (1, 2, 3), (2, 0, 3)], np.int32)
SIZE_WH = (640, 480)
PINHOLE = SceneCamera(SIZE_WH, focal=(500.0, 510.0), princpt=(320.0, 240.0))
BESIDE = SceneCamera(SIZE_WH, focal=(500.0, 510.0), princpt=(300.0, 250.0))
WEAK = SceneCamera(SIZE_WH, scale=200.0)
TO_OPENCV = (1, -1, -1)
# float32 numbers of some metres.
CLOSE_M = 1e-6
CLOSE_PX = 1e-9


def make_person(number=0, frame=0, camera=0, seed=0, transl_m=(0.1, -0.2, 5.0)):
    rng = np.random.default_rng([seed, number, frame])
    normals = rng.normal(0, 1, (5, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    normals[4] = 0
    return PersonMesh(
        name=f"person_{number}",
        row=7 + number,
        verts=rng.normal(0, 0.5, (5, 3)).astype(np.float32),
        normals=normals.astype(np.float32),
        faces=FACES,
        transl_m=np.array(transl_m),
        origin="camera",
        rgb=(0.32, 0.69, 0.91),
        camera=camera,
        frame=frame,
    )


def make_scene(*people, cameras=(PINHOLE,), starts_s=(0, 0), frame="camera"):
    return MeshScene(frame, people, cameras, np.array(starts_s, np.float64))


def encode(name, scene):
    return {suffix: bytes(file) for suffix, file in FORMATS.load(name).encode_meshes(scene).items()}


def encode_glb(scene):
    ((suffix, file),) = encode("glb", scene).items()
    assert suffix == ".glb"
    return file


def load(file, file_type):
    # OBJ files are put in another order otherwise.
    return trimesh.load(BytesIO(file), file_type=file_type, process=False, maintain_order=True)


@pytest.mark.parametrize("name", ["obj", "ply"])
def test_one_mesh_is_read_back_in_its_place(name):
    person = make_person()
    ((suffix, file),) = encode(name, make_scene(person)).items()
    mesh = load(file, name)
    assert suffix == f".{name}"
    np.testing.assert_allclose(mesh.vertices, person.verts + person.transl_m, rtol=0, atol=CLOSE_M)
    np.testing.assert_array_equal(mesh.faces, FACES)
    assert b"row 7: metres in the frame of the photo's camera, axes x right, y down, z away\n" in file


def test_ply_keeps_every_bit():
    person = make_person(transl_m=(0, 0, 0))
    np.testing.assert_array_equal(
        load(encode("ply", make_scene(person))[".ply"], "ply").vertices, person.verts
    )


@pytest.mark.parametrize("name", ["obj", "ply"])
def test_people_have_a_file_each(name):
    people = [make_person(number) for number in range(3)]
    files = encode(name, make_scene(*people))
    assert list(files) == [f".{k}.{name}" for k in (1, 2, 3)]
    for person, file in zip(people, files.values(), strict=True):
        placed = person.verts + person.transl_m
        np.testing.assert_allclose(load(file, name).vertices, placed, rtol=0, atol=CLOSE_M)
        assert f"row {person.row}:".encode() in file


@pytest.mark.parametrize(
    ("frame", "origin", "said"),
    [
        ("camera", "body", "around the body's own origin, turned as the picture shows it"),
        ("model", "body", "as the body model has them"),
    ],
)
def test_a_file_says_what_its_numbers_are_in(frame, origin, said):
    scene = make_scene(replace(make_person(camera=None), origin=origin), frame=frame)
    for name in ("obj", "ply"):
        assert said.encode() in encode(name, scene)[f".{name}"]


@pytest.mark.parametrize("name", ["obj", "ply", "glb"])
def test_the_same_bodies_make_the_same_bytes(name):
    first, again = (encode(name, make_scene(make_person(0), make_person(1))) for _ in range(2))
    assert first == again
    (content,) = {b"".join(first.values())}
    assert not re.search(rb"20\d\d-\d\d", content)


def test_a_scene_is_valid_and_names_its_people():
    people = make_person(0), make_person(1, camera=1)
    glb = check_glb(encode_glb(make_scene(*people, cameras=(PINHOLE, WEAK))))
    assert {name: node["extras"] for name, node in glb.list_nodes().items()} == {
        "person_0": {"row": 7, "camera": 0},
        "person_1": {"row": 8, "camera": 1},
    }
    assert list(glb.list_nodes("camera")) == ["camera_0", "camera_1"]
    assert glb.tree["scenes"][0]["extras"]["frame"] == "camera"
    assert "animations" not in glb.tree
    for person in people:
        placed = glb.place(person.name) * TO_OPENCV
        np.testing.assert_allclose(placed, person.verts + person.transl_m, rtol=0, atol=CLOSE_M)


def test_trimesh_reads_a_scene_back():
    people = make_person(0), make_person(1)
    scene = load(encode_glb(make_scene(*people)), "glb")
    for person in people:
        matrix, geometry = scene.graph[person.name]
        mesh = scene.geometry[geometry].copy().apply_transform(matrix)
        np.testing.assert_allclose(
            mesh.vertices * TO_OPENCV, person.verts + person.transl_m, rtol=0, atol=CLOSE_M
        )
        np.testing.assert_array_equal(mesh.faces, FACES)
    assert np.rad2deg(2 * np.arctan(240 / 510)) == pytest.approx(scene.camera.fov[1])


def test_faces_look_outwards():
    """The turn to glTF's axes is no mirror."""
    glb = check_glb(encode_glb(make_scene(replace(make_person(), verts=np.eye(5, 3, dtype=np.float32)))))
    (mesh,) = glb.tree["meshes"]
    faces = glb.read(mesh["primitives"][0]["indices"]).reshape(-1, 3)
    verts = glb.place("person_0")
    normals = np.cross(verts[faces[:, 1]] - verts[faces[:, 0]], verts[faces[:, 2]] - verts[faces[:, 0]])
    before = np.eye(5, 3)
    expected = np.cross(before[FACES[:, 1]] - before[FACES[:, 0]], before[FACES[:, 2]] - before[FACES[:, 0]])
    np.testing.assert_allclose(normals * TO_OPENCV, expected, rtol=0, atol=CLOSE_M)


def test_a_pinhole_sees_what_the_photo_shows():
    person = make_person()
    glb = check_glb(encode_glb(make_scene(person)))
    x, y, z = (person.verts.astype(np.float64) + person.transl_m).T
    expected = np.stack([500 * x / z + 320, 510 * y / z + 240], 1)
    (camera,) = glb.tree["cameras"]
    placed = glb.place("person_0")
    np.testing.assert_allclose(project_by_camera(camera, placed), expected, rtol=0, atol=CLOSE_PX)
    np.testing.assert_allclose(project_by_matrix(camera, placed), expected, rtol=0, atol=CLOSE_PX)


def test_a_principal_point_beside_the_middle_is_in_the_extras():
    person = make_person()
    glb = check_glb(encode_glb(make_scene(person, cameras=(BESIDE,))))
    x, y, z = (person.verts.astype(np.float64) + person.transl_m).T
    expected = np.stack([500 * x / z + 300, 510 * y / z + 250], 1)
    (camera,) = glb.tree["cameras"]
    placed = glb.place("person_0")
    np.testing.assert_allclose(project_by_matrix(camera, placed), expected, rtol=0, atol=CLOSE_PX)
    # All that glTF itself cannot say is that all of it lies aside.
    shift = project_by_camera(camera, placed) - expected
    np.testing.assert_allclose(shift, np.tile((20, -10), (5, 1)), rtol=0, atol=CLOSE_PX)


def test_weak_perspective_is_an_orthographic_camera():
    person = make_person()
    glb = check_glb(encode_glb(make_scene(person, cameras=(WEAK,))))
    placed = person.verts.astype(np.float64) + person.transl_m
    (camera,) = glb.tree["cameras"]
    assert camera["type"] == "orthographic"
    found = project_by_camera(camera, glb.place("person_0"))
    np.testing.assert_allclose(found, placed[:, :2] * 200 + (320, 240), rtol=0, atol=CLOSE_PX)


def test_colours_are_those_of_light():
    glb = check_glb(encode_glb(make_scene(replace(make_person(), rgb=(0.0, 0.5, 1.0)))))
    lens = glb.tree["materials"][0]["pbrMetallicRoughness"]
    # sRGB of one half is 0.214 of the light; a byte holds it.
    np.testing.assert_allclose(lens["baseColorFactor"], (0, 0.2140, 1, 1), rtol=0, atol=0.5 / 255)
    assert lens["metallicFactor"] == 0


def test_colours_of_vertices_come_along():
    colors = np.array([(0, 128, 255), (255, 0, 0), (9, 9, 9), (1, 2, 3), (200, 100, 50)], np.uint8)
    scene = make_scene(replace(make_person(), colors=colors))
    for name in ("obj", "ply"):
        mesh = load(encode(name, scene)[f".{name}"], name)
        np.testing.assert_array_equal(mesh.visual.vertex_colors[:, :3], colors)
    glb = check_glb(encode_glb(scene))
    (primitive,) = glb.tree["meshes"][0]["primitives"]
    found = glb.read(primitive["attributes"]["COLOR_0"])
    # As light: sRGB's 128 is 0.2159 of it.
    np.testing.assert_array_equal(found[0], (0, round(0.2159 * 255), 255, 255))
    # Which the colour of the material is multiplied by.
    assert glb.tree["materials"][0]["pbrMetallicRoughness"]["baseColorFactor"] == [1, 1, 1, 1]


def make_sequence():
    """Two people; the second one is not there in the first frame, and nobody is in the third."""
    places = [(0, 0), (0, 1), (0, 3), (1, 1), (1, 3)]
    people = [replace(make_person(number, frame), normals=None) for number, frame in places]
    return make_scene(*people, starts_s=(2.0, 2.04, 2.12, 2.16, 2.2))


def test_a_sequence_shows_each_frame_in_its_time():
    scene = make_sequence()
    glb = check_glb(encode_glb(scene))
    shown = [glb.show(time_s) for time_s in (0.0, 0.039, 0.041, 0.119, 0.121, 0.159, 0.161, 0.2, 9.0)]
    first, second, nobody = {"person_0.000000"}, {"person_0.000001", "person_1.000001"}, set()
    last = {"person_0.000003", "person_1.000003"}
    assert shown == [first, first, second, second, nobody, nobody, last, last, last]
    for person in scene.people:
        placed = glb.place(f"{person.name}.{person.frame:06d}") * TO_OPENCV
        np.testing.assert_allclose(placed, person.verts + person.transl_m, rtol=0, atol=CLOSE_M)


def test_trimesh_reads_each_frame_of_a_sequence():
    scene = make_sequence()
    read = load(encode_glb(scene), "glb")
    for person in scene.people:
        _, geometry = read.graph[f"{person.name}.{person.frame:06d}"]
        found = read.geometry[geometry].vertices * TO_OPENCV
        np.testing.assert_allclose(found, person.verts, rtol=0, atol=CLOSE_M)


def test_frames_of_other_faces_and_colours_keep_their_own():
    """As of files of several body models."""
    rng = np.random.default_rng(2)
    people = [
        replace(make_person(0, frame), normals=None, colors=rng.integers(0, 256, (5, 3), np.uint8))
        for frame in range(4)
    ]
    people[2] = replace(people[2], faces=FACES[:2])
    people[3] = replace(people[3], faces=FACES[:2])
    glb = check_glb(encode_glb(make_scene(*people, starts_s=range(5))))
    light = {}
    for person in people:
        node = glb.list_nodes()[f"person_0.{person.frame:06d}"]
        (primitive,) = glb.tree["meshes"][node["mesh"]]["primitives"]
        faces = glb.read(primitive["indices"]).reshape(-1, 3)
        np.testing.assert_array_equal(faces, person.faces)
        light[person.frame] = glb.read(primitive["attributes"]["COLOR_0"])
        # Brighter on the display is brighter in the light.
        order = np.argsort(person.colors[:, 0], kind="stable")
        assert (np.diff(light[person.frame][order, 0].astype(int)) >= 0).all()
    assert not np.array_equal(light[0], light[1])


def test_who_plays_no_animation_sees_the_first_frame():
    glb = check_glb(encode_glb(make_sequence()))
    hidden = {name for name, node in glb.list_nodes().items() if node.get("scale") == [0, 0, 0]}
    assert set(glb.list_nodes()) - hidden == {"person_0.000000"}


def test_frames_share_their_faces():
    glb = check_glb(encode_glb(make_sequence()))
    indices = {mesh["primitives"][0]["indices"] for mesh in glb.tree["meshes"]}
    assert len(indices) == 1


def test_frames_without_time_between_them_are_refused():
    scene = replace(make_sequence(), starts_s=np.array([0.0, 0.04, 0.04, 0.08, 0.12]))
    with pytest.raises(SheetError, match="too fast for the clock of glTF"):
        encode_glb(scene)


def test_more_than_the_format_holds_is_refused(monkeypatch):
    monkeypatch.setattr(gltf_scene, "_MOST_BYTES", 5 * 12 * 4)
    with pytest.raises(SheetError, match=r"5 bodies take 300 bytes, and glb holds 240; .* output=mcs"):
        encode_glb(make_sequence())
