"""Boxes around drawn bodies beside COCO's and beside crops, by hand."""

import numpy as np
import pytest

from render.fits.coco import CocoPerson
from render.review.measures.boxes import MEASURE
from tests.helpers.reviewed import make_image, make_person, measure_all, weak_camera

NOWHERE = weak_camera()._replace(is_framed=True)


def measure(box, photo_hw=(300, 400), coco_box=None, crop=(np.nan,) * 3, **changed) -> dict[str, float]:
    """Of a body that is drawn from the first to the last corner of a box, at 100 px a metre."""
    left, top, right, bottom = np.array(box) / 100
    coco = None if coco_box is None else CocoPerson(np.zeros((17, 3)), np.array(coco_box, np.float64))
    verts_m = np.array([(left, top, 0), (right, bottom, 0)])
    person = make_person(verts_m=verts_m, coco=coco, box_px=np.array(crop, np.float64), **changed)
    (found,) = measure_all(MEASURE, make_image([person], photo_hw=photo_hw))
    return found


def test_cocos_box_is_compared_with_what_of_the_body_is_in_the_photo():
    # Of the drawn box 100 x 200 px are in the photo, and COCO's is its upper half.
    assert measure((300, 100, 500, 300), coco_box=(300, 100, 400, 200))["box_iou"] == pytest.approx(0.5)
    assert measure((300, 100, 500, 300), None, (300, 100, 400, 200))["box_iou"] == pytest.approx(0.25)
    # 50 x 50 of 100 x 100 each.
    assert measure((0, 0, 100, 100), coco_box=(50, 50, 150, 150))["box_iou"] == pytest.approx(25 / 175)
    assert measure((0, 0, 100, 100), coco_box=(200, 50, 300, 150))["box_iou"] == 0
    assert np.isnan(measure((0, 0, 100, 100))["box_iou"])
    # A body above the photo, and a box of no size.
    assert np.isnan(measure((0, -200, 100, -100), coco_box=(50, 50, 50, 150))["box_iou"])
    assert measure((0, -200, 100, -100), coco_box=(50, 50, 150, 150))["box_iou"] == 0


def test_the_crop_holds_the_body_and_is_about_as_large():
    found = measure((100, 100, 200, 300), crop=(100, 150, 200))
    assert found["crop_inside"] == pytest.approx(150 / 200)
    assert found["crop_fill"] == 1
    assert measure((50, 100, 250, 150), crop=(100, 100, 100))["crop_fill"] == 2
    # What is below the photo needs no crop.
    found = measure((100, 100, 200, 500), crop=(50, 100, 250))
    assert (found["crop_inside"], found["crop_fill"]) == (1, 200 / 250)
    assert measure((-300, 0, -100, 300), crop=(0, 0, 200))["crop_inside"] == 0
    assert np.isnan(measure((100, 100, 200, 300))["crop_inside"])


def test_without_a_camera_nothing_is_known():
    found = measure((0, 0, 100, 100), coco_box=(0, 0, 9, 9), crop=(0, 0, 9), camera=NOWHERE)
    assert np.isnan(list(found.values())).all()
