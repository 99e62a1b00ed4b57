"""Fits that were drawn on somebody else, and sides that are confused."""

from dataclasses import replace

import numpy as np
import pytest

from render.fits.coco import CocoPerson
from render.review.crowd import MOST_PEOPLE
from render.review.image import Keypoints
from render.review.measures.swaps import MEASURE
from tests.helpers.reviewed import make_image, make_person, mark_joints, measure_all

NAMES = ("nose", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle")


def make_people(count: int, seed: int = 0):
    """People of 1 m, 3 m from each other, with keypoints where their joints are."""
    rng = np.random.default_rng(seed)
    people = []
    for row in range(count):
        points = np.vstack([[(0, 0), (1, 1)], rng.uniform(0, 1, (len(NAMES) - 2, 2))])
        joints_m = {name: (x + 3 * row, y, 0) for name, (x, y) in zip(NAMES, points, strict=True)}
        person = make_person(joints_m, row=10 + row)
        people.append(replace(person, keypoints=mark_joints(person)))
    return people


def test_fits_that_were_swapped_fit_each_others_keypoints():
    people = make_people(3)
    a, b, c = (person.keypoints for person in people)
    # Each is 3 px off the keypoints of the other, who is 100 px large and 300 px away.
    people = [
        replace(people[0], keypoints=mark_joints(people[1], (3, 0))),
        replace(people[1], keypoints=mark_joints(people[0], (0, -3))),
        people[2],
    ]
    first, second, third = measure_all(MEASURE, make_image(people))
    own_px = np.linalg.norm(a.points_px[:, :2] - b.points_px[:, :2] - [3, 0], axis=1).mean()
    assert first["swap_gain"] == pytest.approx(own_px / 3)
    assert (first["swap_row"], second["swap_row"]) == (11, 10)
    # The third lies on its own keypoints: an error of 1 % stands for none.
    other_px = np.linalg.norm(c.points_px[:, :2] - people[0].keypoints.points_px[:, :2], axis=1).mean()
    assert third["swap_gain"] == pytest.approx(0.01 / (other_px / 100))
    assert np.isnan(third["swap_row"])


def test_poses_that_were_swapped_are_found_in_their_own_places():
    people = make_people(3)
    # Each has the pose of the next, moved to where it was and half as large again.
    poses = [people[(row + 1) % 3].keypoints for row in range(3)]
    swapped = []
    for row, (person, pose) in enumerate(zip(people, poses, strict=True)):
        points_m = (pose.points_px[:, :2] - pose.points_px[0, :2]) * 1.5 / 100 + (3 * row, 0)
        swapped.append(replace(person, joints_m=np.column_stack([points_m, np.zeros(len(NAMES))])))
    found = measure_all(MEASURE, make_image(swapped))
    assert [one["pose_swap_row"] for one in found] == [11, 12, 10]
    assert np.isnan([one["swap_row"] for one in found]).all()
    for row, (person, one) in enumerate(zip(swapped, found, strict=True)):
        target = people[row].keypoints.points_px[:, :2]
        middle, spread = target.mean(0), np.sqrt(((target - target.mean(0)) ** 2).mean())
        drawn = person.joints_px - person.joints_px.mean(0)
        laid = drawn * spread / np.sqrt((drawn**2).mean()) + middle
        own = np.linalg.norm(laid - target, axis=1).mean() / np.ptp(target, axis=0).max()
        assert one["pose_swap_gain"] == pytest.approx(own / 0.01)


def test_errors_are_beside_the_size_of_the_keypoints_they_are_on():
    (person, other) = make_people(2)
    # The same keypoints, 400 px large and drawn together: 4 px off there is 1 %, and 20 px off here 20 %.
    large = np.column_stack([4 * person.joints_px, np.ones(len(NAMES))])
    person = replace(person, keypoints=mark_joints(person, (20, 0)))
    other = replace(other, keypoints=Keypoints(NAMES, large))
    found = measure_all(MEASURE, make_image([person, other]))
    on_other = np.linalg.norm(3 * person.joints_px, axis=1).mean() / 400
    assert found[0]["swap_gain"] == pytest.approx(0.2 / on_other)


def test_sides_that_are_confused_are_found():
    (person,) = make_people(1)
    sides = [name.replace("left", "?").replace("right", "left").replace("?", "right") for name in NAMES]
    flipped = replace(person, keypoints=replace(mark_joints(person), names=tuple(sides)))
    (good,) = measure_all(MEASURE, make_image([person]))
    (found,) = measure_all(MEASURE, make_image([flipped]))
    pairs = [(1, 2), (3, 4), (5, 6)]
    error = 2 * sum(np.linalg.norm(person.joints_px[a] - person.joints_px[b]) for a, b in pairs) / 7 / 100
    assert found["sides_gain"] == pytest.approx(error / 0.01)
    assert good["sides_gain"] == pytest.approx(0.01 / error)
    assert np.isnan(found["swap_gain"])


@pytest.mark.parametrize(("gain", "is_named"), [(3.9, False), (4.1, True)])
def test_others_are_named_where_it_is_clear(gain, is_named):
    person, other = make_people(2)
    # 4 px off the other's keypoints.
    own, others = mark_joints(person, (4 * gain, 0)), mark_joints(person, (0, 4))
    people = [replace(person, keypoints=own), replace(other, keypoints=others)]
    found, _ = measure_all(MEASURE, make_image(people))
    assert found["swap_gain"] == pytest.approx(gain)
    assert np.isnan(found["swap_row"]) != is_named


def test_few_keypoints_say_nothing():
    people = make_people(2)
    swapped = [mark_joints(people[1]), mark_joints(people[0])]
    people = [replace(one, keypoints=marks) for one, marks in zip(people, swapped, strict=True)]
    for count, is_known in ((5, True), (4, False)):
        for marks in swapped:
            marks.points_px[count:, 2] = 0
        for found in measure_all(MEASURE, make_image(people)):
            gains = [found[name] for name in ("swap_gain", "pose_swap_gain", "sides_gain")]
            assert np.isfinite(gains).tolist() == [is_known] * 3
    for found in measure_all(MEASURE, make_image([replace(one, keypoints=None) for one in people])):
        assert np.isnan(list(found.values())).all()


def test_cocos_keypoints_count_where_the_file_has_none():
    people = make_people(2)
    cocos = []
    for person in people:
        keypoints_px = np.zeros((17, 3))
        # In COCO's order: the nose, then both hips, knees and ankles.
        keypoints_px[[0, 11, 12, 13, 14, 15, 16]] = mark_joints(person).points_px
        cocos.append(CocoPerson(keypoints_px, np.zeros(4)))
    swapped = [replace(people[i], keypoints=None, coco=cocos[1 - i]) for i in range(2)]
    assert [one["swap_row"] for one in measure_all(MEASURE, make_image(swapped))] == [11, 10]
    with_both = [replace(people[i], coco=cocos[1 - i]) for i in range(2)]
    assert all(one["swap_gain"] < 1 for one in measure_all(MEASURE, make_image(with_both)))


def test_more_people_than_a_picture_shows_are_compared_with_themselves_alone():
    people = make_people(1) * (MOST_PEOPLE + 1)
    found = MEASURE.measure(make_image(people))
    assert np.isnan(found[:, :4]).all()
    assert np.isfinite(found[:, 4]).all()
