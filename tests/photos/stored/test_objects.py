"""Photos in a folder at a URL, each an object of its own."""

import pytest
from obstore.store import MemoryStore

from render.errors import MissingPhotoError, PhotoError
from render.files.stores.urls import parse_url
from render.photos.stored import objects
from render.photos.stored.objects import ObjectFolder
from tests.helpers.file_server import FileServer


@pytest.fixture
def store():
    store = MemoryStore()
    for name, content in {
        "b.jpg": b"1",
        "a.png": b"22",
        "a.txt": b"3",
        "x/c.jpg": b"4",
        "empty.jpg": b"",
    }.items():
        store.put(name, content)
    return store


@pytest.fixture
def folder(store):
    return ObjectFolder(parse_url("s3://bucket/photos/"), store)


def test_photos_are_read_looked_at_and_listed(folder):
    photo = folder.find("x/c.jpg")
    assert str(photo) == "s3://bucket/photos/x/c.jpg"
    content, modified = folder.read(photo)
    assert (content, (1, modified)) == (b"4", folder.look(photo))
    with folder.open(photo) as file:
        assert file.read() == b"4"
    assert folder.list_photos() == ["a.png", "b.jpg", "empty.jpg"]
    assert folder.list_photos("x") == ["c.jpg"]
    assert folder.list_photos("nowhere") == []
    assert sorted(folder.show_some())[0] in {"a.png", "a.txt"}
    assert [folder.has(name) for name in ("a.png", "x/c.jpg", "empty.jpg", "c.jpg")] == [
        True,
        True,
        False,
        False,
    ]


def test_what_tells_changes_is_another_number_after_one(folder, store):
    before = folder.look(folder.find("b.jpg"))
    assert folder.look(folder.find("b.jpg")) == before
    store.put("b.jpg", b"2")
    assert folder.look(folder.find("b.jpg")) != before


def test_many_names_are_looked_for_in_a_list(folder, store, monkeypatch):
    names = ["a.png", "x/c.jpg", "empty.jpg", "c.jpg"] * 20
    monkeypatch.setattr(folder, "look", lambda photo, look=folder.look: asked.append(photo) or look(photo))
    asked = []
    assert [folder.has(name) for name in names] == [True, True, False, False] * 20
    assert len(asked) == objects._MOST_ASKED - 1


def test_what_cannot_be_read_is_said(folder, monkeypatch):
    for ask in (folder.look, folder.read, folder.open):
        with pytest.raises(MissingPhotoError, match=r"s3://bucket/photos/z\.jpg: there is no such photo"):
            ask(folder.find("z.jpg"))
    with pytest.raises(PhotoError, match="empty"):
        folder.read(folder.find("empty.jpg"))
    monkeypatch.setattr(objects, "LARGEST_FILE_BYTES", 1)
    with pytest.raises(PhotoError, match="expected a photo of at most"):
        folder.read(folder.find("a.png"))


@pytest.mark.parametrize("name", ["a b.jpg", "a%20b.jpg", "ü #?*.jpg", "a+b&c=d.jpg", "[x]~'\".jpg"])
def test_odd_names(name):
    with FileServer({f"my data/{name}": b"1"}).running() as server:
        folder = ObjectFolder(parse_url(f"{server.url}/my%20data/"))
        assert folder.read(folder.find(name))[0] == b"1"
        with pytest.raises(PhotoError, match="does not list its files"):
            folder.list_photos()
        assert folder.show_some() == []
