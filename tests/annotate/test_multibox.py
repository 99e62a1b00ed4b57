"""EFT's nested boxes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from render.annotate.multibox import BOXES, multiboxes


@given(
    head=arrays(float, (7, 2), elements=st.floats(-1e6, 1e6)),
    corner=arrays(float, 2, elements=st.floats(-1e6, 1e6)),
    side=st.floats(0, 1e6),
)
def test_multiboxes_are_nested_from_head_to_crop(head, corner, side):
    crop = np.concatenate([corner, corner + side])
    boxes = multiboxes(head, crop)
    assert boxes.shape == (BOXES, 4)
    np.testing.assert_array_equal(boxes[0], [*head.min(0), *head.max(0)])
    assert (np.diff(boxes[:, :2], axis=0) <= 0).all()
    assert (np.diff(boxes[:, 2:], axis=0) >= 0).all()
    last = [*np.minimum(head.min(0), crop[:2]), *np.maximum(head.max(0), crop[2:])]
    np.testing.assert_allclose(boxes[-1], last, rtol=1e-9, atol=1e-6)


def test_multiboxes_step_evenly():
    boxes = multiboxes(np.array([[40.0, 10.0], [60.0, 30.0]]), np.array([5.0, 3.0, 145.0, 143.0]))
    np.testing.assert_allclose(np.diff(boxes, axis=0), np.tile([-5, -1, 85 / 7, 113 / 7], (7, 1)))
