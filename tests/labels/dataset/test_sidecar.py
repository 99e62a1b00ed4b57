"""Sidecars that are read again: whatever is wrong is told with its place; nothing else is raised."""

import json
import random

import pytest

from render.errors import OutputError
from render.labels.dataset import sidecar as module
from render.labels.dataset.sidecar import read_sidecar
from render.labels.picture import Crop
from tests.helpers.label_sets import edit, make_labels, make_sidecar

GOOD = make_sidecar(make_labels(0, 2, (40, 50)), "in/a.jpg", [4, 9], [70, -1])
CROP = make_sidecar(
    make_labels(0, 1, (40, 50)), "in/a.jpg", [4], crop=Crop((0.5, -3.0), 1.5, width=50, height=40)
)


def test_what_is_written_is_read():
    found = read_sidecar("in/a_4", GOOD)
    assert (found.hw, found.image["file_name"], len(found.keypoint_names)) == ((40, 50), "in/a.jpg", 17)
    assert [person["row"] for person in found.people] == [4, 9]
    assert found.people == json.loads(GOOD)["people"]
    assert read_sidecar("in/a_4", CROP).hw == (40, 50)


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("version",), 2, "version: expected the number 1, found the number 2"),
        (("version",), True, "version: expected the number 1, found true"),
        (("image",), [], "image: expected an object, found a list of 0"),
        (
            ("image", "file_name"),
            "../a.jpg",
            'file_name: expected the name of an image, found the string "../a',
        ),
        (("image", "file_name"), None, "file_name: expected the name of an image, found null"),
        (("image", "width"), 0, "width: expected a length in pixels, found the number 0"),
        (("image", "height"), 4e1, "height: expected a length in pixels"),
        (("image", "width"), 10**30, "width: expected a length in pixels"),
        (("keypoint_names",), ["a", 3], "keypoint_names: expected a list of names"),
        (("people",), {}, "people: expected a list of objects, found an object"),
        (("people", 1), 3, "people: expected a list of objects"),
        (("people", 1, "row"), -1, "person 2, row: expected a row of the fit file, found the number -1"),
        (("people", 0, "annotation_id"), "7", "person 1, annotation_id: expected a whole number above 0"),
        (("people", 0, "annotation_id"), 1 << 60, "person 1, annotation_id: expected a whole number above 0"),
        (
            ("people", 0, "segmentation"),
            None,
            "person 1, segmentation: expected run lengths of 50 x 40 pixels",
        ),
        (("people", 0, "segmentation", "size"), [50, 40], "segmentation: expected run lengths of 50 x 40"),
        (("people", 0, "segmentation", "counts"), [1, 2], "segmentation: expected run lengths of 50 x 40"),
        (("people", 0, "segmentation", "counts"), 'a"b', "segmentation: expected run lengths of 50 x 40"),
        (("people", 0, "area"), 2001, "area: expected a number of the pixels, found the number 2001"),
        (("people", 0, "bbox"), [0, 0, 51, 1], "bbox: expected x, y, w, h of a box around them"),
        (("people", 0, "bbox"), [30, 0, 40, 40], "bbox: expected x, y, w, h of a box around them"),
        (("people", 0, "bbox"), [0, 30, 50, 20], "bbox: expected x, y, w, h of a box around them"),
        (("people", 0, "bbox"), [0, 0, 1, 1], "bbox: expected x, y, w, h of a box around them"),
        (("people", 0, "bbox"), [0.5, 0, 40, 40], "bbox: expected x, y, w, h of a box around them"),
        (("people", 0, "keypoints"), [0, 0, 0], "keypoints: expected x, y and v (0, 1 or 2) of 17 joints"),
        (("people", 0, "keypoints", 2), 3, "keypoints: expected x, y and v"),
        (("people", 0, "keypoints", 0), float("nan"), "keypoints: expected x, y and v"),
        (("people", 0, "keypoints", 0), 10**400, "keypoints: expected x, y and v"),
        (("people", 0, "visible_fraction"), "all", "visible_fraction: expected a share"),
        (
            ("people", 0, "amodal_segmentation", "size"),
            [50, 40],
            "amodal_segmentation: expected run lengths of 50 x 40",
        ),
        (("people", 0, "amodal_area"), -1, "amodal_area: expected a number of the pixels"),
        (("people", 0, "amodal_bbox"), [0, 0, 1, 1], "amodal_bbox: expected x, y, w, h of a box around them"),
        (("people", 0, "densepose"), 3, "densepose: expected an object, found the number 3"),
        (("people", 0, "densepose", "shape_chw"), [3, 1, 1], "shape_chw: expected [3, "),
        (("people", 0, "densepose", "labels_uv_str"), "a b", "labels_uv_str: expected a PNG in base64"),
        (("people", 0, "densepose", "dp_I"), [1] * 101, "dp_I: expected a number for each point"),
        (("people", 0, "densepose", "dp_I"), 3, "dp_I: expected a number for each point"),
        (("people", 0, "densepose", "dp_U"), [0.5], "dp_U: expected a number for each point"),
    ],
)
def test_faults_are_told_with_their_place(path, value, told):
    with pytest.raises(OutputError) as caught:
        read_sidecar("in/a_4", edit(GOOD, *path, value=value))
    message = str(caught.value)
    assert message.startswith("in/a_4.json: ")
    assert told in message
    assert message.endswith("run the same command again, which makes it anew.")


@pytest.mark.parametrize(
    ("path", "value"),
    [(("crop",), 1), (("crop", "zoom"), 0), (("crop", "corner_px"), [1]), (("crop", "width"), None)],
)
def test_faults_of_crops(path, value):
    with pytest.raises(OutputError, match=rf"^in/a_4\.json: {path[-1]}: expected"):
        read_sidecar("in/a_4", edit(CROP, "image", *path, value=value))


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"[" * 100_000, b"<html>", b"[1]", b"null", b"1" * 5000, GOOD[:-3]],
    ids=range(8),
)
def test_what_is_no_sidecar_at_all(content):
    with pytest.raises(OutputError, match=r"^k\.json: (expected JSON|the sidecar: expected an object)"):
        read_sidecar("k", content)


def test_what_is_too_large_is_not_read(monkeypatch):
    monkeypatch.setattr(module, "LARGEST_BYTES", len(GOOD) - 1)
    with pytest.raises(OutputError, match=r"^k\.json: expected at most 0 MiB"):
        read_sidecar("k", GOOD)


def test_bytes_that_are_turned_raise_nothing_else():
    rng = random.Random(3)
    for _ in range(300):
        damaged = bytearray(GOOD)
        for _ in range(rng.randint(1, 4)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        try:
            read_sidecar("k", bytes(damaged))
        except OutputError:
            continue


def test_values_that_are_swapped_raise_nothing_else():
    rng = random.Random(4)
    values = [None, True, -1, 1e308, 10**400, "", "a", [], [[]], {}, [None] * 4, {"size": 1, "counts": []}]
    for _ in range(300):
        inside, path = json.loads(GOOD), []
        while isinstance(inside, dict | list) and inside:
            path.append(rng.choice(list(inside) if isinstance(inside, dict) else range(len(inside))))
            inside = inside[path[-1]]
            if rng.random() < 0.3:
                break
        try:
            read_sidecar("k", edit(GOOD, *path, value=rng.choice(values)))
        except OutputError:
            continue
