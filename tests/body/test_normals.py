"""Vertex normals: each face counts once, whatever its size, and faces without area do not count."""

import numpy as np
import pytest
import torch

from render.body.normals import VertexNormals
from tests.helpers.random_people import random_people


def numpy_normals(verts: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """The rule in plain words, in float64."""
    verts = verts.astype(np.float64)
    total = np.zeros_like(verts)
    for body, of_body in zip(verts, total, strict=True):
        a, b, c = (body[faces[:, k]] for k in range(3))
        cross = np.cross(b - a, c - a)
        length = np.linalg.norm(cross, axis=1, keepdims=True)
        unit = np.divide(cross, length, out=np.zeros_like(cross), where=length > 0)
        for k in range(3):
            np.add.at(of_body, faces[:, k], unit)
    length = np.linalg.norm(total, axis=2, keepdims=True)
    return np.divide(total, length, out=np.zeros_like(total), where=length > 0)


def find_normals(verts: np.ndarray, faces: np.ndarray) -> np.ndarray:
    tensor = torch.from_numpy(np.asarray(verts, np.float32))
    normals = torch.full_like(tensor, 7.0)
    VertexNormals(torch.tensor(faces, dtype=torch.int32), tensor.shape[1])(tensor, normals)
    return normals.numpy()


def test_normals_of_triangles_without_order_agree_with_numpy():
    rng = np.random.default_rng(3)
    verts = rng.normal(size=(9, 200, 3)).astype(np.float32)
    faces = np.array([rng.choice(200, 3, replace=False) for _ in range(300)])
    np.testing.assert_allclose(find_normals(verts, faces), numpy_normals(verts, faces), atol=1e-5)


def test_a_vertex_without_faces_has_no_normal():
    verts = [[[0, 0, 0], [9, 9, 9], [1, 0, 0], [0, 1, 0], [5, 5, 5]]]
    up, none = [0, 0, 1], [0, 0, 0]
    np.testing.assert_array_equal(find_normals(verts, [[0, 2, 3]]), [[up, none, up, up, none]])


def test_the_size_of_a_face_has_no_weight():
    """A large face that looks up and a small one that looks along x."""
    verts = [[[0, 0, 0], [100, 0, 0], [0, 100, 0], [0, 0, -0.01], [0, 0.01, 0]]]
    normals = find_normals(verts, [[0, 1, 2], [0, 4, 3]])
    np.testing.assert_allclose(normals[0, 0], np.array([-1, 0, 1]) / np.sqrt(2), atol=1e-6)
    np.testing.assert_allclose(normals[0, 1], [0, 0, 1], atol=1e-6)


@pytest.mark.parametrize(
    "degenerate",
    [[0, 0, 1], [1, 2, 1], [2, 2, 2], [0, 1, 4], [0, 5, 1]],
    ids=["corner twice", "there and back", "point", "line", "two corners at one place"],
)
def test_a_face_without_area_is_ignored(degenerate):
    verts = [[[0, 0, 0], [1, 0, 0], [0, 1, 0], [9, 9, 9], [3, 0, 0], [0, 0, 0]]]
    expected = find_normals(verts, [[0, 1, 2]])
    normals = find_normals(verts, [degenerate, [0, 1, 2], degenerate])
    assert np.isfinite(normals).all()
    np.testing.assert_array_equal(normals[0, :3], expected[0, :3])
    np.testing.assert_array_equal(normals[0, 3:], 0)


def test_faces_that_look_against_each_other_leave_no_normal():
    verts = [[[0, 0, 0], [1, 0, 0], [0, 1, 0]]]
    np.testing.assert_array_equal(find_normals(verts, [[0, 1, 2], [0, 2, 1]]), np.zeros((1, 3, 3)))


@pytest.mark.parametrize("count", [1, 7, 8, 9, 17])
def test_normals_agree_with_numpy(demo_body, count):
    """Around the number of bodies that are taken together. In shapes, which have no crumpled faces."""
    shapes = demo_body.pose(torch.eye(3).expand(count, 24, 3, 3), random_people(count)[1] / 2)
    verts, faces = shapes.verts.numpy(), shapes.faces.numpy()
    np.testing.assert_allclose(find_normals(verts, faces), numpy_normals(verts, faces), atol=1e-5)


def test_normals_of_posed_bodies_agree_with_numpy(demo_body):
    """Where skin is crumpled, faces are slivers or cancel each other, and what float32 drops is seen."""
    bodies = demo_body.pose(*random_people(33))
    off = np.abs(bodies.normals.numpy() - numpy_normals(bodies.verts.numpy(), bodies.faces.numpy()))
    assert (off <= 1e-5).mean() > 0.9999
    assert off.max() < 1e-3


def test_normals_have_unit_length(demo_body):
    bodies = demo_body.pose(*random_people(33))
    length = bodies.normals.norm(dim=2)
    torch.testing.assert_close(length, torch.ones_like(length), atol=1e-6, rtol=0)
