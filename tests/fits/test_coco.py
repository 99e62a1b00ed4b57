"""COCO annotation files: the people asked for come out as they are, faults by id, bad files with advice."""

import json

import numpy as np
import pytest

from render.errors import FitFileError
from render.fits.coco import read_coco
from tests.helpers.in_the_way import IRREGULAR, limit_seconds


def make_annotation(annot_id=7, **changes):
    keypoints = np.column_stack([np.arange(17) + 10, np.arange(17) + 20.5, np.arange(17) % 3])
    annotation = {
        "id": annot_id,
        "image_id": 42,
        "keypoints": keypoints.ravel().tolist(),
        "bbox": [10.5, 20.0, 100.0, 200.25],
        "category_id": 1,
    }
    return annotation | changes


@pytest.fixture
def write(tmp_path):
    """Writes annotations as a COCO file, or bytes as they are."""

    def write(content):
        path = tmp_path / "person_keypoints.json"
        if isinstance(content, list):
            content = json.dumps({"images": [], "annotations": content, "categories": []}).encode()
        path.write_bytes(content)
        return path

    return write


def test_reads_keypoints_and_box_of_the_ids_asked_for(write):
    path = write([make_annotation(7), make_annotation(8, bbox=[0, 0, 5, 6]), make_annotation(9)])
    people, problems = read_coco(path, {7, 8})
    assert problems == {}
    assert sorted(people) == [7, 8]
    person = people[7]
    assert person.keypoints_px.shape == (17, 3)
    np.testing.assert_array_equal(person.keypoints_px[:2], [[10, 20.5, 0], [11, 21.5, 1]])
    np.testing.assert_array_equal(person.box_px, [10.5, 20.0, 110.5, 220.25])
    np.testing.assert_array_equal(people[8].box_px, [0, 0, 5, 6])


def test_every_id_is_either_read_or_explained(write):
    path = write(
        [make_annotation(1), make_annotation(2, bbox=[1, 2]), make_annotation(3), make_annotation(3)]
    )
    people, problems = read_coco(path, [1, 2, 3, 4, -1])
    assert set(people) == {1}
    assert problems == {
        2: "bbox: expected 4 numbers, found 2",
        3: "id: expected one annotation of this id, found several",
        -1: "id: expected an annotation of this id, found none",
        4: "id: expected an annotation of this id, found none",
    }


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"keypoints": [1.0] * 50}, "keypoints: expected 51 numbers, found 50"),
        ({"keypoints": [[1, 1, 1]] * 17}, "keypoints: expected 51 numbers, found a list of 3"),
        ({"keypoints": [1, 1, 2] * 16 + [1, 1, True]}, "keypoints: expected 51 numbers, found true"),
        ({"keypoints": [1, 1, 2] * 16 + [1, "1", 2]}, 'keypoints: expected 51 numbers, found the string "1"'),
        ({"keypoints": None}, "keypoints: expected 51 numbers, found null"),
        ({"keypoints": [1, 1, 3] * 17}, "keypoints: expected visibilities of 0, 1 or 2, found 3.0"),
        ({"keypoints": [1, 1, 0.5] * 17}, "keypoints: expected visibilities of 0, 1 or 2, found 0.5"),
        (
            {"keypoints": [float("nan"), 1, 2] * 17},
            "keypoints: expected finite numbers up to 1e+06, found nan",
        ),
        ({"keypoints": [1e7, 1, 2] * 17}, "keypoints: expected finite numbers up to 1e+06, found 10000000.0"),
        ({"bbox": [1, 2, float("inf"), 4]}, "bbox: expected finite numbers up to 1e+06, found inf"),
        ({"bbox": [1, 2, -3, 4]}, "bbox: expected a width and height of 0 or more, found -3.0 and 4.0"),
        ({"bbox": 10**400}, "bbox: expected 4 numbers, found the number 1"),
    ],
)
def test_damaged_annotation_is_reported_by_id(write, changes, problem):
    people, problems = read_coco(write([make_annotation(5), make_annotation(7, **changes)]), [5, 7])
    assert set(people) == {5}
    assert problems[7].startswith(problem)


