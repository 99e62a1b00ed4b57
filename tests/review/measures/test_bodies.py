"""Columns of a body for itself: its shape, its pose, and how it goes through itself."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.review.csv_file import format_value
from render.review.image import Pose
from render.review.measures import penetration, pose, shape
from tests.helpers.capsules import make_ball
from tests.helpers.reviewed import make_image, make_person

STILL = np.tile(np.eye(3), (24, 1, 1))


def measure(of, *people) -> list[list[str]]:
    """As the table has them."""
    columns = of.MEASURE.columns
    return [
        [format_value(column, number) for column, number in zip(columns, row, strict=True)]
        for row in of.MEASURE.measure(make_image(people)).tolist()
    ]


def test_shapes_are_told_by_their_coefficients():
    found = measure(
        shape,
        make_person(pose=Pose("smpl", STILL, np.array([1, -6, 0.5], np.float32))),
        make_person(pose=Pose("smpl", STILL, np.zeros(0, np.float32))),
        make_person(pose=Pose("smpl", STILL, np.array([np.nan, 1]))),
        make_person(),
    )
    assert found == [["6.103", "6.000", "1"], *[["", "", ""]] * 3]


def test_the_worst_joint_is_named():
    bent = STILL.copy()
    bent[4], bent[19] = (
        Rotation.from_euler(*turn, degrees=True).as_matrix() for turn in (("x", -60), ("y", -80))
    )
    found = measure(
        pose,
        make_person(pose=Pose("smpl", bent, np.zeros(10))),
        make_person(pose=Pose("smpl", STILL, np.zeros(10))),
        make_person(pose=Pose("mano", STILL[:16], np.zeros(10))),
        make_person(),
    )
    assert found == [["65.0", "right_elbow", "100.0"], ["0.0", "", "0.0"], ["", "", ""], ["", "", ""]]


def test_only_closed_surfaces_have_a_volume():
    verts, faces = make_ball()
    twice = {
        "verts_m": np.concatenate([verts, verts]) * 0.1,
        "faces": np.concatenate([faces, faces + len(verts)]),
    }
    ((found,), open_one, none) = measure(
        penetration, make_person(is_closed=True, **twice), make_person(**twice), make_person(is_closed=True)
    )
    assert float(found) == pytest.approx(4 / 3 * np.pi, rel=0.03)
    assert (open_one, none) == ([""], [""])
