"""Bodies: held to smplx, to numpy and to what can be worked out by hand."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from render.body.model_file import read_model_file
from render.body.models.smpl import PARCEL, SmplBody, make_smplx
from render.body.normals import VertexNormals
from render.body.skinning import Skinning
from render.body.smpl_arrays import MODEL_KEYS, SmplArrays
from render.resources import DEMO_BODY_FILE
from render.types.bodies import Bodies

CPU = torch.device("cpu")
# Float32 ends at 1e-7 of a metre, and a limb is a chain of up to nine joints.
TOLERANCE_M = 1e-5
COMPARED = 50


@pytest.fixture(scope="module")
def arrays() -> SmplArrays:
    """The demo body's, with corrections for the pose as large as SMPL's, which it lacks."""
    demo = read_model_file(DEMO_BODY_FILE)
    posedirs = np.random.default_rng(0).normal(0, 1e-3, demo.posedirs.shape)
    return replace(demo, posedirs=posedirs.astype(np.float32))


@pytest.fixture(scope="module")
def body(arrays, tmp_path_factory) -> SmplBody:
    return load(arrays, tmp_path_factory.mktemp("body"))


def load(arrays: SmplArrays, folder: Path) -> SmplBody:
    """The body of a file in SMPL's own layout."""
    content = {key: getattr(arrays, key) for key in MODEL_KEYS if hasattr(arrays, key)}
    kintree_table = np.stack([arrays.parents, np.arange(24)])
    np.savez(folder / "body.npz", **content, f=arrays.faces, kintree_table=kintree_table)
    return SmplBody(folder / "body.npz", "random", CPU)


