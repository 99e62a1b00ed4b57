"""Which member an image name stands for, and what is said where it is none."""

import zipfile

import pytest

from render.errors import MissingPhotoError, PhotoError
from render.photos.stored import archives
from render.photos.stored.open import open_image_dir
from tests.photos.stored.test_tars import add
from tests.photos.stored.test_tars import pack as pack_tar
from tests.photos.stored.test_zips import lie
from tests.photos.stored.test_zips import pack as pack_zip


@pytest.fixture
def open_zip(tmp_path):
    def open_zip(content, name="a.zip", **said):
        path = pack_zip(tmp_path / name, content)
        if said:
            lie(path, **said)
        return open_image_dir(str(path))

    return open_zip


def read(store, name):
    return store.read(store.find(name))[0]


def test_names_that_lead_out_are_no_members(open_zip):
    store = open_zip(
        dict.fromkeys(("../a.jpg", "/b.jpg", "x/../../c.jpg", "d\n.jpg", "./e.jpg", "f.jpg"), b"1")
    )
    assert store.list_photos() == ["e.jpg", "f.jpg"]
    assert read(store, "e.jpg") == b"1"
    for name in ("../a.jpg", "/b.jpg", "b.jpg", "c.jpg"):
        assert not store.has(name)


def test_the_top_folder_is_that_of_the_photos(open_zip):
    store = open_zip(
        {"readme.txt": b"1", "__MACOSX/top/._a.jpg": b"2", "top/in/a.jpg": b"3", "top/b.jpg": b"4"}
    )
    assert [read(store, name) for name in ("top/in/a.jpg", "in/a.jpg", "b.jpg")] == [b"3", b"3", b"4"]
    assert store.list_photos() == ["b.jpg"]
    assert store.list_photos("in") == store.list_photos("top/in") == ["a.jpg"]
    assert store.list_photos("nowhere") == []


def test_with_several_folders_names_are_whole(open_zip):
    store = open_zip({"x/a.jpg": b"1", "y/a.jpg": b"2"})
    assert [read(store, name) for name in ("x/a.jpg", "y/a.jpg")] == [b"1", b"2"]
    assert not store.has("a.jpg")


def test_one_name_in_two_archives_is_refused(tmp_path):
    for name, top in (("a", "train"), ("b", "val"), ("c", "val")):
        pack_zip(tmp_path / f"{name}.zip", {f"{top}/1.jpg": b"1", f"{top}/{name}.jpg": b"2"})
    store = open_image_dir(str(tmp_path / "*.zip"))
    assert [read(store, name) for name in ("train/1.jpg", "a.jpg", "val/c.jpg")] == [b"1", b"2", b"2"]
    for name in ("1.jpg", "val/1.jpg"):
        with pytest.raises(PhotoError, match=r"expected one photo .*, found .*/val/1\.jpg"):
            store.find(name)


def test_what_is_missing_and_what_is_there(open_zip):
    store = open_zip({"top/COCO_train2014_000000000009.jpg": b"1", "top/b.png": b"1"})
    with pytest.raises(MissingPhotoError, match=r"a\.zip/x\.jpg: there is no such photo"):
        store.read(store.find("x.jpg"))
    assert store.list_like("000000000009.jpg") == ["COCO_train2014_000000000009.jpg"]
    assert store.list_like("B.jpg") == ["b.png"]
    assert store.show_some() == ["top/COCO_train2014_000000000009.jpg", "top/b.png"]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"flags": 1}, "found that it is encrypted"),
        ({"size": 0, "packed": 0}, "the photo is empty"),
        ({"size": 2**31}, "at most 256 MiB, found 2,048 MiB"),
        ({"packed": 2**31}, "at most 256 MiB, found 2,048 MiB"),
    ],
)
def test_what_is_no_photo_that_can_be_read(open_zip, said, fault):
    store = open_zip({"a.jpg": b"1"}, **said)
    for read_it in (store.read, store.open):
        with pytest.raises(PhotoError, match=fault):
            read_it(store.find("a.jpg"))


def test_links_in_tars_are_not_followed(tmp_path):
    path = pack_tar(tmp_path / "a.tar", {"a.jpg": b"1"})
    add(path, type=b"2", linkname="/etc/passwd")
    store = open_image_dir(str(path))
    with pytest.raises(PhotoError, match=r"odd\.jpg: expected a photo, found that it is a link"):
        store.read(store.find("odd.jpg"))


def test_a_member_is_a_file_for_its_header(tmp_path, open_zip):
    packed = open_image_dir(str(pack_zip(tmp_path / "d.zip", {"a.jpg": b"picture"}, zipfile.ZIP_DEFLATED)))
    tar = open_image_dir(str(pack_tar(tmp_path / "a.tar", {"a.jpg": b"picture"})))
    for store in (open_zip({"a.jpg": b"picture"}), packed, tar):
        with store.open(store.find("a.jpg")) as file:
            assert (file.read(3), file.seek(-2, 2), file.read(), file.read()) == (b"pic", 5, b"re", b"")


def test_too_many_in_all(tmp_path, monkeypatch):
    for name in "ab":
        pack_zip(tmp_path / f"{name}.zip", {f"{name}{k}.jpg": b"1" for k in range(3)})
    monkeypatch.setattr(archives, "MOST_MEMBERS", 5)
    with pytest.raises(PhotoError, match="at most 5 files together"):
        open_image_dir(str(tmp_path / "*.zip"))
