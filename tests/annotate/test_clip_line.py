"""A clipped line is the part of the line that lies inside."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from render.annotate.clip_line import clip_line


@given(
    start=arrays(float, 2, elements=st.floats(-200, 300)),
    end=arrays(float, 2, elements=st.floats(-200, 300)),
    reach=st.sampled_from([1.0, 1e3, 1e6]),
)
def test_clipped_line_is_the_part_inside(start, end, reach):
    end = end * reach
    low, high = np.zeros(2), np.array([100.0, 80.0])
    clipped = clip_line(start, end, low, high)
    points = start + np.linspace(0, 1, 1001)[:, None] * (end - start)
    inside = points[((points > low + 1e-3) & (points < high - 1e-3)).all(1)]
    if clipped is None:
        assert len(inside) == 0
        return
    along = end - start
    for point in clipped:
        assert ((point >= low) & (point <= high)).all()
        # On the line, within the rounding of its coordinates.
        away = along[0] * (point - start)[1] - along[1] * (point - start)[0]
        assert abs(away) <= 1e-6 * np.hypot(*along)
    # No part of it is lost.
    ends = [(point - start) @ along for point in clipped]
    for point in inside:
        assert ends[0] - 1e-3 * reach <= (point - start) @ along <= ends[1] + 1e-3 * reach