def test_missing_keypoints_are_reported(write):
    annotation = make_annotation(7)
    del annotation["keypoints"]
    assert read_coco(write([annotation]), [7])[1] == {7: "keypoints: expected 51 numbers, found nothing"}


def test_annotations_that_nobody_asked_for_may_be_anything(write):
    strangers = [None, 3, {}, {"id": True}, {"id": 1.0}, {"id": [1]}, {"id": "1"}, make_annotation(2, bbox=0)]
    people, problems = read_coco(write([*strangers, make_annotation(1)]), [1])
    assert set(people) == {1}
    assert problems == {}


BAD_FILES = {
    "empty": (b"", "the file is empty. Download it again: COCO's person_keypoints_train2014"),
    "page": (b"<html></html>", "web page"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\n", "git-lfs pointer"),
    "cut": (b'{"annotations": [{"id": 1', "cut short"),
    "list": (b"[1, 2]", r"found a list of 2. Set dataset\.coco_file to a COCO keypoint file"),
    "other": (b'{"data": [], "ver": 0.1}', 'found the keys "data", "ver"'),
    "number": (b'{"annotations": 3}', 'found "annotations" with the number 3'),
    "none": (
        b'{"annotations": []}',
        'the list "annotations" is empty. Set .* a COCO keypoint file with annotations in it',
    ),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_files_are_refused_with_advice(write, name):
    content, message = BAD_FILES[name]
    path = write(content)
    with pytest.raises(FitFileError, match=message) as caught:
        read_coco(path, [1])
    assert str(caught.value).startswith(f"{path}: expected a COCO keypoint file: JSON with")


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(
        FitFileError, match=r"no such file.*annotations_trainval2014.*dataset\.coco_file sets"
    ):
        read_coco(tmp_path / "none.json", [1])
    with pytest.raises(FitFileError, match=r"found a folder. Set dataset\.coco_file"):
        read_coco(tmp_path, [1])


@pytest.mark.parametrize("make", IRREGULAR)
def test_pipes_sockets_and_devices_are_no_coco_files(tmp_path, make):
    make(tmp_path / "coco")
    with (
        limit_seconds(),
        pytest.raises(FitFileError, match=r"not a regular file\. Write .* and set dataset\.coco_file"),
    ):
        read_coco(tmp_path / "coco", [1])


LONG = "9" * 5000
DEEP = "[" * 50_000 + "]" * 50_000


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("id", LONG, "id: expected an annotation of this id, found none"),
        ("id", DEEP, "id: expected an annotation of this id, found none"),
        ("id", "7.0", "id: expected an annotation of this id, found none"),
        ("id", "true", "id: expected an annotation of this id, found none"),
        ("keypoints", DEEP, "keypoints: expected 51 numbers, found a list of 1"),
        ("keypoints", f"[{LONG}{', 2' * 50}]", "keypoints: expected finite numbers up to 1e+06, found inf"),
        ("bbox", f"[1, 2, -{LONG}, 4]", "bbox: expected finite numbers up to 1e+06, found -inf"),
        ("bbox", "[1, 2, 1e999999, 4]", "bbox: expected finite numbers up to 1e+06, found inf"),
        ("bbox", "[1, 2, NaN, 4]", "bbox: expected finite numbers up to 1e+06, found nan"),
    ],
)
def test_what_no_decoder_takes_costs_its_annotation(write, key, value, problem):
    content = json.dumps({"annotations": [make_annotation(7, **{key: "?"}), make_annotation(8)]})
    people, problems = read_coco(write(content.replace('"?"', value).encode()), [7, 8])
    assert set(people) == {8}
    assert set(problems) == {7}
    assert problems[7].startswith(problem)


@pytest.mark.parametrize("changes", [{"keypoints": []}, {"keypoints": [True] * 51}, {"bbox": None}])
def test_what_is_said_of_many_people_is_held_once(write, changes):
    _, problems = read_coco(write([make_annotation(i, **changes) for i in range(3)]), range(3))
    assert list(problems) == [0, 1, 2]
    assert len({id(reason) for reason in problems.values()}) == 1
