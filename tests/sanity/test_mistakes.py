"""Each usual mistake is named, and no other; what is right is left alone."""

import numpy as np
import pytest

from render.sanity.reprojection import find_cause, measure_errors
from render.sanity.sample import pose_sample
from tests.helpers.made_fits import make_fits, see_by_pinhole, see_weakly
from tests.helpers.mistakes import MISTAKES, flipped_weakly

# Perspective of a crop's pinhole is not quite that of its weak perspective: of people of 300 px.
PERSPECTIVE_PX = 15.0
ROUNDING_PX = 1e-2


def find(fits, bodies, photos):
    sample = pose_sample(fits, bodies, photos)
    errors = measure_errors(sample.joints, sample.marks_px, sample.is_placed)
    return errors, find_cause(sample, errors)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named(name, people, photos):
    made = MISTAKES[name](people)
    errors, cause = find(*make_fits(people, made.cameras, made.marks_px, made.joints_m), photos)
    assert not np.median(errors.relative) < 0.1
    assert cause is not None
    assert cause.alternative.name == name
    assert cause.px < (PERSPECTIVE_PX if "crop" in name else ROUNDING_PX)


def test_y_up_under_weak_perspective(people, photos):
    made = flipped_weakly(people)
    _, cause = find(*make_fits(people, made.cameras, made.marks_px, made.joints_m), photos)
    assert cause is not None
    assert cause.alternative.name == "flipped"


@pytest.mark.parametrize("see", [see_by_pinhole, see_weakly])
def test_what_is_right_has_no_cause(see, people, photos):
    marks_px = people.pinhole_px if see is see_by_pinhole else people.weak_px
    errors, cause = find(*make_fits(people, see(people), marks_px), photos)
    # Vertices and joints are kept in float32.
    np.testing.assert_allclose(errors.px, 0, atol=ROUNDING_PX)
    assert cause is None


def test_noise_is_no_mistake(people, photos):
    noise = np.random.default_rng(0).normal(0, 8, people.pinhole_px.shape)
    errors, cause = find(*make_fits(people, see_by_pinhole(people), people.pinhole_px + noise), photos)
    assert 2 < np.median(errors.px) < 20
    assert cause is None


def test_joints_of_somebody_else_have_no_usual_cause(people, photos):
    others = np.random.default_rng(2).uniform(0, 700, people.pinhole_px.shape)
    errors, cause = find(*make_fits(people, see_by_pinhole(people), others), photos)
    assert np.median(errors.relative) > 0.1
    assert cause is None


def test_a_small_error_is_a_mistake_where_it_vanishes(people, photos):
    """s (X + t) for s X + t moves people whose s is near 1 by little; with noise it cannot be told."""
    cam = people.cam * [0.85, 2, 2]
    inside = cam[:, None, :1] * (people.joints_m[..., :2] + cam[:, None, 1:])
    marks_px = people.box_center[:, None] + people.box_px[:, None, 2:] / 2 * inside
    errors, cause = find(*make_fits(people, see_weakly(people, cam), marks_px), photos)
    assert 0.01 < np.median(errors.relative) < 0.1
    assert cause is not None
    assert cause.alternative.name == "before"
    noise = np.random.default_rng(0).normal(0, 8, marks_px.shape)
    _, cause = find(*make_fits(people, see_weakly(people, cam), marks_px + noise), photos)
    assert cause is None
