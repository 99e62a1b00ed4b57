"""A camera from joints: found to the rounding of the file, and refused where the joints do not say it."""

import numpy as np
import pytest

from render.fits.fit_camera import fit_photos, fit_pinhole

FOCAL, CENTER, TRANSL = 2535.2664, (960.0, 445.0), np.array([0.31, 1.05, 4.2])
# Seventy joints of a person of 1.7 m.
POINTS_M = np.random.default_rng(3).uniform([-0.4, -0.9, -0.3], [0.4, 0.8, 0.3], (70, 3))


def project(points_m, transl=TRANSL):
    x, y, z = (points_m + transl).T
    return np.stack([FOCAL * x / z + CENTER[0], FOCAL * y / z + CENTER[1], np.ones(len(x))], axis=1)


def test_finds_the_camera_of_float32_files():
    points_m, points_px = POINTS_M.astype(np.float32), project(POINTS_M).astype(np.float32)
    fit = fit_pinhole(points_m, TRANSL.astype(np.float32), points_px)
    # Steps of float32 at 1,000 px are 6e-5 px, which rays of 0.1 in size turn into 1e-3 px of focal length.
    assert fit.focal == pytest.approx(FOCAL, abs=2e-3)
    assert fit.center == pytest.approx(CENTER, abs=1e-3)
    assert fit.residual_px < 1e-4


def test_joints_that_are_not_known_are_left_out():
    points_px, points_m = project(POINTS_M), POINTS_M.copy()
    points_px[3] = (0, 0, 0)
    points_px[4] = (np.nan, 5, 1)
    # Behind the camera.
    points_m[5, 2] = -9
    fit = fit_pinhole(points_m, TRANSL, points_px)
    assert fit.focal == pytest.approx(FOCAL, rel=1e-9)
    assert fit_pinhole(POINTS_M[6:], TRANSL, points_px[6:, :2]).focal == pytest.approx(FOCAL, rel=1e-9)


def test_people_of_one_camera_are_fitted_together():
    other = np.array([-2.0, 0.9, 7.5])
    points_px = np.concatenate([project(POINTS_M[:2]), project(POINTS_M[:2], other)])
    transl = np.repeat([TRANSL, other], 2, axis=0)
    fit = fit_pinhole(np.concatenate([POINTS_M[:2]] * 2), transl, points_px)
    assert (fit.focal, *fit.center) == pytest.approx((FOCAL, *CENTER), rel=1e-9)


def test_the_residual_is_the_distance_to_the_joints():
    points_px = project(POINTS_M)
    # Opposite and equal at the same ray: no camera fits either better.
    points_m, found = np.concatenate([POINTS_M] * 2), np.concatenate([points_px, points_px])
    found[:70, 0] += 3
    found[70:, 0] -= 3
    assert fit_pinhole(points_m, TRANSL, found).residual_px == pytest.approx(3, rel=1e-9)


@pytest.mark.parametrize(
    ("points_m", "points_px", "found"),
    [
        (POINTS_M[:2], project(POINTS_M)[:2], "2 joints are known"),
        (POINTS_M, project(POINTS_M) * (1, 1, 0), "0 joints are known"),
        (POINTS_M - (0, 0, 9), project(POINTS_M), "0 joints are known"),
        (POINTS_M[:0], project(POINTS_M)[:0], "0 joints are known"),
        (np.repeat(POINTS_M[:1], 9, 0), project(np.repeat(POINTS_M[:1], 9, 0)), "at one place"),
        # A picture that is upside down and mirrored.
        (POINTS_M, project(POINTS_M) * (-1, -1, 1), "no projection"),
        (POINTS_M, np.ones((70, 3)), "no projection"),
    ],
    ids=["two", "no confidence", "behind", "none", "one place", "turned", "one pixel"],
)
def test_refuses_joints_that_say_nothing(points_m, points_px, found):
    with pytest.raises(ValueError, match=found):
        fit_pinhole(points_m, TRANSL, points_px)


def test_each_photo_has_one_camera_and_people_who_say_nothing_have_none():
    transl = np.array([TRANSL, [-2.0, 0.9, 7.5], [0.5, 1.0, 6.0], [0.0, 1.0, 5.0]])
    points_px = np.stack([project(POINTS_M, t)[:, :2] for t in transl])
    # Of another photo, twice as large.
    points_px[2] *= 2
    points_px[3] = np.nan
    images = ["a.jpg", "a.jpg", "b.jpg", "c.jpg"]
    found = fit_photos(images, np.stack([POINTS_M] * 4), transl, points_px)
    assert [(each.members, each.is_shared) for each in found] == [([0, 1], True), ([2], True)]
    assert [each.fit.focal for each in found] == pytest.approx([FOCAL, 2 * FOCAL], rel=1e-9)


def test_people_who_cannot_have_one_camera_have_their_own():
    transl = np.array([TRANSL, [-2.0, 0.9, 7.5]])
    points_px = np.stack([project(POINTS_M, t)[:, :2] for t in transl]) * [[[1]], [[2]]]
    found = fit_photos(["a.jpg"] * 2, np.stack([POINTS_M] * 2), transl, points_px)
    assert [(each.members, each.is_shared) for each in found] == [([0], False), ([1], False)]
    assert [each.fit.focal for each in found] == pytest.approx([FOCAL, 2 * FOCAL], rel=1e-9)


def test_numbers_beyond_all_photos_are_no_camera():
    points_m = np.full((1, 70, 3), 1e300) * [1, 1, 1e-290]
    assert fit_photos(["a.jpg"], points_m, np.zeros((1, 3)), np.full((1, 70, 2), 1e300)) == []
