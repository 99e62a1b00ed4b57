"""Distances of joints from keypoints, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from render.fits.coco import CocoPerson
from render.review.image import Keypoints
from render.review.measures.keypoints import COLUMNS, measure_keypoints
from tests.helpers.reviewed import make_image, make_person


def measure(person) -> dict[str, float]:
    (row,) = measure_keypoints(make_image([person]))
    return {column.name: value for column, value in zip(COLUMNS, row, strict=True)}


def mark(points, names=("nose", "left_knee", "right_knee")) -> Keypoints:
    return Keypoints(names, np.array(points, np.float64))


def test_distances_are_of_joints_of_the_same_name():
    # 100 px a metre: the nose is 3, 4 off; the knees are where they are marked.
    person = make_person({"nose": (0, 0, 0), "right_knee": (0, 1, 0), "left_knee": (0.5, 1, 0)})
    person = replace(person, keypoints=mark([(3, 4, 1), (50, 100, 0.2), (0, 100, 1)]))
    found = measure(person)
    # The box around the keypoints is 50 wide and 96 high.
    assert found["reprojection_px"] == pytest.approx(5 / 3)
    assert found["reprojection"] == pytest.approx(5 / 3 / 96)
    # 5 / 96 is above 0.05, and below 0.1.
    assert (found["pck5"], found["pck10"], found["joints"]) == (pytest.approx(2 / 3), 1, 3)
    assert found["file_reprojection"] == found["reprojection"]
    assert np.isnan(found["coco_reprojection"])
    assert found["coco_joints"] == 0


def test_cocos_count_where_the_file_has_none():
    person = make_person({"nose": (0, 0, 0), "left_eye": (1, 0, 0)})
    keypoints_px = np.zeros((17, 3))
    keypoints_px[:2] = [(10, 0, 2), (100, 0, 1)]
    person = replace(person, coco=CocoPerson(keypoints_px, np.zeros(4)))
    found = measure(person)
    assert found["reprojection_px"] == found["coco_reprojection_px"] == 5
    assert found["reprojection"] == pytest.approx(5 / 90)


def test_what_is_not_marked_or_not_there_does_not_count():
    person = make_person({"nose": (0, 0, 0)})
    person = replace(person, keypoints=mark([(0, 0, 0), (9, 9, 1), (5, 5, 1)]))
    found = measure(person)
    assert found["joints"] == 0
    assert np.isnan(found["reprojection_px"])


def test_of_a_keypoint_that_is_there_twice_the_first_that_is_marked_counts():
    person = make_person({"nose": (0, 0, 0), "left_knee": (1, 1, 0)})
    names = ("nose", "nose", "left_knee")
    person = replace(person, keypoints=mark([(9, 9, 0), (3, 4, 1), (100, 100, 1)], names))
    assert measure(person)["reprojection_px"] == 2.5
