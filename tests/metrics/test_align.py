"""Alignments against other libraries, and the laws that they obey."""

import numpy as np
import pytest
import torch
from scipy.linalg import orthogonal_procrustes
from scipy.spatial import procrustes
from scipy.spatial.transform import Rotation

from render.metrics.align import ALIGNMENTS, align, find_similarity


def make_points(count: int = 5, points: int = 24, seed: int = 0) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(count, points, 3)))


def make_turns(count: int) -> torch.Tensor:
    return torch.from_numpy(Rotation.random(count, random_state=1).as_matrix())


def test_a_similarity_is_found_again():
    points, turns = make_points(), make_turns(5)
    scales, shift = torch.linspace(0.3, 3, 5).double(), make_points(points=1, seed=2)
    found = find_similarity(points, scales[:, None, None] * points @ turns.mT + shift)
    for value, expected in zip(found, (scales, turns, shift[:, 0]), strict=True):
        torch.testing.assert_close(value, expected)


def test_what_is_left_is_what_scipy_leaves():
    """Its disparity is of points scaled to a unit; it may mirror, which these points do not ask for."""
    points = make_points()
    other = points + 0.3 * make_points(seed=3)
    left = (find_similarity(points, other).move(points) - other).square().sum((1, 2))
    size = (other - other.mean(1, keepdim=True)).square().sum((1, 2))
    expected = [procrustes(b, a)[2] for a, b in zip(points.numpy(), other.numpy(), strict=True)]
    np.testing.assert_allclose(left / size, expected)


def test_nothing_is_mirrored():
    """Mirrored points are turned as well as they can be: no rotation near the best does better."""
    points = make_points(1)
    other = points * torch.tensor([-1.0, 1.0, 1.0])
    centred = [(p - p.mean(1, keepdim=True))[0].numpy() for p in (points, other)]
    assert np.linalg.det(orthogonal_procrustes(*centred)[0]) < 0
    found = find_similarity(points, other)
    torch.testing.assert_close(torch.linalg.det(found.rotation), torch.ones(1).double())
    least = (found.move(points) - other).square().sum()
    rng = np.random.default_rng(4)
    for size in (1e-3, 1e-2, 0.3, 3.0):
        for _ in range(20):
            turn = torch.from_numpy(Rotation.from_rotvec(size * rng.normal(size=3)).as_matrix())
            near = found._replace(rotation=turn @ found.rotation)
            # With the shift that is best for it.
            moved = near.move(points)
            moved = moved + (other - moved).mean(1, keepdim=True)
            assert (moved - other).square().sum() >= least


@pytest.mark.parametrize("how", ALIGNMENTS)
def test_points_are_laid_over_themselves(how):
    points = make_points()
    torch.testing.assert_close(align(points, points, how, (points[:, 0], points[:, 0])), points)


def test_roots_come_to_one_place():
    points, other = make_points(), make_points(seed=5)
    found = align(points, other, "root", (points[:, 0], other[:, 0]))
    torch.testing.assert_close(found[:, 0], other[:, 0])
    torch.testing.assert_close(found[:, 1] - found[:, 0], points[:, 1] - points[:, 0])


def test_points_of_one_place_are_only_moved():
    points, other = torch.ones(1, 4, 3), make_points(1, 4)
    found = find_similarity(points, other)
    torch.testing.assert_close(found.move(points), other.mean(1, keepdim=True).expand(1, 4, 3))


def test_what_cannot_be_aligned_is_refused():
    points = make_points()
    with pytest.raises(ValueError, match=r"one shape, found \(5, 24, 3\) and \(5, 23, 3\)"):
        align(points, points[:, 1:], "none")
    with pytest.raises(ValueError, match="align: expected one of none, root, procrustes, found 'pelvis'"):
        align(points, points, "pelvis")
    with pytest.raises(ValueError, match="align: root needs the roots"):
        align(points, points, "root")
