"""Suppositions: damage that is done to a person is undone by the one that it is of."""

from dataclasses import replace

import numpy as np
import pytest

from render.config.groups import BODY_FILES
from render.fits.coco import CocoPerson
from render.fits.joint_orders import COCO_17
from render.review.image import Keypoints, ReviewedPerson
from render.review.measures.hypotheses import COLUMNS, OTHER_BODIES, measure_hypotheses
from render.review.measures.keypoints import measure_keypoints
from tests.helpers.reviewed import make_image, make_person, pinhole, weak_camera

PHOTO_HW = (480, 640)
NAMES = ("pelvis", *COCO_17)
# Pixels a metre, and where the body's origin lies, in a box of 200 px around (300, 200).
SCALE, ORIGIN, BOX = 80.0, np.array([310.0, 190.0]), np.array([200.0, 100.0, 200.0])


def make_joints(seed: int = 0) -> np.ndarray:
    """(18, 3) m, a different place for each, so that no two suppositions are the same."""
    return np.random.default_rng(seed).uniform(-1, 1, (len(NAMES), 3)) * [0.4, 0.9, 0.3] + [0.05, -0.2, 0.1]


def fit(camera, joints_m: np.ndarray, keypoints_px: np.ndarray, **changed) -> ReviewedPerson:
    marked = np.column_stack([keypoints_px, np.ones(len(NAMES))])
    person = make_person(dict(zip(NAMES, map(tuple, joints_m), strict=True)), camera=camera, box_px=BOX)
    return replace(person, keypoints=Keypoints(NAMES, marked), **changed)


def measure(person: ReviewedPerson, photo_hw=PHOTO_HW) -> dict[str, float]:
    (row,) = measure_hypotheses(make_image([person], photo_hw=photo_hw))
    return {column.name: value for column, value in zip(COLUMNS, row, strict=True)}


def weak(joints_m: np.ndarray, scale: float = SCALE, origin: np.ndarray = ORIGIN) -> np.ndarray:
    return origin + scale * joints_m[:, :2]


RIGHT = weak(make_joints())
MIDDLE = np.array([640, 480]) / 2
# s and t of the box.
BOX_MIDDLE = np.array([300.0, 200.0])
S, T = SCALE / 100, (ORIGIN - BOX_MIDDLE) / 100
TURNED = make_joints() * [1, -1, -1]
TURNED_AT_PELVIS = (make_joints() - make_joints()[0]) * [1, -1, -1] + make_joints()[0]
EXCHANGED = [
    NAMES.index(name.replace("left", "x").replace("right", "left").replace("x", "right")) for name in NAMES
]


MIRRORED = RIGHT[EXCHANGED] * [-1, 1]
WIDTH = np.array([640.0, 0.0])
SHIFT = np.array([30.0, -20.0])
# (the supposition, the body, its camera's scale and origin, and where the keypoints are)
DAMAGED = [
    ("if_y_flipped", TURNED, SCALE, ORIGIN, RIGHT),
    ("if_y_flipped", TURNED_AT_PELVIS, SCALE, ORIGIN, RIGHT),
    # About the middle of the photo, 320, and of the box, 300.
    ("if_mirrored", make_joints(), SCALE, ORIGIN, MIRRORED + WIDTH),
    ("if_mirrored", make_joints(), SCALE, ORIGIN, MIRRORED + 2 * BOX_MIDDLE * [1, 0]),
    # Read as s X + t, though it is s (X + t); and the reverse.
    ("if_camera_spin", make_joints(), SCALE, BOX_MIDDLE + 100 * T / S, RIGHT),
    ("if_camera_eft", make_joints(), SCALE, BOX_MIDDLE + 100 * T * S, RIGHT),
    ("if_centred", make_joints(), SCALE, ORIGIN - MIDDLE, RIGHT),
    ("if_centred", make_joints(), SCALE, ORIGIN + MIDDLE, RIGHT),
    ("if_scaled", make_joints(), SCALE / 2, ORIGIN / 2, RIGHT),
    ("if_shifted", make_joints(), SCALE, ORIGIN + SHIFT, RIGHT),
]


