"""Ids of images and annotations: the data set's own where they are unique, else counted."""

import numpy as np
import pytest

from render.errors import OutputError
from render.labels.dataset.coco_ids import assign_ids
from render.labels.dataset.sidecar import read_sidecar
from render.labels.picture import Crop
from tests.helpers.label_sets import LabelSet, make_labels, make_sidecar, serve


def make_products(*people: tuple[str, list[int]], hw: tuple[int, int] = (6, 8)) -> list[tuple[str, bytes]]:
    """A product for each: its image, and the annotation ids of its people, all of whom are seen."""
    products = []
    for number, (name, annot_ids) in enumerate(people):
        count = len(annot_ids)
        instance = np.zeros(hw, np.uint16)
        instance.flat[:count] = np.arange(1, count + 1)
        labels = LabelSet(
            instance, np.ones((count, *hw), bool), np.ones((*hw, 3), np.uint8), np.zeros((count, 17, 3))
        )
        sidecar = make_sidecar(labels, name, range(10, 10 + count), annot_ids, has_iuv=False)
        products.append((f"{name}_{number}", sidecar))
    return products


def find_images(*names: str) -> list[int]:
    return [
        image["id"] for image in assign_ids(serve(make_products(*((name, [1]) for name in names)))).images
    ]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["COCO_train2014_000000123456.jpg", "COCO_train2014_000000000009.jpg"], [123456, 9]),
        (["a/000007.png", "b/12"], [7, 12]),
        # A frame that is counted from 0 keeps its number.
        (["000000.jpg", "000001.jpg"], [0, 1]),
        (["im2.v3", "im4.v4"], [2, 4]),
        (["a/000007.png", "b/000007.png"], [1, 2]),
        (["000007.png", "000007b.png"], [1, 2]),
        (["hash_0123456789012345.jpg", "hash_0123456789012346.jpg"], [123456789012345, 123456789012346]),
        (["x\u0663.jpg", "x\u0664.jpg"], [1, 2]),
    ],
)
def test_ids_of_images(names, expected):
    assert find_images(*names) == expected


def test_people_with_products_of_their_own_share_their_image():
    ids = assign_ids(serve(make_products(("a5.jpg", [1]), ("a9.jpg", [2]), ("a5.jpg", [3]))))
    assert ids.images == [
        {"id": 5, "file_name": "a5.jpg", "width": 8, "height": 6},
        {"id": 9, "file_name": "a9.jpg", "width": 8, "height": 6},
    ]


def test_pictures_of_one_name_and_two_sizes_are_two_images():
    products = [*make_products(("a5.jpg", [1])), *make_products(("a5.jpg", [1]), hw=(8, 6))]
    assert [image["id"] for image in assign_ids(serve(products)).images] == [1, 2]


def test_crops_of_one_photo_are_images_each():
    labels, crop = make_labels(1, 1, (20, 30)), Crop((1.0, 2.0), 2.0, width=30, height=20)
    products = [(f"a5_{row}", make_sidecar(labels, "a5.jpg", [row], crop=crop)) for row in range(2)]
    ids = assign_ids(serve(products))
    assert [(image["id"], image["width"], image["crop"]["zoom"]) for image in ids.images] == [
        (1, 30, 2.0),
        (2, 30, 2.0),
    ]


@pytest.mark.parametrize(
    ("annot_ids", "expected"),
    [
        ([[7, 3], [1 << 52]], [7, 3, 1 << 52]),
        ([[7, 3], [7]], [1, 2, 3]),
        ([[7, -1], [8]], [1, 2, 3]),
        ([[0], [8]], [1, 2]),
    ],
)
def test_ids_of_annotations(annot_ids, expected):
    products = make_products(*((f"{i}.jpg", of_image) for i, of_image in enumerate(annot_ids)))
    ids, found = assign_ids(serve(products)), []
    for product in products:
        found += ids.name_people(read_sidecar(*product), len(found))
    assert [number for _, number, _ in found] == expected
    assert [image for image, _, _ in found] == [i for i, of_image in enumerate(annot_ids) for _ in of_image]
    assert ids.are_of_file == (expected[0] == 7)


def test_a_product_that_came_in_between_is_refused():
    ids = assign_ids(serve(make_products(("a.jpg", [1]))))
    (other,) = make_products(("b.jpg", [2]))
    with pytest.raises(OutputError, match=r"^b\.jpg_0\.json: expected what was there a moment ago"):
        list(ids.name_people(read_sidecar(*other), 0))


def test_no_products():
    ids = assign_ids(serve([]))
    assert (ids.images, ids.has_densepose) == ([], False)
