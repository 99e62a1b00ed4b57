"""Videos that are none, or damaged: refused in one line with the name of the file, and never waited for."""

import os
import struct

import numpy as np
import pytest

from render.errors import PhotoError
from render.photos.videos import containers, info
from render.photos.videos.reader import VideoReader, open_video
from tests.helpers.videos import GROUPS, make_video, read_number

PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{}\n#EXT-X-ENDLIST\n"


def read_all(path) -> list[np.ndarray]:
    """Frames that can be read; anything else than a PhotoError of one line is a failure."""
    frames = []
    try:
        video = open_video(path)
    except PhotoError as error:
        check_message(error, path)
        return frames
    for number in range(video.info.frame_count):
        try:
            frames.append(video.decode(number).pixels)
        except PhotoError as error:
            check_message(error, f"{path} (frame {number})")
    video.close()
    return frames


def check_message(error, name):
    assert str(error).startswith(f"{name}: ")
    assert "\n" not in str(error)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.avi"])
def test_a_video_may_be_cut_anywhere(tmp_path, name):
    codec = "mpeg4" if name == "a.avi" else "libx264"
    options = {"q": "4"} if name == "a.avi" else GROUPS
    content = make_video(tmp_path / name, 6, codec=codec, options=options).read_bytes()
    path, counts = tmp_path / f"cut_{name}", set()
    for length in range(0, len(content), max(1, len(content) // 60)):
        path.write_bytes(content[:length])
        counts.add(len(read_all(path)))
    assert 0 in counts
    # An MP4 without its index at the end has nothing that can be found.
    assert len(counts) > 1 or name == "a.mp4"


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi"])
def test_any_bytes_may_be_others(tmp_path, name):
    codec = "mpeg4" if name == "a.avi" else "libx264"
    options = {"q": "4"} if name == "a.avi" else GROUPS
    content = make_video(tmp_path / name, 6, codec=codec, options=options).read_bytes()
    path, rng = tmp_path / f"odd_{name}", np.random.default_rng(0)
    for _ in range(40):
        odd = np.frombuffer(content, np.uint8).copy()
        places = rng.integers(0, len(odd), rng.choice([1, 4, 40]))
        odd[places] = rng.integers(0, 256, len(places))
        path.write_bytes(odd.tobytes())
        read_all(path)


def test_a_damaged_frame_is_refused_with_those_that_build_on_it(tmp_path):
    """And no others: the group of frames that comes next begins anew. Of some there is something left."""
    path = make_video(tmp_path / "a.mp4", 30)
    whole = open_video(path)
    expected = [whole.read(number) for number in range(30)]
    start = whole._strict._packets.starts[15]
    assert start == 10
    content = bytearray(path.read_bytes())
    place = find_packet(path, 12)
    content[place + 8 : place + 40] = bytes([255]) * 32
    path.write_bytes(content)
    for threads in (1, 4):
        video = VideoReader(path, threads)
        damaged = set()
        for number in range(30):
            try:
                pixels = video.read(number)
            except PhotoError as error:
                check_message(error, f"{path} (frame {number})")
                damaged.add(number)
            else:
                np.testing.assert_array_equal(pixels, expected[number])
        assert damaged
        assert damaged <= set(range(10, 20))
        decoded = video.decode(max(damaged))
        assert decoded.damage is not None
        assert decoded.pixels.shape == expected[0].shape
        video.close()


def find_packet(path, ordinal: int) -> int:
    with containers.opened(path) as (container, stream):
        return [packet.pos for packet in container.demux(stream)][ordinal]


def test_a_video_that_is_cut_behind_its_index_has_the_frames_that_are_there(tmp_path):
    path = make_video(tmp_path / "a.mp4", 30, container_options={"movflags": "faststart"})
    content = path.read_bytes()
    place = find_packet(path, 20)
    path.write_bytes(content[: place + 3])
    video = open_video(path)
    assert 0 < video.info.frame_count < 30
    assert read_number(video.read(5)) == 5
    with pytest.raises(PhotoError, match=r"its header says 30, so it is cut off: download it again"):
        video.read(29)


def test_what_is_no_video_is_refused(tmp_path):
    secret = make_video(tmp_path / "secret.ts", 2)
    os.mkfifo(tmp_path / "pipe.mp4")
    contents = {
        "text.mp4": (b"hello" * 99, "found a file that cannot be opened as one"),
        "page.mp4": (b"<html><body>404</body></html>", "found a web page"),
        "empty.mp4": (b"", "is empty"),
        # They name other files, which are not read.
        "list.m3u8": (PLAYLIST.format(secret).encode(), "cannot be opened as one"),
        "list.mp4": (PLAYLIST.format(secret).encode(), "cannot be opened as one"),
        "list.txt": (f"ffconcat version 1.0\nfile {secret}\n".encode(), "cannot be opened as one"),
    }
    for name, (content, said) in contents.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(PhotoError, match=said) as caught:
            open_video(tmp_path / name)
        check_message(caught.value, tmp_path / name)
    with pytest.raises(PhotoError, match=r"pipe\.mp4: the video cannot be read \(Not a regular file\)"):
        open_video(tmp_path / "pipe.mp4")


def test_an_encrypted_video_is_refused(tmp_path):
    key = "00112233445566778899aabbccddeeff"
    options = {"encryption_scheme": "cenc-aes-ctr", "encryption_key": key, "encryption_kid": key}
    path = make_video(tmp_path / "a.mp4", 2, container_options=options)
    with pytest.raises(PhotoError, match=r"a\.mp4: the video is encrypted"):
        open_video(path)


def test_frames_of_absurd_sizes_are_never_made(tmp_path):
    """A file of a few kilobytes has none of their pixels."""
    path = make_video(tmp_path / "a.avi", 2, codec="rawvideo", pix_fmt="bgr24", options={})
    content = bytearray(path.read_bytes())
    place = content.find(b"strf") + 12
    # From the top.
    assert content[place : place + 8] == struct.pack("<ii", 64, -48)
    for width, height, said in (
        (66_000, 100, "expected at most 100 megapixels and sides of at most 65535, found 66000 x 100"),
        (15_000, 15_000, "no frame of the video can be decoded: it is damaged, or of a kind or size"),
        (60_000, 60_000, "no frame of the video can be decoded: it is damaged, or of a kind or size"),
    ):
        content[place : place + 8] = struct.pack("<ii", width, -height)
        path.write_bytes(content)
        with pytest.raises(PhotoError, match=rf"a\.avi: {said}"):
            open_video(path)


def test_too_many_frames_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(info, "MOST_FRAMES", 5)
    for name, codec in (("a.mp4", "libx264"), ("a.avi", "mpeg4")):
        path = make_video(tmp_path / name, 6, codec=codec, options={})
        with pytest.raises(PhotoError, match=r"expected at most 5 frames, found more\. Cut the video"):
            open_video(path)
