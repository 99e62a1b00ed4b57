"""Photos of archives and URLs as a source: the pixels of the folder, the same words, one request each."""

import hashlib
import zipfile

import numpy as np
import pytest

from render.errors import MissingPhotoError, PhotoError
from render.photos.folder import PhotoDir
from render.photos.sources import stored_photos
from render.photos.sources.source import open_photo_source
from render.photos.stored.open import open_image_dir
from tests.helpers.file_server import FileServer


def pack(folder, path):
    with zipfile.ZipFile(path, "w") as archive:
        for photo in sorted(folder.iterdir()):
            archive.write(photo, f"images/{photo.name}")
    return path


@pytest.fixture
def archive(demo_set, tmp_path):
    return pack(demo_set.image_dir, tmp_path / "a.zip")


def open_source(place, renames=None, ignores_exif=False):
    return open_photo_source(open_image_dir(str(place)), renames, ignores_exif)


def test_photos_are_those_of_the_folder(demo_set, archive):
    stored, folder = open_source(archive), PhotoDir(demo_set.image_dir)
    assert stored.list_frames() == folder.list_frames()
    name = "demo_000003.jpg"
    (decoded, file, modified), (expected, expected_file, _) = (
        source.read(source.find(name)) for source in (stored, folder)
    )
    np.testing.assert_array_equal(decoded.pixels, expected.pixels)
    assert file == expected_file
    photo = stored.find(name)
    assert stored.read_size(photo) == folder.read_size(folder.find(name))
    assert stored.look(photo) == (file.bytes, modified)
    assert stored.hash(photo) == hashlib.sha256((demo_set.image_dir / name).read_bytes()).hexdigest()
    assert stored.has(name)


def test_names_are_replaced_and_checked(archive):
    source = open_source(archive, {".png": ".jpg"})
    assert source.find("demo_000003.png").name == "images/demo_000003.jpg"
    with pytest.raises(PhotoError, match=r'expected the name of a photo, found the path part "\.\."'):
        source.find("../x.jpg")


def test_what_is_missing_is_advised(archive):
    source = open_source(archive)
    with pytest.raises(MissingPhotoError, match=r"a\.zip/demo_3\.jpg: there is no such photo"):
        source.read_size(source.find("demo_3.jpg"))
    assert source.advise("demo_3.jpg") == "but demo_000003.jpg is there. Change dataset.rename_images"
    said = source.advise("demo_000003.png")
    assert said == "but demo_000003.jpg is there. Set dataset.rename_images='{.png: .jpg}'"
    assert source.advise("walk.jpg") == (
        "but others are, such as images/demo_000000.jpg, images/demo_000001.jpg, images/demo_000002.jpg"
    )
    assert not source.has("walk.jpg")


def test_what_is_no_picture_is_said_with_its_name(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.jpg", "<html>")
    source = open_source(tmp_path / "a.zip")
    for ask in (source.read_size, source.read):
        with pytest.raises(
            PhotoError, match=r"a\.zip/a\.jpg: found .* instead of a photo|a\.zip/a\.jpg: expected a"
        ):
            ask(source.find("a.jpg"))


def test_an_archive_that_is_cut_during_the_run_costs_its_photos_and_not_the_run(archive):
    source = open_source(archive)
    archive.write_bytes(archive.read_bytes()[:1000])
    for ask in (source.read_size, source.read):
        with pytest.raises(PhotoError, match=r"demo_000003\.jpg: it cannot be read: .*became shorter"):
            ask(source.find("demo_000003.jpg"))


@pytest.fixture
def server(demo_set):
    names = [f"demo_{k:06d}.jpg" for k in range(3)]
    files = {f"x/{name}": (demo_set.image_dir / name).read_bytes() for name in names}
    with FileServer(files).running() as server:
        yield server


def test_each_photo_of_a_network_is_asked_for_once(server):
    source = open_source(f"{server.url}/x/")
    for _ in range(2):
        for k in range(3):
            source.read_size(source.find(f"demo_{k:06d}.jpg"))
    for k in range(3):
        source.read(source.find(f"demo_{k:06d}.jpg"))
    assert server.requests == [("GET", f"x/demo_{k:06d}.jpg") for k in range(3)]


def test_what_waits_does_not_fill_the_memory(server, monkeypatch):
    sizes = [len(content) for content in server.files.values()]
    monkeypatch.setattr(stored_photos, "MOST_KEPT_BYTES", sizes[1] + sizes[2])
    source = open_source(f"{server.url}/x/")
    photos = [source.find(f"demo_{k:06d}.jpg") for k in range(3)]
    for photo in photos:
        source.read_size(photo)
    for photo in photos:
        source.read(photo)
    assert [path for _, path in server.requests[3:]] == ["x/demo_000000.jpg"]
    source.read_size(photos[0])
    source.close()
    source.read(photos[0])
    assert len(server.requests) == 6
