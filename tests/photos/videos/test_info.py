"""What is known of a video before its frames are decoded."""

from fractions import Fraction

import av
import numpy as np
import pytest

from render.errors import PhotoError
from render.photos.videos.reader import open_video
from tests.helpers.videos import HEIGHT, WIDTH, make_video, read_number, turn_video

STEPS = [480, 980, 1980, 3480, 3980, 4980]


def test_times_are_exact_where_they_vary(tmp_path):
    info = open_video(
        make_video(tmp_path / "a.mp4", len(STEPS), pts=STEPS, time_base=Fraction(1, 30000))
    ).info
    assert info.time_base == Fraction(1, 30000)
    assert info.pts.tolist() == STEPS
    assert (info.height, info.width, info.frame_count) == (HEIGHT, WIDTH, len(STEPS))
    np.testing.assert_allclose(info.times_s, (np.array(STEPS) - 480) / 30000, rtol=1e-12)
    assert info.end_pts > STEPS[-1]
    # Five steps in 4500 units.
    assert info.average_rate == pytest.approx(5 / (4500 / 30000), rel=0.25)
    assert not info.has_audio


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi"])
def test_an_even_rate_is_that_of_the_header(tmp_path, name):
    info = open_video(make_video(tmp_path / name, 7)).info
    assert info.average_rate == 30
    # Milliseconds in MKV.
    np.testing.assert_allclose(info.times_s, np.arange(7) / 30, atol=6e-4)


def test_sound_is_told(tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        video, sound = container.add_stream("libx264", rate=30), container.add_stream("aac", rate=8000)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((HEIGHT, WIDTH, 3), np.uint8)).reformat(format="yuv420p")
        frame.pts = 0
        container.mux([*video.encode(frame), *video.encode()])
        noise = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        noise.sample_rate, noise.pts = 8000, 0
        container.mux([*sound.encode(noise), *sound.encode()])
    info = open_video(path).info
    assert info.has_audio
    assert info.frame_count == 1


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ((0, 1, -1, 0), lambda pixels: np.rot90(pixels, -1)),
        ((-1, 0, 0, -1), lambda pixels: pixels[::-1, ::-1]),
        ((0, -1, 1, 0), np.rot90),
        ((-1, 0, 0, 1), lambda pixels: pixels[:, ::-1]),
    ],
)
def test_frames_are_upright(tmp_path, matrix, expected):
    path = make_video(tmp_path / "a.mp4", 2)
    stored = open_video(path).read(1)
    turn_video(path, matrix)
    video = open_video(path)
    pixels = video.read(1)
    np.testing.assert_array_equal(pixels, expected(stored))
    assert (video.info.height, video.info.width) == pixels.shape[:2]


def test_other_turns_are_refused(tmp_path):
    path = make_video(tmp_path / "a.mp4", 1)
    turn_video(path, (3, 4, -4, 3))
    with pytest.raises(PhotoError, match=r"a\.mp4: the video is not read: its display matrix is no turn by"):
        open_video(path)


def test_a_header_that_lies_about_the_number_of_frames_is_not_believed(tmp_path):
    """AVI has it twice, in `avih` and `strh`."""
    path = make_video(tmp_path / "a.avi", 5, codec="mjpeg", pix_fmt="yuvj420p", options={})
    content = bytearray(path.read_bytes())
    main, stream = content.find(b"avih") + 8, content.find(b"strh") + 8
    for place in (main + 16, stream + 32):
        assert content[place : place + 4] == (5).to_bytes(4, "little")
        content[place : place + 4] = (500).to_bytes(4, "little")
    path.write_bytes(content)
    video = open_video(path)
    assert video.info.frame_count == 5
    assert read_number(video.read(4)) == 4
    with pytest.raises(
        PhotoError, match=r"the video has 5, from 0 to 4; its header says 500, so it is cut off"
    ):
        video.read(5)
