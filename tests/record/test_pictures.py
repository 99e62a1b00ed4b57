"""What the pictures of a clip are known by, and what has become of them."""

import os
import shutil

import pytest

from render.files.digest import identify
from render.photos.folder import PhotoDir
from render.record.pictures import find_changes, identify_pictures
from render.types.sheets import VideoFrame


@pytest.fixture
def paths(tmp_path):
    found = [tmp_path / f"{k}.png" for k in range(3)]
    for k, path in enumerate(found):
        path.write_bytes(b"picture %d" % k)
    return found


def note(paths):
    pictures = [
        (identify(path.read_bytes()), path.stat().st_mtime_ns) if path.exists() else None for path in paths
    ]
    return identify_pictures("walk", pictures, False)


def look(noted, paths):
    return find_changes(noted, paths, PhotoDir(paths[0].parent))


def touch(path):
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1_000_000_000))


def test_pictures_that_are_the_same(paths):
    assert look(note(paths), paths) == note(paths)


def test_one_that_was_touched_is_noted_with_its_new_time(paths):
    noted = note(paths)
    touch(paths[1])
    found = look(noted, paths)
    assert found == note(paths)
    assert found != noted


@pytest.mark.parametrize("content", [b"picture X", b"another length"])
def test_one_of_other_content(paths, content):
    noted = note(paths)
    paths[1].write_bytes(content)
    touch(paths[1])
    assert look(noted, paths) is None


def test_two_that_changed_places(paths):
    noted = note(paths)
    contents = [path.read_bytes() for path in paths[:2]]
    for path, content in zip(paths[:2], contents[::-1], strict=True):
        path.write_bytes(content)
        touch(path)
    assert look(noted, paths) is None


def test_one_that_is_missing_stays_so_until_it_comes(paths):
    content = paths[1].read_bytes()
    paths[1].unlink()
    noted = note(paths)
    assert look(noted, paths) == noted
    paths[1].write_bytes(content)
    assert look(noted, paths) is None


def test_one_that_is_there_among_others_that_are_not_and_copies_of_one(paths):
    for path in paths[1:]:
        path.unlink()
    assert look(note(paths), paths) == note(paths)
    for path in paths[1:]:
        shutil.copy2(paths[0], path)
    assert look(note(paths), paths) == note(paths)


class OneVideo:
    """A source whose frames are all of one file; the file need not be a video to be looked at."""

    def __init__(self, path):
        self._photos, self._path = PhotoDir(path.parent), path

    def look(self, photo):
        return self._photos.look(self._path)

    def hash(self, photo):
        return self._photos.hash(self._path)


def test_frames_of_a_video_are_known_by_the_video(paths):
    status, source = paths[0].stat(), OneVideo(paths[0])
    whole = identify(paths[0].read_bytes())
    frames = [VideoFrame(paths[0], k) for k in range(5)]
    noted = identify_pictures("walk", [None, *[(whole, status.st_mtime_ns)] * 4], True)
    assert (noted.bytes, noted.sha256, noted.modified_ns) == (
        whole.bytes,
        whole.sha256,
        status.st_mtime_ns,
    )
    assert find_changes(noted, frames, source) == noted
    touch(paths[0])
    assert find_changes(noted, frames, source).sha256 == noted.sha256
    paths[0].write_bytes(b"picture X")
    assert find_changes(noted, frames, source) is None
