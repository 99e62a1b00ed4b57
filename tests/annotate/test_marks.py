"""Marks of a wrong shape are refused by the name of their field."""

import numpy as np
import pytest

from render.annotate.marks import PersonMarks
from tests.helpers.marked_panels import GREEN, make_person


def test_marks_name_the_field_of_a_wrong_shape():
    with pytest.raises(ValueError, match=r"PersonMarks.gt_px: expected shape \(18, 3\), found \(18, 2\)"):
        make_person(gt_px=np.zeros((18, 2)))
    with pytest.raises(ValueError, match="come together"):
        PersonMarks(GREEN, joints_px=np.zeros((18, 2)))
