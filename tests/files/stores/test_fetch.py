"""Inputs at URLs: fetched once, whole or not at all, and called by their URLs."""

import logging

import obstore
import pytest
from obstore.store import MemoryStore

from render.errors import StoreError
from render.files.stores import fetch
from render.files.stores.fetch import find_input, name_urls
from render.resources import only_look
from tests.helpers.file_server import FileServer


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(fetch, "_found", {})
    yield tmp_path / "cache" / "smpl-render" / "inputs"
    logging.getLogger("render").removeFilter(fetch._name_in_log)


@pytest.fixture
def server():
    with FileServer({"fits.npz": b"fits"}).running() as server:
        yield server


def files(cache):
    return sorted(path for path in cache.rglob("*") if path.is_file())


def begin_anew(monkeypatch):
    """As the next start of the program does."""
    monkeypatch.setattr(fetch, "_found", {})


def test_a_file_is_fetched_once_while_it_is_the_same(cache, server, monkeypatch):
    url = f"{server.url}/fits.npz"
    path = find_input(url)
    assert (path.name, path.read_bytes()) == ("fits.npz", b"fits")
    assert find_input(url) == path
    assert server.requests == [("HEAD", "fits.npz"), ("GET", "fits.npz")]
    begin_anew(monkeypatch)
    assert find_input(url) == path
    assert server.requests[2:] == [("HEAD", "fits.npz")]
    server.files["fits.npz"] = b"others"
    begin_anew(monkeypatch)
    other = find_input(url)
    assert other != path
    assert other.read_bytes() == b"others"
    assert files(cache) == sorted([path, other])


def test_what_is_not_whole_is_not_kept(cache, server, monkeypatch):
    def change(store, key, **options):
        server.files["fits.npz"] = b"other"
        return get(store, key, **options)

    get = obstore.get
    monkeypatch.setattr(obstore, "get", change)
    with pytest.raises(StoreError, match="changed while it was fetched"):
        find_input(f"{server.url}/fits.npz")
    assert files(cache) == []


def test_too_much_is_refused_before_it_is_fetched(cache, server, monkeypatch):
    monkeypatch.setattr(fetch, "LARGEST_INPUT_BYTES", 3)
    with pytest.raises(StoreError, match="expected at most"):
        find_input(f"{server.url}/fits.npz")
    assert server.requests == [("HEAD", "fits.npz")]


def test_who_only_looks_fetches_nothing(cache, server, monkeypatch):
    url = f"{server.url}/fits.npz"
    with only_look(), pytest.raises(StoreError, match=r"was not fetched yet.*leave dry_run out"):
        find_input(url)
    assert not cache.exists()
    path = find_input(url)
    begin_anew(monkeypatch)
    with only_look():
        assert find_input(url) == path
    assert files(cache) == [path]


def test_messages_call_it_by_its_url(server, caplog):
    url = f"{server.url}/fits.npz"
    path = find_input(url)
    assert name_urls(f"{path}: row 3: no") == f"{url}: row 3: no"
    logging.getLogger("render").warning("%s: %d rows", path, 3)
    assert caplog.messages == [f"{url}: 3 rows"]


@pytest.mark.parametrize("name", ["missing.npz", "folder/"])
def test_what_cannot_be_fetched_is_said(server, name):
    with pytest.raises(StoreError, match=r"there is nothing of this name|does not list its files"):
        find_input(f"{server.url}/{name}")


def test_paths_and_files_stay_where_they_are(tmp_path):
    assert find_input(str(tmp_path)) == tmp_path
    assert find_input(f"file://{tmp_path}/x.npz") == tmp_path / "x.npz"


@pytest.fixture
def store(monkeypatch):
    store = MemoryStore()
    monkeypatch.setattr(fetch, "open_store", lambda url: store)
    return store


def test_a_folder_is_fetched_whole(cache, store, monkeypatch):
    store.put("a.json", b"one")
    store.put("below/b.json", b"two")
    folder = find_input("s3://bucket/fits/")
    assert folder.name == "fits"
    assert {path.relative_to(folder).as_posix(): path.read_bytes() for path in files(folder)} == {
        "a.json": b"one",
        "below/b.json": b"two",
    }
    assert files(cache) == files(folder)
    begin_anew(monkeypatch)
    assert find_input("s3://bucket/fits/") == folder
    store.put("a.json", b"three")
    begin_anew(monkeypatch)
    assert (find_input("s3://bucket/fits/") / "a.json").read_bytes() == b"three"


def test_a_folder_of_nothing_or_of_too_much(store, monkeypatch):
    with pytest.raises(StoreError, match="there is nothing of this name"):
        find_input("s3://bucket/fits/")
    monkeypatch.setattr(fetch, "MOST_FILES", 1)
    store.put("a", b"")
    store.put("b", b"")
    with pytest.raises(StoreError, match="at most 1 files"):
        find_input("s3://bucket/fits/")
