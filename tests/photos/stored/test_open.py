"""What dataset.image_dir names: folders, archives, patterns of them, and URLs."""

import re
import zipfile
from pathlib import Path

import pytest

from render.errors import ConfigError, PhotoError, RenderError
from render.photos.stored.archives import Archives
from render.photos.stored.objects import ObjectFolder
from render.photos.stored.open import open_image_dir
from tests.helpers.file_server import FileServer
from tests.photos.stored.test_tars import index
from tests.photos.stored.test_tars import pack as pack_tar
from tests.photos.stored.test_zips import pack as pack_zip

PHOTOS = {f"train2014/{k}.jpg": b"photo %d" % k for k in range(6)}


def read(store, name):
    return store.read(store.find(name))[0]


def test_folders_and_videos_stay_paths(tmp_path):
    (tmp_path / "folder.zip").mkdir()
    for setting in (str(tmp_path), str(tmp_path / "folder.zip"), "nowhere", str(tmp_path / "video.mp4")):
        assert open_image_dir(setting) == Path(setting)
    assert open_image_dir(f"file://{tmp_path}/") == tmp_path
    assert open_image_dir(None) is None


@pytest.mark.parametrize("pack", [pack_zip, pack_tar])
@pytest.mark.parametrize("scheme", ["", "file://"])
def test_an_archive(tmp_path, pack, scheme):
    path = pack(tmp_path / ("a.ZIP" if pack is pack_zip else "a.tar"), PHOTOS)
    store = open_image_dir(f"{scheme}{path}")
    assert {name: read(store, name) for name in PHOTOS} == PHOTOS
    # Without the folder that they all lie in.
    assert read(store, "3.jpg") == PHOTOS["train2014/3.jpg"]
    assert str(store.find("3.jpg")) == f"{path}/train2014/3.jpg"
    assert store.local_paths == [path]


def make_shards(folder):
    """Three tars, the first with its index and more files than photos."""
    names = list(PHOTOS)
    for k in range(3):
        content = {name.rpartition("/")[2]: PHOTOS[name] for name in names[k::3]}
        if k == 0:
            content["0.json"] = b"{}"
        pack_tar(folder / f"coco-{k:06d}.tar", content)
    (folder / "coco-000000.idx").write_bytes(index(folder / "coco-000000.tar"))
    (folder / "notes.tar").write_bytes(b"no tar")


def test_several_by_a_pattern(tmp_path):
    make_shards(tmp_path)
    store = open_image_dir(str(tmp_path / "coco-*.tar"))
    assert {f"train2014/{k}.jpg": read(store, f"{k}.jpg") for k in range(6)} == PHOTOS
    assert store.list_photos() == [f"{k}.jpg" for k in range(6)]
    assert len(store.local_paths) == 3


def test_one_that_cannot_be_read_ends_it(tmp_path):
    make_shards(tmp_path)
    with pytest.raises(PhotoError, match=r"dataset\.image_dir: .*notes\.tar: expected a whole tar"):
        open_image_dir(str(tmp_path / "*.tar"))


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("no-*.tar", "nothing has a name like"),
        ("nowhere/*.tar", "cannot be listed"),
        ("photos.tar.gz", "not read in place"),
        ("missing.zip", "missing.zip: there is no such file"),
        ("s3://bucket/photos.tgz", "not read in place"),
    ],
)
def test_what_cannot_be_opened(tmp_path, setting, said):
    with pytest.raises(RenderError, match=f"^dataset.image_dir: .*{re.escape(said)}"):
        open_image_dir(setting if "://" in setting else str(tmp_path / setting))


@pytest.fixture
def server(tmp_path):
    files = {f"data/{name}": content for name, content in PHOTOS.items()}
    files["data/a.zip"] = pack_zip(tmp_path / "a.zip", PHOTOS, zipfile.ZIP_DEFLATED).read_bytes()
    files["data/a.tar"] = pack_tar(tmp_path / "a.tar", PHOTOS).read_bytes()
    files["data/a.idx"] = index(tmp_path / "a.tar")
    files["data/b.tar"] = files["data/a.tar"]
    with FileServer(files).running() as server:
        yield server


@pytest.mark.parametrize("name", ["train2014/", "train2014", "a.zip", "a.tar", "b.tar"])
def test_urls_of_folders_and_archives(server, name):
    store = open_image_dir(f"{server.url}/data/{name}")
    assert isinstance(store, Archives if "." in name else ObjectFolder)
    assert {f"train2014/{k}.jpg": read(store, f"{k}.jpg") for k in range(6)} == PHOTOS
    assert store.is_remote


def test_a_video_at_a_url_is_fetched(server, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    server.files["data/walk.mp4"] = b"video"
    path = open_image_dir(f"{server.url}/data/walk.mp4")
    assert (path.name, path.read_bytes()) == ("walk.mp4", b"video")


def test_a_member_of_an_archive_at_a_url_is_one_request(server):
    store = open_image_dir(f"{server.url}/data/a.tar")
    count = len(server.requests)
    assert read(store, "4.jpg") == PHOTOS["train2014/4.jpg"]
    assert server.requests[count:] == [("GET", "data/a.tar")]


def test_an_archive_that_changes_during_the_run(server):
    store = open_image_dir(f"{server.url}/data/a.zip")
    server.files["data/a.zip"] = bytes(len(server.files["data/a.zip"]))
    with pytest.raises(PhotoError, match="the file changed during the run"):
        read(store, "4.jpg")


def test_servers_that_give_no_parts_or_no_lists(server):
    with pytest.raises(ConfigError, match="does not list its files"):
        open_image_dir(f"{server.url}/data/*.tar")
    server.takes_ranges = False
    with pytest.raises(PhotoError, match="does not give parts of files"):
        open_image_dir(f"{server.url}/data/a.zip")
