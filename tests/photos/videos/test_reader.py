"""Frames of videos by their numbers: which one it is, and the same pixels on every way to it."""

import hashlib
import random
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import pytest

from render.errors import MissingPhotoError, PhotoError
from render.photos.videos import decoder
from render.photos.videos.reader import VideoReader, open_video
from tests.helpers.videos import GROUPS, make_video, read_number

COUNT = 30
STEPS = np.cumsum(np.arange(COUNT) % 3 * 500 + 500).tolist()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Videos of many kinds, by the names of their files."""
    folder = tmp_path_factory.mktemp("videos")
    make_video(folder / "b_frames.mp4")
    make_video(folder / "vfr.mp4", pts=STEPS, time_base=Fraction(1, 30000))
    open_groups = GROUPS | {"x264-params": "b-adapt=0:scenecut=0:open-gop=1"}
    make_video(folder / "open_groups.mkv", options=open_groups)
    make_video(folder / "refresh.mp4", options={"bf": "0", "g": "8", "x264-params": "intra-refresh=1"})
    make_video(folder / "stream.ts")
    make_video(folder / "mpeg4.avi", codec="mpeg4", options={"bf": "2", "g": "8", "q": "2"})
    make_video(folder / "h264.avi")
    make_video(folder / "interlaced.mp4", options=GROUPS | {"x264-params": "tff=1:b-adapt=0"})
    make_video(folder / "vp9.webm", codec="libvpx-vp9", options={"g": "8", "deadline": "realtime"})
    make_video(folder / "vp8.webm", codec="libvpx", options={"auto-alt-ref": "1", "lag-in-frames": "16"})
    return folder


NAMES = (
    *("b_frames.mp4", "vfr.mp4", "open_groups.mkv", "refresh.mp4", "stream.ts", "mpeg4.avi", "h264.avi"),
    *("interlaced.mp4", "vp9.webm", "vp8.webm"),
)


@pytest.mark.parametrize("name", NAMES)
def test_every_frame_is_the_one_of_its_number(folder, name):
    video = open_video(folder / name)
    assert video.info.frame_count == COUNT
    assert [read_number(video.read(number)) for number in range(COUNT)] == list(range(COUNT))
    video.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_frame_has_the_same_pixels_on_every_way_to_it(folder, name, monkeypatch):
    """Back, to and fro, with more threads, and when hardly any frame is held."""
    forward = VideoReader(folder / name, threads=1)
    expected = [forward.read(number) for number in range(COUNT)]
    monkeypatch.setattr(decoder, "MOST_HELD", 1)
    monkeypatch.setattr(decoder, "_LEAST_HELD", 1)
    ways = [[29, 28, 15, 11, 10, 9, 1, 0, 29], random.Random(1).sample(range(COUNT), 12)]
    for threads, way in zip((1, 4), ways, strict=True):
        video = VideoReader(folder / name, threads=threads)
        for number in way:
            np.testing.assert_array_equal(video.read(number), expected[number])
        video.close()


def test_threads_that_ask_out_of_order_get_their_frames(folder):
    video = open_video(folder / "b_frames.mp4")
    order = [k ^ 3 for k in range(28)]
    with ThreadPoolExecutor(8) as pool:
        assert [read_number(pixels) for pixels in pool.map(video.read, order)] == order


def test_back_is_where_groups_begin_and_not_the_beginning(folder, monkeypatch):
    """Of closed groups of ten frames; of open ones only the first is sure."""
    fed = []
    feed = decoder.Decoder._feed
    monkeypatch.setattr(
        decoder.Decoder, "_feed", lambda self, packet: fed.append(packet) or feed(self, packet)
    )
    monkeypatch.setattr(decoder, "MOST_HELD", 1)
    monkeypatch.setattr(decoder, "_LEAST_HELD", 1)
    for name, is_closed in (("b_frames.mp4", True), ("open_groups.mkv", False)):
        video = VideoReader(folder / name, threads=1)
        video.read(29)
        fed.clear()
        video.read(21)
        assert (len(fed) < 20) == is_closed


def test_frames_that_are_not_there_are_refused(folder):
    video = open_video(folder / "b_frames.mp4")
    for number in (-1, COUNT):
        with pytest.raises(
            PhotoError, match=rf"b_frames\.mp4 \(frame {number}\): .* the video has 30, from 0"
        ):
            video.read(number)
    with pytest.raises(MissingPhotoError, match="there is no such video"):
        open_video(folder / "none.mp4")


def test_a_video_that_changes_is_noticed(tmp_path):
    path = make_video(tmp_path / "a.mp4", 3)
    video = open_video(path)
    video.read(0)
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(PhotoError, match="the file changed during the run"):
        video.read(1)


def test_it_is_known_by_the_hash_of_its_file(tmp_path):
    path = make_video(tmp_path / "a.mp4", 2)
    content = path.read_bytes()
    known = open_video(path).identify()
    assert (known.bytes, known.sha256) == (len(content), hashlib.sha256(content).hexdigest())
