"""Which way bodies stand and look, and how far they are turned from their keypoints."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.review.image import Keypoints, ReviewedPerson
from render.review.measures.orientation import FACING, MEASURE
from tests.helpers.reviewed import make_image, make_person, weak_camera

# As SMPL has it, then in the frame of a picture: half a turn about x, so that it looks at the viewer.
BODY = {
    "pelvis": (0, 0, 0),
    "left_hip": (0.1, -0.08, 0.02),
    "right_hip": (-0.1, -0.08, 0.02),
    "left_knee": (0.1, -0.45, 0.05),
    "right_knee": (-0.1, -0.45, 0.02),
    "neck": (0, 0.5, 0),
    "nose": (0, 0.65, 0.15),
    "left_shoulder": (0.18, 0.42, 0),
    "right_shoulder": (-0.18, 0.42, 0),
    "left_wrist": (0.3, 0.1, 0.3),
}
FRONT = Rotation.from_euler("x", 180, degrees=True)


def make_body(turn: Rotation, names: tuple[str, ...] = tuple(BODY), **changed: object) -> ReviewedPerson:
    joints = {name: tuple((turn * FRONT).apply(BODY[name])) for name in names}
    return make_person(joints, **changed)


def measure(person: ReviewedPerson) -> dict[str, float]:
    (values,) = MEASURE.measure(make_image([person]))
    return {column.name: float(value) for column, value in zip(MEASURE.columns, values, strict=True)}


@pytest.mark.parametrize(
    ("turn", "tilt", "facing"),
    [
        (("y", 0), 0, "front"),
        (("y", 180), 0, "back"),
        # A body that turns to its left looks to the viewer's right.
        (("y", -80), 0, "right"),
        (("y", 80), 0, "left"),
        (("z", 180), 180, "front"),
        (("z", 90), 90, "front"),
        (("x", 180), 180, "back"),
        # On its back, seen from the side: it looks up.
        (("x", 90), 90, None),
        (("x", 30), 30, "front"),
    ],
)
def test_bodies_lean_and_look_as_they_were_turned(turn, tilt, facing):
    found = measure(make_body(Rotation.from_euler(*turn, degrees=True)))
    assert found["tilt_deg"] == pytest.approx(tilt, abs=1e-4)
    assert (None if np.isnan(found["facing"]) else FACING[int(found["facing"])]) == facing
    assert np.isnan([found["spin_deg"], found["yaw_deg"]]).all()


def test_the_axis_is_found_between_joints_too():
    lying = Rotation.from_euler("z", 60, degrees=True)
    names = ("left_hip", "right_hip", "left_shoulder", "right_shoulder")
    found = measure(make_body(lying, names))
    assert found["tilt_deg"] == pytest.approx(60, abs=3)
    assert FACING[int(found["facing"])] == "front"
    assert np.isnan(list(measure(make_body(lying, ("left_hip", "nose"))).values())).all()
    assert np.isnan(list(measure(make_person()).values())).all()


def mark(person: ReviewedPerson) -> Keypoints:
    return Keypoints(
        person.joint_names, np.column_stack([person.joints_px, np.ones(len(person.joint_names))])
    )


@pytest.mark.parametrize("towards", [1, -1])
def test_turns_from_the_keypoints_are_counted_either_way(towards):
    camera = weak_camera(300, (200, 200))
    keypoints = mark(make_body(Rotation.identity(), camera=camera))
    spun = make_body(Rotation.from_euler("z", 40 * towards, degrees=True), camera=camera, keypoints=keypoints)
    assert measure(spun)["spin_deg"] == pytest.approx(40, abs=1e-4)
    turned = make_body(
        Rotation.from_euler("y", 120 * towards, degrees=True), camera=camera, keypoints=keypoints
    )
    assert measure(turned)["yaw_deg"] == 120
    still = measure(make_body(Rotation.identity(), camera=camera, keypoints=keypoints))
    assert (still["spin_deg"], still["yaw_deg"]) == (pytest.approx(0, abs=1e-9), 0)


def test_few_keypoints_or_no_camera_say_nothing():
    body = make_body(Rotation.identity(), keypoints=mark(make_body(Rotation.identity())))
    assert measure(body)["spin_deg"] == pytest.approx(0, abs=1e-9)
    few = body.keypoints.points_px.copy()
    few[4:, 2] = 0
    for changed in (
        {"keypoints": Keypoints(body.joint_names, few)},
        {"camera": weak_camera()._replace(is_framed=True), "keypoints": body.keypoints},
    ):
        found = measure(make_body(Rotation.identity(), **changed))
        assert np.isnan([found["spin_deg"], found["yaw_deg"]]).all()
        assert found["tilt_deg"] == 0