def random_people(count: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """All 24 joints turned at will, and shapes of all kinds."""
    rng = np.random.default_rng(seed)
    rotmat = Rotation.random(24 * count, rng=rng).as_matrix().reshape(count, 24, 3, 3)
    betas = rng.normal(0, 2, (count, 10))
    return torch.from_numpy(rotmat).float(), torch.from_numpy(betas).float()


def farthest_from_smplx(arrays: SmplArrays, body: SmplBody, count: int) -> tuple[float, float]:
    """How far vertices and joints lie from smplx's, at most."""
    model = make_smplx(arrays)
    off_verts = off_joints = 0.0
    people = zip(*(part.split(COMPARED) for part in random_people(count)), strict=True)
    for rotmat, betas in people:
        bodies = body.pose(rotmat, betas)
        with torch.inference_mode():
            expected = model(
                betas=betas, global_orient=rotmat[:, :1], body_pose=rotmat[:, 1:], pose2rot=False
            )
        assert bodies.joints.shape == expected.joints.shape == (len(betas), 45, 3)
        off_verts = max(off_verts, (bodies.verts - expected.vertices).abs().max().item())
        off_joints = max(off_joints, (bodies.joints - expected.joints).abs().max().item())
    return off_verts, off_joints


def with_eight_weights(weights: np.ndarray) -> np.ndarray:
    """Each vertex's own, blended with those of random joints, up to eight in all."""
    rng = np.random.default_rng(1)
    blended = weights.astype(np.float64)
    for row in blended:
        others = rng.choice(24, rng.integers(0, 9 - np.count_nonzero(row)), replace=False)
        row[others] += rng.uniform(0.05, 1, len(others))
    return (blended / blended.sum(1, keepdims=True)).astype(np.float32)


def with_one_weight(weights: np.ndarray) -> np.ndarray:
    return np.eye(24, dtype=np.float32)[weights.argmax(1)]


def test_agrees_with_smplx(arrays, body):
    assert (arrays.weights != 0).sum(1).max() == 4
    assert max(farthest_from_smplx(arrays, body, 1000)) < TOLERANCE_M


@pytest.mark.parametrize(("weigh", "most"), [(with_eight_weights, 8), (with_one_weight, 1)])
def test_agrees_with_smplx_for_any_number_of_weights(
    arrays, tmp_path, weigh: Callable[[np.ndarray], np.ndarray], most: int
):
    changed = replace(arrays, weights=weigh(arrays.weights))
    assert (changed.weights != 0).sum(1).max() == most
    assert max(farthest_from_smplx(changed, load(changed, tmp_path), 1000)) < TOLERANCE_M


def test_a_body_is_the_same_bits_in_any_batch_and_at_any_place(body):
    """Batches end before, at and behind the end of a parcel, and begin anywhere in it."""
    rotmat, betas = random_people(65)
    alone = [body.pose(rotmat[i : i + 1], betas[i : i + 1]) for i in range(65)]
    for count in (31, 32, 33, 64, 65):
        for first in {0, 65 - count, (65 - count) // 2}:
            part = slice(first, first + count)
            assert_same_bits(body.pose(rotmat[part], betas[part]), alone[part])
    order = np.random.default_rng(2).permutation(65)
    assert_same_bits(body.pose(rotmat[order], betas[order]), [alone[i] for i in order])


def test_a_body_is_the_same_bits_whatever_is_posed_beside_it(body):
    rotmat, betas = random_people(33)
    alone = body.pose(rotmat[:1], betas[:1])
    rotmat[1:], betas[1:] = float("nan"), 1e30
    for place in (0, 1, 31, 32):
        order = np.roll(np.arange(33), place)
        bodies = body.pose(rotmat[order], betas[order])
        for name in ("verts", "normals", "joints"):
            assert torch.equal(getattr(bodies, name)[place], getattr(alone, name)[0])


def assert_same_bits(bodies: Bodies, alone: list[Bodies]) -> None:
    for name in ("verts", "normals", "joints"):
        expected = torch.cat([getattr(one, name) for one in alone])
        assert torch.equal(getattr(bodies, name), expected), name


def test_parcels_are_the_whole_and_no_more(body):
    size = PARCEL["cpu"]
    for count in (0, 1, size - 1, size, size + 1, 2 * size, 2 * size + 1):
        parcels = body.list_parcels(count)
        assert [i for parcel in parcels for i in range(count)[parcel]] == list(range(count))
        assert all(parcel.stop - parcel.start <= size for parcel in parcels)


def test_parcels_may_be_posed_in_any_order(body):
    rotmat, betas = random_people(70)
    bodies = body.allocate(70)
    for parcel in reversed(body.list_parcels(70)):
        body.pose_parcel(rotmat, betas, parcel, bodies)
    expected = body.pose(rotmat, betas)
    for name in ("verts", "normals", "joints"):
        assert torch.equal(getattr(bodies, name), getattr(expected, name))


def test_joints_at_rest_are_those_of_the_shape(arrays, body):
    _, betas = random_people(20)
    bodies = body.pose(torch.eye(3).expand(20, 24, 3, 3), betas)
    shapes = arrays.v_template + np.einsum("vxb,mb->mvx", arrays.shapedirs.astype(float), betas.numpy())
    expected = np.einsum("jv,mvx->mjx", arrays.J_regressor.astype(float), shapes)
    np.testing.assert_allclose(bodies.joints[:, :24].numpy(), expected, atol=TOLERANCE_M)
    np.testing.assert_allclose(bodies.verts.numpy(), shapes, atol=TOLERANCE_M)


def test_turning_the_first_joint_turns_the_body_about_it(body):
    rotmat, betas = random_people(5)
    turned = rotmat.clone()
    turned[:, 0] = torch.eye(3)
    upright, bodies = body.pose(turned, betas), body.pose(rotmat, betas)
    pelvis = upright.joints[:, :1]
    expected = (upright.verts - pelvis) @ rotmat[:, 0].mT + pelvis
    torch.testing.assert_close(bodies.verts, expected, atol=TOLERANCE_M, rtol=0)
    torch.testing.assert_close(bodies.normals, upright.normals @ rotmat[:, 0].mT, atol=1e-3, rtol=0)


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


@pytest.mark.parametrize("count", [1, 7, 8, 9, 17])
def test_normals_agree_with_numpy(arrays, count):
    """Around the number of bodies that are taken together. In shapes, which have no crumpled faces."""
    betas = random_people(count)[1].numpy() / 2
    verts = arrays.v_template + np.einsum("vxb,mb->mvx", arrays.shapedirs, betas)
    expected = numpy_normals(verts, arrays.faces)
    np.testing.assert_allclose(find_normals(verts, arrays.faces), expected, atol=1e-5)


def test_normals_of_triangles_without_order_agree_with_numpy():
    rng = np.random.default_rng(3)
    verts = rng.normal(size=(9, 200, 3)).astype(np.float32)
    faces = np.array([rng.choice(200, 3, replace=False) for _ in range(300)])
    np.testing.assert_allclose(find_normals(verts, faces), numpy_normals(verts, faces), atol=1e-5)


def test_normals_of_posed_bodies_agree_with_numpy(body):
    """Where skin is crumpled, faces are slivers or cancel each other, and what float32 drops is seen."""
    bodies = body.pose(*random_people(33))
    off = np.abs(bodies.normals.numpy() - numpy_normals(bodies.verts.numpy(), bodies.faces.numpy()))
    assert (off <= 1e-5).mean() > 0.9999
    assert off.max() < 1e-3


def test_normals_have_unit_length(body):
    bodies = body.pose(*random_people(33))
    length = bodies.normals.norm(dim=2)
    torch.testing.assert_close(length, torch.ones_like(length), atol=1e-6, rtol=0)


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


# An arm along x: shoulder, elbow, hand, and a point above the elbow that follows both halves.
ARM = [[0, 0, 0], [1, 0, 0], [2, 0, 0], [1, 1, 0]]
ARM_WEIGHTS = [[1, 0], [0, 1], [0, 1], [0.5, 0.5]]
STRAIGHT = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
# By 90 degrees about z: x becomes y.
BENT = [[0, -1, 0], [1, 0, 0], [0, 0, 1]]


def make_arm(lengthen: float = 0.0, bulge_z: float = 0.0) -> Skinning:
    """lengthen: the upper arm, by the one beta. bulge_z: moves the hand where the elbow is bent."""
    shapedirs = torch.zeros(4, 3, 1)
    shapedirs[1:, 0] = lengthen
    posedirs = torch.zeros(9, 4, 3)
    # Row 1, column 0 of the elbow's rotation: 1 at 90 degrees, 0 at rest.
    posedirs[3, 2, 2] = bulge_z
    return Skinning(
        v_template=torch.tensor(ARM, dtype=torch.float32),
        shapedirs=shapedirs,
        posedirs=posedirs.flatten(1),
        J_regressor=torch.eye(2, 4),
        weights=torch.tensor(ARM_WEIGHTS),
        parents=torch.tensor([-1, 0]),
    )


def pose_arm(
    arm: Skinning, shoulder: list, elbow: list, beta: float = 0.0, parcel: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    verts, joints = torch.empty(1, 4, 3), torch.empty(1, 2, 3)
    rotmat = torch.tensor([[shoulder, elbow]], dtype=torch.float32)
    arm(rotmat, torch.tensor([[beta]]), parcel, verts, joints)
    return verts[0].numpy(), joints[0].numpy()


@pytest.mark.parametrize(
    ("shoulder", "elbow", "verts", "joints"),
    [
        (STRAIGHT, STRAIGHT, ARM, [[0, 0, 0], [1, 0, 0]]),
        # With the lower arm the point above the elbow would go to the origin; it goes half the way.
        (STRAIGHT, BENT, [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0.5, 0.5, 0]], [[0, 0, 0], [1, 0, 0]]),
        (BENT, STRAIGHT, [[0, 0, 0], [0, 1, 0], [0, 2, 0], [-1, 1, 0]], [[0, 0, 0], [0, 1, 0]]),
        (BENT, BENT, [[0, 0, 0], [0, 1, 0], [-1, 1, 0], [-0.5, 0.5, 0]], [[0, 0, 0], [0, 1, 0]]),
    ],
    ids=["straight", "elbow", "shoulder", "both"],
)
@pytest.mark.parametrize("parcel", [1, 4])
def test_an_arm_bent_by_hand(shoulder, elbow, verts, joints, parcel):
    found = pose_arm(make_arm(), shoulder, elbow, parcel=parcel)
    np.testing.assert_allclose(found[0], verts, atol=1e-6)
    np.testing.assert_allclose(found[1], joints, atol=1e-6)


def test_a_longer_arm_bends_where_its_elbow_is_then():
    verts, joints = pose_arm(make_arm(lengthen=0.5), STRAIGHT, BENT, beta=2.0)
    np.testing.assert_allclose(joints, [[0, 0, 0], [2, 0, 0]], atol=1e-6)
    np.testing.assert_allclose(verts, [[0, 0, 0], [2, 0, 0], [2, 1, 0], [1.5, 0.5, 0]], atol=1e-6)


def test_what_a_bent_elbow_adds_is_turned_with_the_arm():
    """The hand moves off by 0.5 along z before the arm is bent about z and turned about x."""
    about_x = [[1, 0, 0], [0, 0, -1], [0, 1, 0]]
    arm = make_arm(bulge_z=0.5)
    np.testing.assert_allclose(pose_arm(arm, STRAIGHT, STRAIGHT)[0][2], [2, 0, 0], atol=1e-6)
    np.testing.assert_allclose(pose_arm(arm, STRAIGHT, BENT)[0][2], [1, 1, 0.5], atol=1e-6)
    np.testing.assert_allclose(pose_arm(arm, about_x, BENT)[0][2], [1, -0.5, 1], atol=1e-6)
    # Of the first joint nothing is added.
    np.testing.assert_allclose(pose_arm(arm, BENT, STRAIGHT)[0][2], [0, 2, 0], atol=1e-6)
