"""Clips with the sound of a video: in step, whatever the codec; damage costs the sound alone."""

from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest

from render.write.clip import Clip, SoundSource
from render.write.format import FORMATS
from tests.helpers.clips import read_boxes
from tests.helpers.sounding_videos import CLICKS_S, hear_clicks, write_video

START, END = Fraction(36, 25), Fraction(84, 25)


def cut(
    path: Path, start: Fraction, end: Fraction, origin: Fraction | None = None
) -> tuple[bytes, list[str]]:
    """An MP4 of a part of a video, whose pictures are of this test, and the remarks on it."""
    count = int((end - start) * 25)
    clip = Clip(32, 48, 3, np.arange(count + 1), Fraction(1, 25), SoundSource(path, start, end, origin))
    file = BytesIO()
    with FORMATS.load("mp4").open_clip(file, clip) as encoder:
        for k in range(count):
            encoder.add(np.full((32, 48, 3), k * 5 % 256, np.uint8))
    with av.open(BytesIO(file.getvalue())) as container:
        pictures = container.streams.video[0]
        shown = [frame.pts * frame.time_base for frame in container.decode(pictures)]
        assert shown == [Fraction(k, 25) for k in range(count)]
    return file.getvalue(), encoder.remarks


@pytest.mark.parametrize(
    ("container", "codec", "rate", "layout", "kept"),
    [
        ("mp4", "aac", 48000, "stereo", "aac"),
        ("mkv", "aac", 44100, "mono", "aac"),
        ("mkv", "libmp3lame", 44100, "mono", "mp3"),
        ("mkv", "libopus", 48000, "stereo", "opus"),
        ("mkv", "flac", 48000, "mono", "flac"),
        # What browsers do not play in an MP4.
        ("mkv", "ac3", 48000, "5.1", "aac"),
        ("avi", "pcm_s16le", 22050, "mono", "aac"),
        ("mkv", "pcm_s16le", 11000, "mono", "aac"),
    ],
)
def test_clicks_are_heard_with_their_pictures(container, codec, rate, layout, kept, tmp_path):
    path = tmp_path / f"video.{container}"
    write_video(path, codec, rate, layout=layout)
    for start, end in ((Fraction(0), Fraction(4)), (START, END)):
        data, remarks = cut(path, start, end)
        assert remarks == []
        # One packet would be 20 ms and more; times of Matroska are rounded to 1 ms.
        expected = [float(click - start) for click in CLICKS_S if start <= click < end]
        np.testing.assert_allclose(hear_clicks(data), expected, rtol=0, atol=2e-3)
        names = read_boxes(data)
        assert names.index(b"moov") < names.index(b"mdat")
        with av.open(BytesIO(data)) as clip:
            sound = clip.streams.audio[0]
            assert sound.codec_context.codec.canonical_name == kept
            assert sound.duration * sound.time_base == pytest.approx(float(end - start), abs=1e-2)


def test_sound_counts_from_the_first_picture(tmp_path):
    """A transport stream whose clock does not begin at 0, read with its origin and without."""
    path = tmp_path / "video.ts"
    write_video(path, "aac", late_s=1)
    with av.open(str(path)) as container:
        first = next(container.decode(video=0))
        origin = first.pts * first.time_base
    assert origin >= 1
    for told in (None, origin):
        data, _ = cut(path, START, END, told)
        expected = [float(1 - origin + click - START) for click in CLICKS_S if START <= click < END]
        np.testing.assert_allclose(hear_clicks(data), expected, rtol=0, atol=2e-3)
    # As if the first picture that can be decoded were the sixth.
    data, _ = cut(path, START, END, origin + Fraction(1, 5))
    np.testing.assert_allclose(hear_clicks(data), np.subtract(expected, 0.2)[expected[0] < 0.2 :], atol=2e-3)


@pytest.mark.parametrize(("container", "codec"), [("mp4", "aac"), ("mkv", "pcm_s16le")])
def test_sound_that_ends_before_the_pictures(container, codec, tmp_path):
    path = tmp_path / f"video.{container}"
    write_video(path, codec, duration_s=2)
    data, remarks = cut(path, Fraction(1), Fraction(16))
    assert remarks == []
    np.testing.assert_allclose(hear_clicks(data), [0.5], atol=2e-3)


def test_the_same_bytes_and_no_sound_where_there_is_none(tmp_path):
    path = tmp_path / "video.mkv"
    write_video(path, "pcm_s16le")
    assert cut(path, START, END) == cut(path, START, END)
    silent, _ = cut(path, START, END)
    with av.open(BytesIO(silent)) as container, av.open(str(tmp_path / "silent.mp4"), "w") as target:
        stream = target.add_stream_from_template(container.streams.video[0])
        for packet in container.demux(video=0):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    data, remarks = cut(tmp_path / "silent.mp4", Fraction(0), Fraction(1))
    assert remarks == []
    with av.open(BytesIO(data)) as container:
        assert not container.streams.audio


@pytest.mark.parametrize("name", ["gif", "webp"])
def test_formats_without_sound_leave_it(name):
    source = SoundSource(Path("/nowhere.mp4"), Fraction(0), Fraction(1))
    file = BytesIO()
    with FORMATS.load(name).open_clip(file, Clip(4, 4, 3, np.arange(2), Fraction(1), source)) as encoder:
        encoder.add(np.zeros((4, 4, 3), np.uint8))
    assert encoder.remarks == []


@pytest.mark.parametrize(
    ("container", "codec"),
    [("mp4", "aac"), ("ts", "aac"), ("mkv", "ac3"), ("mkv", "flac"), ("mkv", "libmp3lame")],
)
def test_damage_costs_the_sound_and_never_the_clip(container, codec, tmp_path):
    path = tmp_path / f"video.{container}"
    write_video(path, codec)
    whole, random = path.read_bytes(), np.random.default_rng(3)
    for k in range(8):
        damaged = np.frombuffer(whole, np.uint8).copy()
        if k % 2:
            damaged = damaged[: random.integers(len(damaged))]
        else:
            places = random.integers(len(damaged), size=random.integers(1000))
            damaged[places] = random.integers(0, 256, len(places))
        path.write_bytes(damaged.tobytes())
        # `cut` looks at the pictures itself.
        _, remarks = cut(path, START, END)
        assert len(remarks) <= 1
        for remark in remarks:
            assert remark.startswith(f"{path}: the clip has no sound")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file or directory"),
        (b"", "Invalid data"),
        # Playlists name other files.
        (b"#EXTM3U\n#EXTINF:4,\nvideo.ts\n#EXT-X-ENDLIST\n", "Invalid"),
        (b"ffconcat version 1.0\nfile video.ts\n", "Invalid"),
    ],
)
def test_what_is_no_video_has_no_sound(content, reason, tmp_path):
    write_video(tmp_path / "video.ts", "aac", duration_s=1)
    path = tmp_path / "video.m3u8"
    if content is not None:
        path.write_bytes(content)
    data, (remark,) = cut(path, Fraction(0), Fraction(1))
    assert remark.startswith(f"{path}: the clip has no sound: {reason}")
    with av.open(BytesIO(data)) as container:
        assert not container.streams.audio
