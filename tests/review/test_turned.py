"""Turns that lay joints over keypoints: those that were made are found, and no others."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.review.keypoints import Pairs
from render.review.turned import find_spin_deg, find_yaw_deg
from tests.helpers.reviewed import make_person, pinhole, weak_camera

UP = np.array([0.0, -1.0, 0.0])
CAMERAS = {"weak": weak_camera(200, (300, 200)), "pinhole": pinhole(800, (300, 200), (0.2, 0.1, 4.0))}


@pytest.fixture
def joints_m() -> np.ndarray:
    """Of a body of some depth, that looks the same from no two sides."""
    return np.random.default_rng(0).normal(size=(14, 3)) * [0.25, 0.5, 0.12]


def mark(joints_m: np.ndarray, camera, turn: Rotation, shift_px=(0.0, 0.0), noise_px: float = 0.0) -> Pairs:
    """Keypoints of a body that is turned."""
    points = make_person(camera=camera).project(turn.apply(joints_m)) + shift_px
    points += np.random.default_rng(1).normal(size=points.shape) * noise_px
    return Pairs(np.arange(len(points)), points, float(np.ptp(points, axis=0).max()))


def find(joints_m: np.ndarray, camera, pairs: Pairs) -> float:
    person = make_person({str(k): tuple(joint) for k, joint in enumerate(joints_m)}, camera=camera)
    return find_yaw_deg(person, pairs, np.zeros(3), UP)


@pytest.mark.parametrize("camera", CAMERAS.values(), ids=CAMERAS)
@pytest.mark.parametrize("yaw", [-150, -60, 30, 90, 180])
def test_a_turn_about_the_axis_is_found(joints_m, camera, yaw):
    pairs = mark(joints_m, camera, Rotation.from_rotvec(np.radians(yaw) * UP), (40, -20), 2.0)
    assert find(joints_m, camera, pairs) == yaw


@pytest.mark.parametrize("camera", CAMERAS.values(), ids=CAMERAS)
def test_who_fits_or_is_only_moved_is_not_turned(joints_m, camera):
    still = Rotation.identity()
    for shift, noise in (((0, 0), 0), ((0, 0), 15), ((300, 100), 5)):
        assert find(joints_m, camera, mark(joints_m, camera, still, shift, noise)) == 0


def test_a_body_without_depth_is_not_turned_by_chance(joints_m):
    # From the front and from behind alike, but for the sides.
    camera, flat = CAMERAS["weak"], joints_m * [1, 1, 0]
    assert find(flat, camera, mark(flat, camera, Rotation.identity(), noise_px=3)) == 0
    assert find(flat, camera, mark(flat, camera, Rotation.from_rotvec(np.pi * UP))) == 180


def test_who_would_come_behind_the_camera_is_not_turned_so():
    camera = pinhole(500, (0, 0), (0, 0, 0.5))
    joints_m = np.array([(0.1, 0.2, 1.0), (-0.3, 0.1, 0.9), (0.2, -0.4, 1.2), (0, 0, 1.1), (0.3, 0.3, 0.8)])
    targets = make_person(camera=camera).project(joints_m * [-1, 1, 1])
    assert abs(find(joints_m, camera, Pairs(np.arange(5), targets, 600.0))) < 90


@pytest.mark.parametrize("spin", [-170, -45, 0, 20, 90])
def test_a_turn_in_the_picture_is_found_wherever_and_however_large(joints_m, spin):
    points = joints_m[:, :2] * 100
    c, s = np.cos(np.radians(spin)), np.sin(np.radians(spin))
    turned = points @ np.array([[c, s], [-s, c]])
    assert find_spin_deg(points + 7, 3 * turned - 50) == pytest.approx(spin)
    # It leaves less than turns beside it.
    noisy = turned + np.random.default_rng(2).normal(size=turned.shape) * 10
    found = find_spin_deg(points, noisy)
    left = [_measure_left(points, noisy, found + off) for off in (-1, 0, 1)]
    assert left[1] < min(left[0], left[2])


def _measure_left(points: np.ndarray, targets: np.ndarray, spin: float) -> float:
    turn = Rotation.from_euler("z", spin, degrees=True).as_matrix()[:2, :2]
    off = (points - points.mean(0)) @ turn.T - (targets - targets.mean(0))
    return float((off**2).sum())