@pytest.mark.parametrize(
    ("column", "joints_m", "scale", "origin", "keypoints_px"), DAMAGED, ids=[one[0] for one in DAMAGED]
)
def test_each_supposition_explains_the_damage_that_it_is_of(column, joints_m, scale, origin, keypoints_px):
    person = fit(weak_camera(scale, origin), joints_m, keypoints_px)
    found = measure(person)
    (row,) = measure_keypoints(make_image([person], photo_hw=PHOTO_HW))
    # Without it the joints are off.
    assert row[0] > 0.02
    assert found[column] == pytest.approx(0, abs=1e-9)
    # And no other does, but for those that are fitted to the person, which a shift of all joints is too.
    others = {name for name in found if name.startswith("if_") and found[name] < 1e-6} - {column}
    assert others <= {"if_shifted"}


def test_what_is_fitted_is_told():
    found = measure(fit(weak_camera(SCALE / 2, ORIGIN / 2), make_joints(), RIGHT))
    assert found["best_scale"] == pytest.approx(2)
    found = measure(fit(weak_camera(SCALE, ORIGIN + SHIFT), make_joints(), RIGHT))
    assert (found["best_shift_x"], found["best_shift_y"]) == (pytest.approx(-30), pytest.approx(20))
    assert found["reach"] == pytest.approx((RIGHT / [640, 480])[1:].max(), abs=0.1)


def test_of_pinholes_the_focal_length_is_found():
    place, joints_m = (0.3, -0.1, 5.0), make_joints()
    right = pinhole(1000, (320, 240), place).project(joints_m)
    found = measure(fit(pinhole(700, (320, 240), place), joints_m, right))
    assert found["if_focal"] == pytest.approx(0, abs=1e-9)
    assert found["best_focal"] == pytest.approx(10 / 7)
    # They have no t in a box.
    assert np.isnan(found["if_camera_spin"])
    found = measure(fit(pinhole(1000, (0, 0), place), joints_m, right))
    assert found["if_centred"] == pytest.approx(0, abs=1e-9)


def test_the_best_of_other_bodies_is_named():
    joints_m = make_joints()
    worse, unknown = joints_m * 1.1, np.full_like(joints_m, np.nan)
    person = fit(weak_camera(SCALE, ORIGIN), joints_m * 1.2, RIGHT)
    found = measure(person)
    assert np.isnan([found["if_other_body"], found["other_body"]]).all()
    others = {"smpl_male": worse, "smpl_female": joints_m, "smplx": unknown, "somebody": joints_m}
    found = measure(replace(person, others=others))
    assert found["if_other_body"] == pytest.approx(0, abs=1e-9)
    assert OTHER_BODIES[int(found["other_body"])] == "smpl_female"


def test_all_bodies_of_the_settings_have_names_here():
    assert set(BODY_FILES) < set(OTHER_BODIES)


def test_cocos_keypoints_count_where_the_file_has_none():
    person = fit(weak_camera(SCALE / 2, ORIGIN / 2), make_joints(), RIGHT)
    coco = CocoPerson(person.keypoints.points_px[1:], np.zeros(4))
    assert measure(replace(person, keypoints=None, coco=coco))["best_scale"] == pytest.approx(2)


def test_without_keypoints_or_photo_little_is_supposed():
    person = fit(weak_camera(SCALE, ORIGIN), make_joints(), RIGHT)
    assert np.isnan(list(measure(replace(person, keypoints=None)).values())).all()
    framed = person.camera._replace(is_framed=True)
    assert np.isnan(list(measure(replace(person, camera=framed)).values())).all()
    found = measure(replace(person, box_px=np.full(3, np.nan)), photo_hw=None)
    assert np.isnan([found[name] for name in ("if_mirrored", "if_centred", "if_camera_spin", "reach")]).all()
    assert found["if_shifted"] == pytest.approx(0, abs=1e-9)
