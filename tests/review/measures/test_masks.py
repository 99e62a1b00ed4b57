"""Overlap of drawn masks with COCO's segmentations: by hand, and as pycocotools has it."""

import numpy as np
import pycocotools.mask
import pytest

from render.fits.annotations.segmentation import Segmentation
from render.fits.coco import CocoPerson
from render.review.measures.masks import COLUMNS, measure_masks
from tests.helpers.reviewed import make_image, make_person

HW = (20, 30)
NAMES = [column.name for column in COLUMNS]


def annotate(mask, is_crowd=False):
    """A person whose segmentation has the pixels of a mask."""
    flat = mask.T.ravel().astype(int)
    bounds = np.flatnonzero(np.diff(np.concatenate([[0], flat, [1 - flat[-1]]])))
    counts = np.diff(np.concatenate([[0], bounds])).astype(np.float64)
    return annotate_as(Segmentation((counts,), True, is_crowd, mask.shape))


def annotate_as(segmentation):
    return make_person(coco=CocoPerson(np.zeros((17, 3)), np.zeros(4), segmentation))


def box(left, top, right, bottom):
    mask = np.zeros(HW, bool)
    mask[top:bottom, left:right] = True
    return mask


def measure(people, masks, hw=HW):
    masks = None if masks is None else np.array(masks)
    values = measure_masks(make_image(people, masks, hw))
    assert values.shape == (len(people), len(NAMES))
    return [dict(zip(NAMES, row, strict=True)) for row in values.tolist()]


def test_by_hand():
    # 4 x 10 pixels drawn, 8 x 10 annotated, 2 x 10 of them in both.
    (found,) = measure([annotate(box(8, 5, 16, 15))], [box(6, 5, 10, 15)])
    assert found["mask_iou"] == pytest.approx(20 / 100)
    assert found["mask_recall"] == pytest.approx(20 / 80)
    assert found["mask_precision"] == pytest.approx(20 / 40)
    assert (found["annotated_width"], found["annotated_height"]) == (30, 20)


def test_who_stands_behind_a_thing_is_covered_and_sticks_out():
    whole, upper = box(5, 2, 15, 18), box(5, 2, 15, 10)
    (found,) = measure([annotate(upper)], [whole])
    assert found["mask_recall"] == 1
    assert found["mask_precision"] == 0.5


@pytest.mark.parametrize("seed", range(4))
def test_as_pycocotools_has_it(seed):
    rng = np.random.default_rng(seed)
    drawn, annotated = rng.random((2, *HW)) < 0.4
    (found,) = measure([annotate(annotated)], [drawn])
    encoded = [
        pycocotools.mask.encode(np.asfortranarray(mask.astype(np.uint8))) for mask in (drawn, annotated)
    ]
    assert found["mask_iou"] == pytest.approx(pycocotools.mask.iou(encoded[:1], encoded[1:], [0])[0, 0])
    # Of a crowd it divides by the area of what is found.
    assert found["mask_precision"] == pytest.approx(pycocotools.mask.iou(encoded[:1], encoded[1:], [1])[0, 0])


def test_each_has_his_own():
    masks = [box(0, 0, 5, 5), box(10, 10, 20, 20)]
    found = measure([annotate(masks[1]), annotate(masks[1])], masks)
    assert [one["mask_iou"] for one in found] == [0, 1]


def test_nothing_drawn_covers_nothing():
    (found,) = measure([annotate(box(8, 5, 16, 15))], [box(0, 0, 0, 0)])
    assert (found["mask_iou"], found["mask_recall"]) == (0, 0)
    assert np.isnan(found["mask_precision"])


def test_nothing_annotated_is_not_recalled():
    empty = Segmentation((np.array([600.0]),), True, False, HW)
    (found,) = measure([annotate_as(empty)], [box(8, 5, 16, 15)])
    assert (found["mask_iou"], found["mask_precision"]) == (0, 0)
    assert np.isnan(found["mask_recall"])


UNKNOWN = {
    "no annotation": (make_person(), [box(0, 0, 5, 5)], HW),
    "no segmentation": (annotate_as(None), [box(0, 0, 5, 5)], HW),
    "a crowd": (annotate(box(0, 0, 5, 5), is_crowd=True), [box(0, 0, 5, 5)], HW),
    "no masks": (annotate(box(0, 0, 5, 5)), None, HW),
    "no photo": (annotate(box(0, 0, 5, 5)), None, None),
    "a photo of another size": (annotate(box(0, 0, 5, 5)), [np.ones((30, 20), bool)], (30, 20)),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_known_is_nan(name):
    person, masks, hw = UNKNOWN[name]
    (found,) = measure([person], masks, hw)
    assert all(np.isnan(found[key]) for key in ("mask_iou", "mask_recall", "mask_precision"))


def test_the_size_of_the_annotated_photo_is_told_where_it_is_another():
    (found,) = measure([annotate(box(0, 0, 5, 5))], [np.ones((30, 20), bool)], (30, 20))
    assert (found["annotated_width"], found["annotated_height"]) == (30, 20)


def test_nobody():
    assert measure([], []) == []
