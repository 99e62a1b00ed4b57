"""Errors of bodies against distances that are computed by hand."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from render.metrics.align import ALIGNMENTS
from render.metrics.errors import measure_errors, vertex_errors_mm
from render.types.bodies import Bodies

ELBOW = 18
ANGLE_RAD = 0.6
# Vertices are float32: a tenth of a micrometre is their last bit, and skinning sums some of them.
TOLERANCE_MM = 2e-3


@pytest.fixture(scope="module")
def posed(demo_body) -> tuple[Bodies, Bodies]:
    """The rest pose, and the same with the left forearm turned about z."""
    poses = np.tile(np.eye(3), (2, 24, 1, 1))
    poses[1, ELBOW] = Rotation.from_rotvec([0, 0, ANGLE_RAD]).as_matrix()
    both = demo_body.pose(torch.from_numpy(poses).float(), torch.zeros(2, 10))

    def take(k: int) -> Bodies:
        parts = (both.verts[k : k + 1], both.normals[k : k + 1], both.joints[k : k + 1], both.faces)
        return Bodies(*parts)

    return take(0), take(1)


def test_a_turned_joint_gives_distances_by_hand(demo_body, posed):
    """A point at r from the axis moves by 2 r sin(angle / 2) where it follows the elbow alone."""
    rest, turned = posed
    found = vertex_errors_mm(turned.verts, rest.verts, "none")[0].numpy()
    away = (rest.verts[0] - rest.joints[0, ELBOW]).double().numpy()
    moved = 1000 * 2 * np.sin(ANGLE_RAD / 2) * np.linalg.norm(away[:, :2], axis=1)
    weights = demo_body.weights.numpy()
    # Of the joints that the elbow carries: itself, wrist and hand.
    share = weights[:, [18, 20, 22]].sum(1)
    np.testing.assert_allclose(found[share == 1], moved[share == 1], atol=TOLERANCE_MM)
    assert (share == 1).sum() > 300
    np.testing.assert_allclose(found[share == 0], 0, atol=TOLERANCE_MM)
    # Linear blend skinning: what follows it in part moves by that part.
    np.testing.assert_allclose(found, share * moved, atol=TOLERANCE_MM)
    # The root does not move.
    of_root = vertex_errors_mm(turned.verts, rest.verts, "root", (turned.joints[:, 0], rest.joints[:, 0]))
    np.testing.assert_allclose(of_root[0], found, atol=TOLERANCE_MM)


def test_means_of_a_turned_joint_by_hand(posed):
    rest, turned = posed
    found = measure_errors(turned, rest, 24)
    away = (rest.joints[0, :24] - rest.joints[0, ELBOW]).double().numpy()
    moved = 1000 * 2 * np.sin(ANGLE_RAD / 2) * np.linalg.norm(away[:, :2], axis=1)
    moved[[j for j in range(24) if j not in (20, 22)]] = 0
    assert found.mpjpe_mm[0] == pytest.approx(moved.mean(), abs=TOLERANCE_MM)
    assert found.pve_mm[0] == pytest.approx(
        float(vertex_errors_mm(turned.verts, rest.verts, "none").mean()), abs=TOLERANCE_MM
    )
    # A similarity lessens the sum of squares, not the means: it moves all others for the sake of a hand.
    assert found.pa_mpjpe_mm[0] > found.mpjpe_mm[0]
    verts = (turned.verts, rest.verts)
    after, before = (vertex_errors_mm(*verts, how).square().sum() for how in ("procrustes", "none"))
    assert after < before


@pytest.mark.parametrize("how", ALIGNMENTS)
def test_a_body_against_itself_has_no_errors(posed, how):
    verts = torch.cat([body.verts for body in posed])
    roots = torch.cat([body.joints[:, 0] for body in posed])
    found = vertex_errors_mm(verts, verts, how, (roots, roots))
    assert found.shape == (2, verts.shape[1])
    # Of a similarity there is the rounding of float64.
    assert found.abs().max() <= (1e-9 if how == "procrustes" else 0.0)


def test_errors_after_a_similarity_are_not_changed_by_one(posed):
    rest, turned = posed
    turn = torch.from_numpy(Rotation.from_rotvec([0.4, -2, 0.9]).as_matrix())

    def move(points: torch.Tensor) -> torch.Tensor:
        return 1.7 * points.double() @ turn.T + torch.tensor([3.0, -1.0, 8.0])

    moved = Bodies(move(turned.verts), turned.normals, move(turned.joints), turned.faces)
    here, there = measure_errors(turned, rest), measure_errors(moved, rest)
    # Vertices are float32 in one and not in the other.
    torch.testing.assert_close(there.pa_mpjpe_mm, here.pa_mpjpe_mm, rtol=0, atol=1e-6)
    assert (there.mpjpe_mm > 2 * here.mpjpe_mm).all()


def test_bodies_without_joints_are_refused(posed):
    rest, _ = posed
    bare = Bodies(rest.verts, rest.normals, rest.joints[:, :0], rest.faces)
    for one, other in ((bare, bare), (rest, bare), (bare, rest)):
        with pytest.raises(ValueError, match="joints: expected bodies with joints"):
            measure_errors(one, other)
