"""Segmentations as pictures: found by name, as grey values, and refused where they cannot be meant."""

import cv2
import numpy as np
import pytest
from PIL import Image

from render.errors import PhotoError
from render.photos.sources.segmentations import SegmentationDir

HW = (6, 8)
PARTS = np.arange(48, dtype=np.uint8).reshape(HW) % 7


def save(path, values):
    path.parent.mkdir(exist_ok=True, parents=True)
    assert cv2.imwrite(str(path), values)


@pytest.mark.parametrize("below", ["", "lsp/"])
def test_both_files_of_a_photo(tmp_path, below):
    parts = np.where(PARTS == 6, 255, PARTS).astype(np.uint8)
    save(tmp_path / f"{below}im1_segmentation.png", (PARTS > 2).astype(np.uint8))
    save(tmp_path / f"{below}im1_part_segmentation.png", parts)
    found = SegmentationDir(tmp_path).read("lsp/im1.jpg", HW)
    np.testing.assert_array_equal(found.is_body, PARTS > 2)
    np.testing.assert_array_equal(found.parts, parts)


def test_its_own_folder_comes_first(tmp_path):
    save(tmp_path / "im1_segmentation.png", np.zeros(HW, np.uint8))
    save(tmp_path / "a" / "im1_segmentation.png", np.full(HW, 255, np.uint8))
    folder = SegmentationDir(tmp_path)
    assert folder.read("a/im1.jpg", HW).is_body.all()
    assert not folder.read("b/im1.jpg", HW).is_body.any()


def test_what_is_missing_is_not_known(tmp_path):
    folder = SegmentationDir(tmp_path)
    found = folder.read("im1.jpg", HW)
    assert (found.is_body, found.parts) == (None, None)
    assert folder.list_pieces("im1.jpg") == [b"none", b"none"]


def test_grey_in_three_channels_is_grey(tmp_path):
    save(tmp_path / "im1_part_segmentation.png", np.repeat(PARTS[..., None], 3, axis=2))
    np.testing.assert_array_equal(SegmentationDir(tmp_path).read("im1.jpg", HW).parts, PARTS)


def test_pieces_follow_the_content(tmp_path):
    path, folder = tmp_path / "im1_segmentation.png", SegmentationDir(tmp_path)
    save(path, PARTS)
    first = folder.list_pieces("im1.jpg")
    assert folder.list_pieces("a/im1.jpg") == first
    save(path, PARTS + 1)
    second = folder.list_pieces("im1.jpg")
    path.write_bytes(b"")
    assert len({tuple(first), tuple(second), tuple(folder.list_pieces("im1.jpg"))}) == 3


def write_palette(path):
    image = Image.fromarray(PARTS, "P")
    image.putpalette([0, 0, 0, 200, 0, 0, 0, 200, 0, 0, 0, 200, 9, 9, 0, 0, 9, 9, 9, 0, 9])
    image.save(path)


def cut(path):
    # Noise does not pack, so that pixels are cut off.
    save(path, np.random.default_rng(0).integers(0, 7, (HW), np.uint8))
    path.write_bytes(path.read_bytes()[:-30])


BAD = {
    "another size": (
        lambda path: save(path, PARTS.T),
        "expected 8 x 6 pixels, as .*, found 6 x 8",
    ),
    "another part": (lambda path: save(path, PARTS + 1), r"expected parts 0 to 6, or 255 .*, found 7"),
    "a palette": (write_palette, "expected a grey picture, whose values are labels, found colours"),
    "16 bits": (
        lambda path: save(path, PARTS.astype(np.uint16)),
        "expected a PNG of 8 bits, .*, found one of 16 bits",
    ),
    "a JPEG": (
        lambda path: path.write_bytes(cv2.imencode(".jpg", PARTS)[1].tobytes()),
        "expected a PNG of 8 bits, .*, found JPEG",
    ),
    "no picture": (lambda path: path.write_bytes(b"<html>"), "web page"),
    "nothing": (lambda path: path.write_bytes(b""), "is empty"),
    "a folder": (lambda path: path.mkdir(), "found a folder"),
    "cut": (cut, "damaged"),
    "a link out": (lambda path: path.symlink_to("/etc/hostname"), "leads to"),
    "a link to nowhere": (lambda path: path.symlink_to("none.png"), "a link that leads nowhere"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_meant_is_refused(tmp_path, name):
    make, message = BAD[name]
    make(tmp_path / "im1_part_segmentation.png")
    folder = SegmentationDir(tmp_path)
    with pytest.raises(PhotoError, match=message):
        folder.read("im1.jpg", HW)
    # What is wrong is said there, and not where it is hashed.
    assert len(folder.list_pieces("im1.jpg")) == 2
