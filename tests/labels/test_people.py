"""Sidecars: what they say of each person is what can be counted on the planes."""

import json

import numpy as np
import pycocotools.mask
import pytest

from render.labels.people import format_sidecar
from render.labels.picture import Crop, LabelledPerson, Picture
from tests.helpers.label_sets import make_labels, make_sidecar

PICTURE = Picture("a.jpg", 40, 30)


def find_box(mask: np.ndarray) -> list[int]:
    if not mask.any():
        return [0, 0, 0, 0]
    (top, bottom), (left, right) = (mask.any(axis).nonzero()[0][[0, -1]].tolist() for axis in (1, 0))
    return [left, top, right - left + 1, bottom - top + 1]


@pytest.mark.parametrize("seed", range(8))
def test_people_of_random_planes(seed):
    labels = make_labels(seed, 6, (90, 120))
    sidecar = json.loads(make_sidecar(labels, "in/b.jpg", range(6)))
    assert sidecar["image"] == {"file_name": "in/b.jpg", "width": 120, "height": 90}
    for number, (person, amodal, keypoints) in enumerate(
        zip(sidecar["people"], labels.amodal, labels.keypoints, strict=True), start=1
    ):
        visible = labels.instance == number
        assert (person["instance"], person["row"]) == (number, number - 1)
        for mask, prefix in ((visible, ""), (amodal, "amodal_")):
            decoded = pycocotools.mask.decode(person[f"{prefix}segmentation"])
            np.testing.assert_array_equal(decoded, mask)
            assert person[f"{prefix}area"] == mask.sum()
            assert person[f"{prefix}bbox"] == find_box(mask)
        share = visible.sum() / amodal.sum() if amodal.any() else 0
        # Rounded to four digits.
        assert person["visible_fraction"] == pytest.approx(share, abs=0.00005)
        # Rounded to 0.01 px.
        np.testing.assert_allclose(np.reshape(person["keypoints"], (-1, 3)), keypoints, atol=0.0051)
        assert ("densepose" in person) == bool(visible.any())


def test_nobody_is_seen():
    keypoints = np.zeros((2, 1, 3))
    planes = np.zeros((30, 40), np.uint16), keypoints, ["head"], np.zeros((2, 30, 40), bool)
    text = format_sidecar(PICTURE, [LabelledPerson(3), LabelledPerson(5)], *planes)
    for person in json.loads(text)["people"]:
        assert pycocotools.mask.decode(person["segmentation"]).sum() == 0
        assert (person["bbox"], person["area"]) == ([0, 0, 0, 0], 0)
        assert (person["amodal_bbox"], person["amodal_area"]) == ([0, 0, 0, 0], 0)
        assert person["visible_fraction"] == 0
        assert person["keypoints"] == [0, 0, 0]


def test_picture_without_people():
    planes = np.zeros((30, 40), np.uint16), np.zeros((0, 24, 3)), ["joint"] * 24, np.zeros((0, 30, 40), bool)
    assert json.loads(format_sidecar(PICTURE, [], *planes))["people"] == []


def test_layers_that_are_not_asked_for_are_not_there():
    labels = make_labels(3, 1, (30, 40))
    text = format_sidecar(PICTURE, [LabelledPerson(0)], labels.instance, labels.keypoints, ["joint"] * 17)
    assert json.loads(text)["people"][0].keys() == {
        *("instance", "row", "annotation_id", "person", "file_bbox"),
        *("segmentation", "bbox", "area", "keypoints"),
    }


def describe(person: LabelledPerson, picture: Picture = PICTURE) -> dict:
    text = format_sidecar(picture, [person], np.ones(picture.hw, np.uint16), np.zeros((1, 0, 3)), [])
    return json.loads(text)


@pytest.mark.parametrize("annot_id", [-1, 0, 2**53])
def test_ids_that_are_none(annot_id):
    (person,) = describe(LabelledPerson(7, annot_id, -1))["people"]
    assert (person["annotation_id"], person["person"], person["file_bbox"]) == (None, None, None)


def test_who_they_are():
    (person,) = describe(LabelledPerson(7, 900100, 0, (1.006, -0.001, 1e9, 2)))["people"]
    assert (person["row"], person["annotation_id"], person["person"]) == (7, 900100, 0)
    assert person["file_bbox"] == [1.01, 0.0, 1e9, 2.0]
    assert "-0.0" not in json.dumps(person)


def test_a_box_that_is_no_box():
    (person,) = describe(LabelledPerson(7, box_xywh=(1.0, np.nan, 2.0, np.inf)))["people"]
    assert person["file_bbox"] is None


def test_a_crop_says_where_it_is():
    crop = Crop((-12.0, 30.25), 2.0, width=64, height=48)
    sidecar = describe(LabelledPerson(0), Picture("a.jpg", 640, 480, crop))
    assert sidecar["image"]["crop"] == {"corner_px": [-12.0, 30.25], "zoom": 2.0, "width": 64, "height": 48}
    assert (sidecar["image"]["width"], sidecar["image"]["height"]) == (640, 480)
    assert sidecar["people"][0]["segmentation"]["size"] == [48, 64]


def test_names_cannot_break_out_of_their_text():
    name = 'a","people":[]}\u2028é\\.jpg'
    text = format_sidecar(Picture(name, 4, 3), [], np.zeros((3, 4), np.uint16), np.zeros((0, 1, 3)), ['"\n'])
    sidecar = json.loads(text.decode("ascii"))
    assert (sidecar["image"]["file_name"], sidecar["keypoint_names"]) == (name, ['"\n'])
    assert text.count(b"\n") == 1


def test_the_same_bytes_whatever_the_order_in_memory():
    labels = make_labels(5, 4, (50, 61))
    turned = labels._replace(
        instance=np.asfortranarray(labels.instance),
        amodal=np.asfortranarray(labels.amodal),
        iuv=np.asfortranarray(labels.iuv),
        keypoints=labels.keypoints.astype(np.float64),
    )
    assert make_sidecar(labels, "a.jpg", range(4)) == make_sidecar(turned, "a.jpg", range(4))


@pytest.mark.parametrize("name", ["instance", "amodal", "iuv", "keypoints"])
def test_planes_of_another_picture_are_refused(name):
    labels = make_labels(5, 2, (20, 30))
    other = make_labels(5, 3, (21, 30))
    mixed = labels._replace(**{name: getattr(other, name)})
    with pytest.raises(ValueError, match=rf"^({name}|instance): expected shape"):
        format_sidecar(
            Picture("a.jpg", 30, 20),
            [LabelledPerson(0), LabelledPerson(1)],
            mixed.instance,
            mixed.keypoints,
            ["joint"] * 17,
            mixed.amodal,
            mixed.iuv,
        )
