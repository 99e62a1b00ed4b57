"""The grounds of a batch: whose shadows lie on which sheet, and that sheets know nothing of each other."""

import numpy as np

from tests.helpers.grounds import lay_grounds, lay_nobody, look_down, make_plates

SIZE = (160, 120)
PX_PER_M = 40.0


def lay(*shift: list[float]) -> np.ndarray:
    """A sheet of plates at the same height."""
    verts, faces = make_plates(*(0.02 for _ in shift))
    return lay_grounds(
        look_down(PX_PER_M, SIZE), SIZE, verts, faces, [0, len(shift)], shift=[list(one) for one in shift]
    )[0].astype(int)


def test_all_people_of_a_sheet_cast_shadows():
    empty = lay_nobody(look_down(PX_PER_M, SIZE), SIZE).astype(int)
    left, right = lay([-1.2, 0, 0.3]), lay([1.2, 0, -0.3])
    both = lay([-1.2, 0, 0.3], [1.2, 0, -0.3])
    # They are a metre apart, so each lies on a ground of its own.
    np.testing.assert_array_equal(empty - both, (empty - left) + (empty - right))
    # The middle of the panel is 0, z is up: pixel (80 - 48, 60 - 12).
    assert (empty - left)[48, 32].min() > 100
    assert (empty - left)[72, 128].max() == 0
    assert (empty - both)[[48, 72], [32, 128]].min() > 100


def test_shadows_that_overlap_are_darker_than_each():
    one, two = lay([0.0, 0, 0]), lay([0.0, 0, 0], [0.15, 0, 0])
    assert (two <= one).all()
    assert two[60, 84, 0] < one[60, 84, 0] - 20


def test_a_sheet_is_the_same_alone_and_among_others():
    verts, faces = make_plates(0.0, 0.3, 0.7)
    shift = [[0.5, 0, 0.2], [-0.6, 0, 0], [0, 0, -0.4]]
    together = lay_grounds(look_down(PX_PER_M, SIZE, 3), SIZE, verts, faces, [0, 1, 1, 3], shift=shift)
    for i, people in enumerate([slice(0, 1), slice(1, 1), slice(1, 3)]):
        alone = lay_grounds(
            look_down(PX_PER_M, SIZE),
            SIZE,
            verts[people],
            faces,
            [0, people.stop - people.start],
            shift=shift[people] or None,
        )
        np.testing.assert_array_equal(alone[0], together[i])
