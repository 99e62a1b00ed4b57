"""Photos lie below their folder, or are not read."""

import os
from pathlib import Path

import pytest

from render.errors import PhotoError
from render.photos.folder import PhotoDir


@pytest.fixture
def image_dir(tmp_path):
    (tmp_path / "images" / "sub").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret.jpg").write_bytes(b"secret")
    return tmp_path / "images"


def test_photo_path(image_dir):
    assert PhotoDir(image_dir).find("sub/a b.jpg") == image_dir / "sub" / "a b.jpg"
    (image_dir / "link.jpg").symlink_to("sub/a.jpg")
    assert PhotoDir(image_dir).find("link.jpg") == image_dir / "link.jpg"


def test_image_folder_may_be_a_link(image_dir):
    link = image_dir.parent / "link"
    link.symlink_to(image_dir)
    assert PhotoDir(link).find("sub/a.jpg") == link / "sub" / "a.jpg"


@pytest.mark.parametrize(
    "name", ["../elsewhere/secret.jpg", "/etc/passwd", "file", "folder/secret.jpg", "", "."]
)
def test_names_and_links_that_leave_the_image_folder(image_dir, name):
    (image_dir / "file").symlink_to("../elsewhere/secret.jpg")
    (image_dir / "folder").symlink_to(image_dir.parent / "elsewhere")
    with pytest.raises(PhotoError, match=r"expected a photo below .*images, .* set dataset\.image_dir"):
        PhotoDir(image_dir).find(name)


def test_sibling_with_the_same_beginning_is_outside(image_dir):
    (image_dir.parent / "images2").mkdir()
    with pytest.raises(PhotoError, match="expected a photo below"):
        PhotoDir(image_dir).find("../images2/a.jpg")


def test_paths_that_cannot_be_followed(image_dir):
    (image_dir / "loop").symlink_to("loop")
    for name in ("loop/a.jpg", "a\0.jpg", "/".join(["x" * 250] * 20)):
        with pytest.raises(PhotoError, match="cannot be followed"):
            PhotoDir(image_dir).find(name)


def test_a_folder_is_followed_once_and_each_link_by_itself(image_dir, monkeypatch):
    photo_dir, followed = PhotoDir(image_dir), []
    resolve = Path.resolve
    monkeypatch.setattr(Path, "resolve", lambda self: followed.append(self) or resolve(self))
    for name in ("new/1.jpg", "new/2.jpg", "new/3.jpg"):
        assert photo_dir.find(name) == image_dir / name
    assert followed == [image_dir / "new" / "1.jpg", image_dir]
    (image_dir / "new").mkdir()
    (image_dir / "new" / "4.jpg").symlink_to("../../elsewhere/secret.jpg")
    photo_dir.find("a.jpg")
    for name in ("new/4.jpg", ".."):
        with pytest.raises(PhotoError, match="expected a photo below"):
            photo_dir.find(name)


@pytest.mark.parametrize("name", ["\u00e9.jpg", "\u5199/a.jpg", "\ud800.jpg"])
def test_a_name_that_the_locale_cannot_encode_is_refused(image_dir, monkeypatch, name):
    monkeypatch.setattr(os, "fsencode", lambda path: str(path).encode("ascii"))
    with pytest.raises(PhotoError, match=r"cannot encode this name\. Set LC_ALL=C\.UTF-8"):
        PhotoDir(image_dir).find(name)
