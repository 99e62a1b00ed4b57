"""The folders that settings name."""

import os

import pytest

from render.errors import ConfigError
from render.run.folders import check_folders, follow


@pytest.mark.parametrize(("output", "images"), [("a", "a"), ("a/b", "a"), ("a", "a/b"), ("link", "a/b")])
def test_sheets_and_photos_never_share_a_folder(tmp_path, output, images):
    """Whatever links lead there."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    with pytest.raises(ConfigError, match=r"output\.dir: .* overlap, and sheets could overwrite photos"):
        check_folders(tmp_path / output, tmp_path / images, needs_photos=True)


def test_folders_side_by_side_are_well(tmp_path):
    (tmp_path / "images").mkdir()
    check_folders(tmp_path / "images2", tmp_path / "images", needs_photos=True)


def test_a_folder_of_photos_must_be_there_if_they_are_needed(tmp_path):
    check_folders(tmp_path / "out", tmp_path / "images", needs_photos=False)
    with pytest.raises(ConfigError, match=r"dataset\.image_dir: .*images is no folder"):
        check_folders(tmp_path / "out", tmp_path / "images", needs_photos=True)


def test_links_that_go_in_a_circle_are_refused_with_the_setting(tmp_path, monkeypatch):
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    with pytest.raises(ConfigError, match=r"output\.dir: .*one cannot be followed"):
        follow("output.dir", tmp_path / "one")


def test_a_video_stands_for_a_folder(tmp_path):
    (tmp_path / "in").mkdir()
    video = tmp_path / "in" / "clip.mp4"
    video.touch()
    check_folders(tmp_path / "out", video, needs_photos=True)
    with pytest.raises(ConfigError, match=r"output\.dir: .*in and the video .*clip\.mp4 overlap"):
        check_folders(tmp_path / "in", video, needs_photos=True)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigError, match=r"dataset\.image_dir: .*pipe is no folder, no video"):
        check_folders(tmp_path / "out", tmp_path / "pipe", needs_photos=True)


def test_no_photos_need_no_folder(tmp_path):
    check_folders(tmp_path / "out", None, needs_photos=True)
