"""People of one photo stand one behind the other, the larger in front."""

from itertools import pairwise

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from render.sheet.depth_order import GAP_PX, order_people

# Pixels a metre, and the least and greatest depth in metres.
PERSON = st.tuples(st.floats(1, 900), st.floats(-3, 0), st.floats(0, 3))


def order(people: list[tuple[float, float, float]], first: list[int] | None = None) -> np.ndarray:
    scale, near, far = np.array(people, float).T
    # Were x or y read in place of z, that would show.
    low, high = (
        torch.from_numpy(np.column_stack([np.full((len(people), 2), beside), depth]))
        for beside, depth in ((-50.0, near), (50.0, far))
    )
    return order_people(
        torch.from_numpy(scale.copy()), low, high, np.array(first or [0, len(people)])
    ).numpy()


@given(st.lists(PERSON, min_size=1, max_size=6))
@settings(deadline=None, max_examples=50)
def test_slabs_follow_one_another_a_gap_apart_from_the_largest_on(people):
    """No two bodies interpenetrate, and none is further off than that takes."""
    shift = order(people)
    scale, near, far = np.array(people).T
    slabs = sorted(zip(-scale, range(len(people)), strict=True))
    assert shift[slabs[0][1]] == 0
    for (_, before), (_, behind) in pairwise(slabs):
        gap = shift[behind] + scale[behind] * near[behind] - (shift[before] + scale[before] * far[before])
        np.testing.assert_allclose(gap, float(GAP_PX), rtol=0, atol=1e-6)


@given(st.lists(PERSON, min_size=2, max_size=5, unique_by=lambda p: p[0]), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=30)
def test_the_order_in_the_file_does_not_matter_where_sizes_differ(people, random):
    shuffled = list(range(len(people)))
    random.shuffle(shuffled)
    np.testing.assert_array_equal(order([people[i] for i in shuffled]), order(people)[shuffled])


@given(st.lists(st.lists(PERSON, min_size=1, max_size=3), min_size=1, max_size=4))
@settings(deadline=None, max_examples=30)
def test_sheets_of_a_batch_know_nothing_of_one_another(sheets):
    together = order([p for sheet in sheets for p in sheet], np.cumsum([0, *map(len, sheets)]).tolist())
    np.testing.assert_array_equal(together, np.concatenate([order(sheet) for sheet in sheets]))


def test_people_of_one_size_stand_in_the_order_of_the_file():
    assert order([(10, 0, 1), (10, 0, 1), (20, -1, 0), (10, 0, 1)]).tolist() == [1, 12, 0, 23]
