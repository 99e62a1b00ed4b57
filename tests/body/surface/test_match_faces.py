"""Faces of a file are found among those of a body, in any order and however they are turned."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.body.surface.match_faces import match_faces

FACES = np.array([[0, 1, 2], [0, 2, 3], [4, 3, 2], [0, 1, 5]])


@given(st.permutations(range(4)), st.lists(st.permutations(range(3)), min_size=4, max_size=4))
def test_each_corner_is_found_in_any_order(order, turns):
    given_faces = np.array([FACES[f][turn] for f, turn in zip(order, turns, strict=True)])
    row, corner = match_faces(given_faces, FACES)
    np.testing.assert_array_equal(np.take_along_axis(given_faces[row], corner, 1), FACES)


def test_of_faces_with_the_same_vertices_the_first_is_the_first():
    """Both sides of a sheet, and a face without an area."""
    body = np.array([[0, 1, 2], [2, 1, 0], [3, 3, 4]])
    row, corner = match_faces(body[[2, 0, 1]], body)
    assert row.tolist() == [1, 2, 0]
    np.testing.assert_array_equal(np.take_along_axis(body[[2, 0, 1]][row], corner, 1), body)


@pytest.mark.parametrize(
    ("faces", "said"),
    [
        (
            [[0, 1, 2], [0, 2, 3], [4, 3, 2], [0, 1, 6]],
            "1 of its 4 faces are no faces of .* is face 3",
        ),
        ([[0, 1, 2], [0, 2, 3], [4, 3, 2], [2, 1, 0]], "some faces of the body more than once"),
        ([[0, 1, 2], [0, 2, 3], [4, 3, 2], [0, 1, 2**40]], "vertices from 0 to 1099511627776"),
    ],
)
def test_other_faces_are_refused(faces, said):
    with pytest.raises(ValueError, match=said):
        match_faces(np.array(faces), FACES)
