"""Joints beyond what people's do: poses of people are within, and each wrong way is found by its degrees."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.fits.joint_orders import SMPL_24
from render.review.limits.angles import find_angles
from render.review.limits.excess import NAMES, measure_excess_deg

Turns = dict[str, tuple[float, float, float]]


def make_pose(turns: Turns, joints: int = 24) -> np.ndarray:
    """(1, J, 3, 3) of joints turned by x, y, z degrees as the body itself is at rest, z first."""
    rotmat = np.tile(np.eye(3), (1, joints, 1, 1))
    for joint, angles in turns.items():
        rotmat[0, SMPL_24.index(joint)] = Rotation.from_euler("XYZ", angles, degrees=True).as_matrix()
    return rotmat


def measure(pose: np.ndarray) -> dict[str, float]:
    """What is beyond its range, by name."""
    (excess,) = measure_excess_deg("smpl", pose)
    return {name: round(float(deg), 3) for name, deg in zip(NAMES, excess, strict=True) if deg > 0}


ARMS_DOWN = {"left_shoulder": (0, 0, -78), "right_shoulder": (0, 0, 78)}
POSES: dict[str, Turns] = {
    "rest": {},
    "stand": ARMS_DOWN,
    "walk": {
        "left_hip": (-30, 0, 0),
        "left_knee": (10, 0, 0),
        "right_hip": (20, 0, 0),
        "right_knee": (40, 0, 0),
        "left_shoulder": (25, 0, -75),
        "right_shoulder": (-25, 0, 75),
        "left_elbow": (0, -25, 0),
        "right_elbow": (0, 30, 0),
    },
    "sit": {"left_hip": (-90, 0, 8), "right_hip": (-90, 0, -8), "left_knee": (90, 0, 0)} | ARMS_DOWN,
    "squat": {
        "left_hip": (-120, 0, 20),
        "right_hip": (-120, 0, -20),
        "left_knee": (145, 0, 0),
        "right_knee": (145, 0, 0),
        "left_ankle": (-30, 0, 0),
        "right_ankle": (-30, 0, 0),
        "spine1": (20, 0, 0),
        "spine2": (20, 0, 0),
    },
    "arms up": {"left_collar": (0, 0, 25), "left_shoulder": (0, 0, 62), "right_shoulder": (0, 0, -88)},
    # By an elbow that bends up, as fits have it, and by an arm that is turned.
    "wave": {"left_elbow": (0, -10, 62)},
    "wave by the arm": {"left_shoulder": (-80, 0, 0), "left_elbow": (0, -62, 0)},
    "phone": {"right_shoulder": (0, 0, 60), "right_elbow": (0, 130, -40)},
    "look back": {"neck": (0, 35, 0), "head": (0, 35, 0), "spine3": (0, 30, 0)},
}


# The upper arm: so far forward from the side, so far up, and turned so far in; and how far the elbow is bent.
ARMS = {
    "hang": (0, -80, 0, 10),
    "hands behind the head": (10, 40, -90, 130),
    "overhead": (0, 85, 0, 20),
    "overhead, palms in": (30, 80, -60, 30),
    "folded": (60, -65, 40, 100),
    "on the other shoulder": (110, -20, -10, 130),
    "behind the back": (-60, -60, 80, 90),
    "reach, palm down": (90, 0, 0, 0),
    "reach, forearm up": (90, 0, -90, 90),
    "forearm up": (0, 0, -90, 90),
    "forearm down": (0, 10, 80, 90),
    "on the belly": (0, -80, 80, 90),
}


@pytest.mark.parametrize("arm", ARMS)
def test_arms_of_people_are_within(arm):
    assert measure(_pose_arm(*ARMS[arm])) == {}


def test_a_forearm_that_points_back_is_found():
    # Half a turn is 90 more than people turn their arms out, and 100 more than in.
    turned = _pose_arm(0, -80, 180, 90)
    assert measure(turned) == pytest.approx({"left_shoulder": 75, "left_elbow": 75}, abs=0.01)


def _pose_arm(forward: float, up: float, turned: float, bent: float) -> np.ndarray:
    pose = make_pose({"left_elbow": (0, -bent, 0)})
    arm = Rotation.from_euler("YZX", [-forward, up, turned], degrees=True)
    pose[0, SMPL_24.index("left_shoulder")] = arm.as_matrix()
    return pose


@pytest.mark.parametrize("pose", POSES)
def test_poses_of_people_are_within(pose):
    assert measure(make_pose(POSES[pose])) == {}


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        # Range and margin of 15 taken from each.
        ({"left_knee": (-60, 0, 0)}, {"left_knee": 60 - 10 - 15}),
        ({"right_knee": (170, 0, 0)}, {"right_knee": 170 - 150 - 15}),
        ({"left_elbow": (0, 60, 0)}, {"left_elbow": 60 - 15}),
        ({"right_elbow": (0, -60, 0)}, {"right_elbow": 60 - 15}),
        ({"head": (0, 150, 0)}, {"neck": 150 - 80 - 15}),
        ({"neck": (0, 75, 0), "head": (0, 75, 0)}, {"neck": 150 - 80 - 15}),
        # Together they look ahead.
        ({"neck": (0, 120, 0), "head": (0, -120, 0)}, {"neck": 120 - 80 - 15}),
        ({"head": (-100, 0, 0)}, {"neck": 100 - 60 - 15}),
        ({"spine1": (0, 40, 0), "spine3": (0, 50, 0)}, {"spine": 90 - 45 - 15}),
        ({"spine2": (-80, 0, 0)}, {"spine": 80 - 30 - 15}),
        ({"left_hip": (90, 0, 0)}, {"left_hip": 90 - 30 - 15}),
        ({"left_hip": (-180, 0, 0)}, {"left_hip": 180 - 120 - 15}),
        ({"right_hip": (0, 0, -80)}, {"right_hip": 80 - 45 - 15}),
        ({"right_hip": (0, 0, 60)}, {"right_hip": 60 - 30 - 15}),
        ({"left_hip": (0, 100, 0)}, {"left_hip": 100 - 45 - 15}),
        ({"left_shoulder": (0, 90, 0)}, {"left_shoulder": 90 - 60 - 15}),
        ({"right_shoulder": (0, 160, 0)}, {"right_shoulder": 160 - 135 - 15}),
        # The thumb goes from forward down, and on.
        ({"left_wrist": (120, 0, 0)}, {"left_wrist": 120 - 80 - 15}),
        ({"left_wrist": (0, 0, -110)}, {"left_wrist": 110 - 80 - 15}),
        ({"right_ankle": (80, 0, 0)}, {"right_ankle": 80 - 50 - 15}),
        ({"left_ankle": (0, 0, 60)}, {"left_ankle": 60 - 15 - 15}),
        ({"left_foot": (80, 0, 0)}, {"left_foot": 80 - 45 - 15}),
        ({"right_hand": (0, 0, -80)}, {"right_hand": 80 - 45 - 15}),
    ],
)
def test_what_people_cannot_do_is_found_by_its_degrees(turns, expected):
    assert measure(make_pose(turns)) == pytest.approx(expected, abs=0.01)


def test_a_knee_that_bends_to_the_side_is_a_turned_leg():
    # Over the outer side by 50, of which a leg that turns out explains 45, and the margin 15.
    found = measure(make_pose({"left_knee": (0, 0, 50)}))
    assert found == pytest.approx({"left_knee": min(90 - 45, 50 - 10) - 15}, abs=0.01)
    # A shank that goes back and outwards is as if the thigh were turned in by 50, beside what it is.
    pose = make_pose({})
    knee = Rotation.from_euler("YXY", [-50, 70, 50], degrees=True)
    pose[0, SMPL_24.index("left_knee")] = knee.as_matrix()
    for turned, expected in ((40, {}), (-40, {"left_knee": min(40 + 50 - 45, 70 - 10) - 15})):
        pose[0, SMPL_24.index("left_hip")] = Rotation.from_euler("y", turned, degrees=True).as_matrix()
        assert measure(pose) == pytest.approx(expected, abs=0.01)


def test_what_the_other_side_does_is_the_same():
    rng = np.random.default_rng(0)
    rotmat = Rotation.random(50 * 24, rng=rng).as_matrix().reshape(50, 24, 3, 3)
    flip = np.diag([-1.0, 1.0, 1.0])
    others = [SMPL_24.index(_swap_side(name)) for name in SMPL_24]
    mirrored = (flip @ rotmat @ flip)[:, others]
    found, other = measure_excess_deg("smpl", rotmat), measure_excess_deg("smpl", mirrored)
    assert found.max() > 30
    np.testing.assert_allclose(other[:, [NAMES.index(_swap_side(name)) for name in NAMES]], found, atol=1e-6)


def _swap_side(name: str) -> str:
    side, _, joint = name.partition("_")
    return {"left": f"right_{joint}", "right": f"left_{joint}"}.get(side, name)


def test_the_turn_is_the_rotation_about_the_bone_that_is_nearest():
    rng = np.random.default_rng(1)
    rotations = Rotation.random(30, rng=rng)
    axis = np.eye(3)[rng.integers(0, 3, 30)]
    angles = find_angles(rotations, axis)
    tried = np.arange(-180, 180, 0.25)
    for k in np.flatnonzero(np.isfinite(angles[:, 0])).tolist():
        about = Rotation.from_rotvec(np.radians(tried)[:, None] * axis[k])
        left = (rotations[k] * about.inv()).magnitude()
        assert abs((tried[left.argmin()] - angles[k, 0] + 180) % 360 - 180) < 0.25
        # What is left is the swing, which is square to the bone.
        assert np.degrees(left.min()) == pytest.approx(angles[k, 1], abs=0.01)
        assert angles[k, 2:5] @ axis[k] == pytest.approx(0, abs=1e-6)


def test_what_is_no_pose_of_a_body_has_no_numbers():
    pose = make_pose({"left_knee": (-60, 0, 0)})
    assert np.isnan(measure_excess_deg("mano", pose[:, :16])).all()
    assert np.isnan(measure_excess_deg("smpl", pose[:, :16])).all()
    mirrored, unknown, flat = pose.copy(), pose.copy(), pose.copy()
    mirrored[0, 3, 0] *= -1
    unknown[0, 0] = np.nan
    flat[0, 5] = 0
    found = measure_excess_deg("smpl", np.concatenate([mirrored, pose, unknown, flat]))
    assert np.isnan(found[[0, 2, 3]]).all()
    assert found[1].max() == pytest.approx(35)


@pytest.mark.parametrize("kind", ["smplh", "smplx"])
def test_fingers_and_faces_are_not_hands(kind):
    pose = make_pose({"left_knee": (-60, 0, 0)}, 52)
    pose[0, 22:] = Rotation.from_rotvec([3, 0, 0]).as_matrix()
    (found,) = measure_excess_deg(kind, pose)
    assert found.sum() == found[NAMES.index("left_knee")] == pytest.approx(35)
