"""Distances between all people of an image, beside loops over points that both have."""

from math import dist, isfinite, sqrt

import numpy as np
import pytest

from render.review.crowd import measure_apart_px, stack_by_name


def lay_over(points: dict, to: dict) -> dict:
    """The points that both have, moved and scaled onto the others'."""
    shared = points.keys() & to.keys()
    x, y, spread = _describe([points[name] for name in shared])
    to_x, to_y, to_spread = _describe([to[name] for name in shared])
    scale = to_spread / spread
    moved = ((name, points[name]) for name in shared)
    return {name: (to_x + scale * (px - x), to_y + scale * (py - y)) for name, (px, py) in moved}


def _describe(points: list) -> tuple[float, float, float]:
    x, y = (sum(values) / len(points) for values in zip(*points, strict=True))
    return x, y, sqrt(sum(dist(point, (x, y)) ** 2 for point in points) / len(points))


@pytest.fixture
def crowd() -> list[dict[str, tuple[float, float]]]:
    """People each of whom has some of ten points."""
    rng = np.random.default_rng(0)
    people = []
    for _ in range(12):
        names = rng.choice(list("abcdefghij"), rng.integers(3, 8), replace=False).tolist()
        people.append({name: tuple(rng.uniform(-50, 900, 2).tolist()) for name in names})
    return people


@pytest.mark.parametrize("is_laid_over", [False, True])
def test_distances_are_of_points_that_both_have(crowd, is_laid_over):
    stacked = stack_by_name([(list(person), np.array(list(person.values()))) for person in crowd])
    of, to = stacked[:5], stacked[5:]
    apart_px, count = measure_apart_px(of, to, is_laid_over)
    assert apart_px.shape == count.shape == (5, 7)
    assert count.min() < 2 < count.max()
    for i, person in enumerate(crowd[:5]):
        for k, other in enumerate(crowd[5:]):
            shared = person.keys() & other.keys()
            assert count[i, k] == len(shared)
            # One point has no size that it could be scaled by.
            if len(shared) < 1 + is_laid_over:
                assert np.isnan(apart_px[i, k])
                continue
            placed = lay_over(person, other) if is_laid_over else person
            expected = sum(dist(placed[name], other[name]) for name in shared) / len(shared)
            assert apart_px[i, k] == pytest.approx(expected, rel=1e-9)


def test_of_points_of_one_name_the_first_that_is_somewhere_counts():
    points = np.array([(np.nan, 1), (2, 3), (4, np.inf), (5, 6), (7, 8)])
    (stacked, other) = stack_by_name([("aabab", points), ("c", np.zeros((1, 2)))])
    np.testing.assert_array_equal(stacked, [(2, 3), (7, 8), (np.nan, np.nan)])
    assert np.isfinite(other).tolist() == [[False] * 2, [False] * 2, [True] * 2]


def test_sets_without_points_are_near_nothing():
    empty = stack_by_name([((), np.zeros((0, 2)))] * 2)
    apart_px, count = measure_apart_px(empty, empty)
    assert not any(isfinite(value) for value in apart_px.ravel())
    assert not count.any()
