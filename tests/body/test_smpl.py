"""Bodies of SMPL: held to smplx, and the same bits however they are batched."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from render.body.abreast import width
from render.body.family.body import CHUNK, FamilyBody
from render.body.family.kinds import KINDS
from render.body.model_file import read_model_file
from render.body.models.smpl import open_body
from render.body.normals import VertexNormals
from render.body.smpl_arrays import MODEL_KEYS, SmplArrays
from render.resources import DEMO_BODY_FILE
from render.types.bodies import Bodies
from tests.helpers.random_people import random_people
from tests.helpers.smplx_oracle import make_smplx

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
def body(arrays, tmp_path_factory) -> FamilyBody:
    return load(arrays, tmp_path_factory.mktemp("body"))


def load(arrays: SmplArrays, folder: Path) -> FamilyBody:
    """The body of a file in SMPL's own layout."""
    content = {key: getattr(arrays, key) for key in MODEL_KEYS if hasattr(arrays, key)}
    kintree_table = np.stack([arrays.parents, np.arange(24)])
    np.savez(folder / "body.npz", **content, f=arrays.faces, kintree_table=kintree_table)
    return open_body(folder / "body.npz", "random", CPU)


def farthest_from_smplx(arrays: SmplArrays, body: FamilyBody, count: int) -> tuple[float, float]:
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
    assert max(farthest_from_smplx(arrays, body, 200)) < TOLERANCE_M


@pytest.mark.parametrize(("weigh", "most"), [(with_eight_weights, 8), (with_one_weight, 1)])
def test_agrees_with_smplx_for_any_number_of_weights(
    arrays, tmp_path, weigh: Callable[[np.ndarray], np.ndarray], most: int
):
    changed = replace(arrays, weights=weigh(arrays.weights))
    assert (changed.weights != 0).sum(1).max() == most
    assert max(farthest_from_smplx(changed, load(changed, tmp_path), 100)) < TOLERANCE_M


def test_the_joints_that_are_vertices_are_those_of_smplx(arrays):
    """A run does without smplx, so the body lists them itself."""
    assert (
        list(KINDS["smpl"].joint_verts.values())
        == make_smplx(arrays).vertex_joint_selector.extra_joints_idxs.tolist()
    )


def test_a_body_is_the_same_bits_in_any_batch_and_at_any_place(body):
    """Batches end before, at and behind the end of a chunk, and begin anywhere in it."""
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


def test_chunks_are_the_whole_and_no_more(body):
    size = CHUNK["cpu"]
    for count in (0, 1, size - 1, size, size + 1, 2 * size, 2 * size + 1):
        chunks = body.list_chunks(count)
        assert [i for chunk in chunks for i in range(count)[chunk]] == list(range(count))
        assert all(chunk.stop - chunk.start <= size for chunk in chunks)


def test_chunks_may_be_posed_in_any_order(body):
    rotmat, betas = random_people(70)
    bodies = body.allocate(70)
    for chunk in reversed(body.list_chunks(70)):
        body.pose_chunk((rotmat, betas), chunk, bodies)
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


def test_bodies_abreast_and_one_by_one_are_the_same(arrays, body, tmp_path, monkeypatch):
    """On a GPU vectors have one number: the same kernels, made for that width. Its shapes are another sum."""
    rotmat, betas = random_people(11)
    abreast = body.pose(rotmat, betas)
    monkeypatch.setitem(width.WIDTH, "cpu", 1)
    one_by_one = load(arrays, tmp_path).pose(rotmat, betas)
    torch.testing.assert_close(one_by_one.verts, abreast.verts, atol=TOLERANCE_M, rtol=0)
    torch.testing.assert_close(one_by_one.joints, abreast.joints, atol=TOLERANCE_M, rtol=0)
    own = torch.empty_like(abreast.normals)
    VertexNormals(body.faces, body.vert_count)(abreast.verts, own)
    assert torch.equal(own, abreast.normals)
