"""Replacements in image names: which there may be, and what they make."""

from itertools import pairwise

import pytest

from render.errors import ConfigError, PhotoError
from render.photos.folder import PhotoDir
from render.photos.names.renames import MOST_RENAMES, check_renames, rename_image


def test_each_occurrence_in_the_order_given():
    assert rename_image("COCO_train2014_01.jpg", {"COCO_train2014_": "", ".jpg": ".png"}) == "01.png"
    assert rename_image("a.a.jpg", {"a": "b", "b": "c"}) == "c.c.jpg"
    assert rename_image("a.a.jpg", {"b": "c", "a": "b"}) == "b.b.jpg"
    assert rename_image("a.jpg", {}) == "a.jpg"


@pytest.mark.parametrize(
    ("renames", "message"),
    [
        ({"": "a"}, "expected the text that is replaced, found nothing before 'a'"),
        ({"a": 1}, "expected text for text, such as .*, found 1"),
        ({1: "a"}, "expected text for text, .* found 1"),
        ({"a": None}, "found None"),
        ({"a": ["b"]}, r"found \['b'\]"),
        (7, "found 7"),
        (".jpg", "found '.jpg'"),
        ([".jpg"], r"found \['.jpg'\]"),
        ({"a\0": "b"}, "without NUL"),
        ({"a": "\0"}, "without NUL"),
        ({"a" * 4097: "b"}, "at most 4096 characters"),
        ({"a": "b" * 4097}, "at most 4096 characters"),
        ({str(number): "" for number in range(MOST_RENAMES + 1)}, "at most 16 replacements, found 17"),
    ],
)
def test_what_is_no_replacement(renames, message):
    with pytest.raises(ConfigError, match=rf"^dataset\.rename_images: .*{message}"):
        check_renames("dataset.rename_images", renames)


def test_most_replacements():
    check_renames("dataset.rename_images", {str(number): "" for number in range(MOST_RENAMES)})


def test_names_that_grow_without_end_are_stopped():
    letters = "abcdefghijklmnop"
    growing = {old: new * 4000 for old, new in pairwise(letters)}
    with pytest.raises(PhotoError, match=r"^a\.jpg: dataset\.rename_images makes a name of more than 4096"):
        rename_image("a.jpg", growing)


def test_photos_are_found_under_the_name_of_their_file(tmp_path):
    (tmp_path / "a.png").write_bytes(b"photo")
    photo_dir = PhotoDir(tmp_path, {".jpg": ".png"})
    assert photo_dir.find("a.jpg") == tmp_path / "a.png"
    assert photo_dir.has("a.jpg")
    assert not PhotoDir(tmp_path).has("a.jpg")


@pytest.mark.parametrize(
    "renames",
    [{"a/": "../"}, {"a/": "/etc/"}, {"a/b.jpg": ".."}, {"a/": "link/"}, {"a/b.jpg": ""}, {"a/b": "file"}],
)
def test_no_replacement_leaves_the_folder(tmp_path, renames):
    folder = tmp_path / "images"
    folder.mkdir()
    (tmp_path / "b.jpg").write_bytes(b"secret")
    (folder / "link").symlink_to(tmp_path)
    (folder / "file.jpg").symlink_to(tmp_path / "b.jpg")
    with pytest.raises(PhotoError, match="expected a photo below"):
        PhotoDir(folder, renames).find("a/b.jpg")
    assert not PhotoDir(folder, renames).has("a/b.jpg")
    assert PhotoDir(folder, renames).advise("a/b.jpg") is None
