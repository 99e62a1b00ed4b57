"""The room that people take together, for views that look at them from around."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from render.body.extent import Extents
from render.sheet.around.group_extents import Frames, frame_people

COORDINATE = st.floats(-1e4, 1e4)
BOUNDS = arrays(float, st.tuples(st.integers(1, 6), st.just(7)), elements=st.floats(0, 1e3))


def frame(centers, low, high, radius, first) -> Frames:
    extents = Extents(*(torch.from_numpy(np.asarray(a, float)) for a in (centers, low, high, radius)))
    return Frames(*(a.numpy() for a in frame_people(extents, np.array(first))))


def test_one_body_is_framed_by_itself():
    found = frame([[1, 2, 3]], [[0, 0, 0]], [[2, 7, 4]], [5], [0, 1])
    assert [a.tolist() for a in found] == [[[1, 2, 3]], [7], [5]]


def test_two_bodies_are_framed_about_the_middle_between_them():
    """Boxes join before their longest side is taken; the sphere holds that of the farther body."""
    found = frame(
        centers=[[0, 0, 0], [8, 0, 6]],
        low=[[-1, -2, -1], [7, -3, 5]],
        high=[[1, 2, 1], [9, 3, 7]],
        radius=[2, 4],
        first=[0, 2],
    )
    # 10 in x, 6 in y, 8 in z; 5 from the middle to either.
    assert [a.tolist() for a in found] == [[[4, 0, 3]] * 2, [10] * 2, [9] * 2]


@given(bounds=BOUNDS, centers=arrays(float, (6, 3), elements=COORDINATE))
@settings(deadline=None, max_examples=50)
def test_the_sphere_of_a_group_holds_all_others_and_touches_one(bounds, centers):
    count = len(bounds)
    centers, radius = centers[:count], bounds[:, 6]
    low, high = centers - bounds[:, :3], centers + bounds[:, 3:6]
    found = frame(centers, low, high, radius, [0, count])
    np.testing.assert_allclose(found.center, np.tile(centers.mean(0), (count, 1)), rtol=1e-9, atol=1e-9)
    reach = np.linalg.norm(centers - found.center[0], axis=1) + radius
    np.testing.assert_allclose(found.radius, np.full(count, reach.max()), rtol=1e-9)
    np.testing.assert_array_equal(found.extent, np.full(count, (high.max(0) - low.min(0)).max()))


@given(bounds=BOUNDS, centers=arrays(float, (6, 3), elements=COORDINATE), split=st.integers(0, 5))
@settings(deadline=None, max_examples=30)
def test_groups_of_a_batch_know_nothing_of_one_another(bounds, centers, split):
    count = len(bounds)
    parts = [slice(0, split), slice(split, count)] if 0 < split < count else [slice(0, count)]
    centers = centers[:count]
    boxes = (centers, centers - bounds[:, :3], centers + bounds[:, 3:6], bounds[:, 6])
    whole = frame(*boxes, [0, *(part.stop for part in parts)])
    alone = [frame(*(a[part] for a in boxes), [0, part.stop - part.start]) for part in parts]
    for together, separate in zip(whole, zip(*alone, strict=True), strict=True):
        np.testing.assert_array_equal(together, np.concatenate(separate))
