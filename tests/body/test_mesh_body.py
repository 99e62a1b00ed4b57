"""Meshes of a topology: what a file gives of it, and the normals of vertices as they are."""

import numpy as np
import pytest
import torch

from render.body.mesh_body import CHUNK, MeshBody
from render.body.model import BODY_MODELS
from render.errors import BodyModelError
from render.types.sources import Meshes
from tests.helpers.made_meshes import FACES, VERTS, write_obj

CPU = torch.device("cpu")


def open_mesh(path, name="star"):
    return BODY_MODELS.load("mesh")(path, name, CPU)


def pose(model, verts):
    """Bodies of vertices, chunk by chunk as a run makes them."""
    source = Meshes("star", np.zeros((0, 3), np.int32), verts)
    inputs = tuple(map(torch.from_numpy, model.prepare(source, np.arange(len(verts)))))
    bodies = model.allocate(len(verts))
    for chunk in model.list_chunks(len(verts)):
        model.pose_chunk(inputs, chunk, bodies)
    return bodies


def test_a_file_gives_the_faces_and_how_many_vertices_they_are_of(tmp_path):
    model = open_mesh(write_obj(tmp_path / "star.obj", VERTS[0]))
    np.testing.assert_array_equal(model.faces, FACES)
    assert model.faces.dtype == torch.int32
    assert (model.name, model.vert_count, model.package) == ("star", 4, None)
    assert model.joint_names == ()
    assert model.weights.shape == (4, 0)


@pytest.mark.parametrize(
    ("faces", "is_closed"),
    [
        (FACES, True),
        (FACES[:, ::-1], True),
        (FACES[:3], False),
        # One that is turned inside out.
        (np.concatenate([FACES[:3], FACES[3:, ::-1]]), False),
        (np.concatenate([FACES, FACES[:1]]), False),
    ],
    ids=["closed", "closed, inside out", "a hole", "a face turned", "a face twice"],
)
def test_only_closed_meshes_have_insides_that_nobody_sees(tmp_path, faces, is_closed):
    assert open_mesh(write_obj(tmp_path / "star.obj", VERTS[0], faces)).is_closed is is_closed


def test_vertices_come_as_they_are_with_normals_that_are_sums_of_those_of_their_faces():
    count = CHUNK["cpu"] + 3
    verts = np.random.default_rng(0).normal(size=(count, 4, 3)).astype(np.float32)
    found = pose(MeshBody("star", torch.from_numpy(FACES), 4), verts)
    np.testing.assert_array_equal(found.verts, verts)
    assert found.joints.shape == (count, 0, 3)
    a, b, c = (verts[:, FACES[:, i]].astype(np.float64) for i in range(3))
    of_faces = np.cross(b - a, c - a)
    of_faces /= np.linalg.norm(of_faces, axis=2, keepdims=True)
    expected = np.zeros((count, 4, 3))
    for face, normal in zip(FACES, of_faces.swapaxes(0, 1), strict=True):
        expected[:, face] += normal[:, None]
    expected /= np.linalg.norm(expected, axis=2, keepdims=True)
    # Float32; unit normals that nearly cancel out lose some of its digits.
    np.testing.assert_allclose(found.normals, expected, rtol=0, atol=1e-4)


def test_rows_that_are_read_when_they_are_asked_for_are_those_of_the_batch():
    asked = []

    class Lazy:
        shape = (9, 4, 3)

        def __getitem__(self, index):
            asked.append(index.tolist())
            return np.asarray(index)[:, None, None] * np.ones((1, 4, 3))

    model = MeshBody("star", torch.from_numpy(FACES), 4)
    (verts,) = model.prepare(Meshes("star", FACES[:0], Lazy()), np.array([7, 2]))
    assert asked == [[7, 2]]
    assert verts.dtype == np.float32
    assert verts[:, 0, 0].tolist() == [7, 2]


def test_a_topology_has_no_poses():
    model = MeshBody("star", torch.from_numpy(FACES), 4)
    with pytest.raises(ValueError, match="star: expected a body model, found a topology"):
        model.pose(torch.zeros(1, 24, 3, 3), torch.zeros(1, 10))


def test_what_is_no_mesh_is_named_with_what_to_do(tmp_path):
    def refusal(path, name="star"):
        with pytest.raises(BodyModelError) as caught:
            open_mesh(path, name)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    assert refusal(None) == "star: expected a file with its faces, found none. Set body.files.star to one."
    missing = tmp_path / "none.obj"
    expected = f"{missing}: there is no such file with the faces of star. Set body.files.star to one."
    assert refusal(missing) == expected
    assert "https://github.com/facebookresearch/MHR" in refusal(missing, "mhr")
    for name, content in (("a.ply", b"ply\nformat ascii 1.0\n"), ("b.obj", b""), ("c.glb", b"glTF\2")):
        (tmp_path / name).write_bytes(content)
        message = refusal(tmp_path / name)
        assert message.startswith(f"{tmp_path / name}: expected a mesh with the faces of star; ")
