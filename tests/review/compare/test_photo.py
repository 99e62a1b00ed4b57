"""Which of two fits is nearer to the photo, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from render.fits.annotations.segmentation import Segmentation
from render.fits.coco import CocoPerson
from render.review.compare.photo import choose_keypoints, compare_with_photo, list_columns
from render.review.image import Keypoints
from tests.helpers.reviewed import make_image, make_person

# In 100 px a metre: a box of 100 px.
KNEES = Keypoints(("left_knee", "right_knee", "nose"), np.array([(0, 0, 1), (100, 0, 1), (50, 100, 1.0)]))
RIGHT = {"left_knee": (0, 0, 0), "right_knee": (1, 0, 0), "nose": (0.5, 1, 0)}


def compare(a, b, **changed) -> dict[str, float]:
    row = compare_with_photo(make_image([a], **changed), make_image([b], **changed))
    return {column.name: value for column, value in zip(list_columns(), row, strict=True)}


def spell(found, name: str) -> str:
    column = next(column for column in list_columns() if column.name == name)
    return column.choices[int(found[name])]


def test_the_nearer_one_wins_by_how_much_it_is_nearer():
    a = make_person(RIGHT | {"nose": (0.5, 1.06, 0)}, keypoints=KNEES)
    b = make_person(RIGHT | {"left_knee": (0.03, 0, 0)}, keypoints=None)
    found = compare(a, b)
    assert (found["a_reprojection"], found["b_reprojection"]) == (pytest.approx(0.02), pytest.approx(0.01))
    assert (found["a_reprojection_px"], found["b_reprojection_px"]) == (pytest.approx(2), pytest.approx(1))
    assert (found["a_pck5"], found["b_pck5"], found["a_pck10"]) == (pytest.approx(2 / 3), 1, 1)
    assert (spell(found, "winner"), spell(found, "winner_by")) == ("b", "reprojection")
    assert found["gain"] == pytest.approx(0.01)
    assert (found["a_nose"], found["b_nose"], found["b_left_knee"]) == (pytest.approx(0.06), 0, 0.03)
    assert (found["keypoints"], found["size_px"]) == (3, 100)
    assert np.isnan(found["a_left_ankle"])


def test_what_the_table_does_not_show_wins_nothing():
    a = make_person(RIGHT, keypoints=KNEES)
    found = compare(a, make_person(RIGHT | {"nose": (0.500001, 1, 0)}))
    assert (spell(found, "winner"), found["gain"]) == ("tie", 0)


def test_both_are_judged_by_the_joints_that_both_have():
    a = make_person(RIGHT | {"nose": (9, 9, 0)}, keypoints=KNEES)
    b = make_person({name: at for name, at in RIGHT.items() if name != "nose"})
    found = compare(a, b)
    # But by the box around all keypoints.
    assert (found["keypoints"], found["a_reprojection"], found["size_px"]) == (2, 0, 100)


def test_keypoints_are_of_the_one_file_else_of_the_other_else_cocos():
    coco_px = np.zeros((17, 3))
    coco_px[0] = (7, 8, 2)
    plain = make_person(RIGHT, coco=CocoPerson(coco_px, np.zeros(4)))
    marked, other = (replace(plain, keypoints=replace(KNEES, points_px=KNEES.points_px + k)) for k in (1, 2))
    for pair, expected in (((marked, other), 1), ((plain, other), 2)):
        np.testing.assert_array_equal(choose_keypoints(*pair).points_px[0], expected + KNEES.points_px[0])
    np.testing.assert_array_equal(choose_keypoints(plain, plain).points_px[0], coco_px[0])
    assert choose_keypoints(make_person(RIGHT), make_person(RIGHT)) is None


def test_without_keypoints_nobody_wins_and_sizes_are_of_bodies():
    verts = np.array([(0, 0, 0), (1, 0, 0), (1, 3, 0)], np.float32)
    faces = np.array([(0, 1, 2)], np.int32)
    a, b = (make_person(RIGHT, verts_m=k * verts, faces=faces) for k in (1, 2))
    found = compare(a, b, photo_hw=(350, 250))
    assert np.isnan([found["winner"], found["gain"], found["a_reprojection"]]).all()
    assert found["size_px"] == (300 + 600) / 2
    # Of the larger one the foot is below the photo.
    assert (found["a_outside"], found["b_outside"]) == (0, pytest.approx(1 / 3))


def test_without_keypoints_masks_decide():
    coco = np.zeros((20, 30), bool)
    coco[5:15, 10:20] = True
    flat = coco.T.ravel().astype(int)
    counts = np.diff(np.concatenate([[0], np.flatnonzero(np.diff(flat)) + 1, [flat.size]])).astype(np.float64)
    person = make_person(
        RIGHT,
        coco=CocoPerson(np.zeros((17, 3)), np.zeros(4), Segmentation((counts,), True, False, coco.shape)),
    )
    half = coco.copy()
    half[:10] = False
    row = compare_with_photo(
        *(make_image([person], masks=mask[None], photo_hw=coco.shape) for mask in (half, coco))
    )
    found = {column.name: value for column, value in zip(list_columns(), row, strict=True)}
    assert (found["a_mask_iou"], found["b_mask_iou"], found["gain"]) == (0.5, 1, 0.5)
    assert (spell(found, "winner"), spell(found, "winner_by")) == ("b", "mask_iou")
