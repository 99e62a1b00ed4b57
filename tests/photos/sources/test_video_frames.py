"""The frames of a video as photos: by which names they are found."""

import shlex

import pytest

from render.errors import PhotoError
from render.fits.image_paths import find_numbered, name_frames
from render.photos.folder import PhotoDir
from render.photos.sources.no_photos import NoPhotos
from render.photos.sources.source import open_photo_source
from render.photos.sources.video_frames import VideoFrames
from render.types.sheets import VideoFrame
from tests.helpers.runs import configure
from tests.helpers.videos import HEIGHT, WIDTH, make_video, read_number


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return make_video(tmp_path_factory.mktemp("video") / "clip.mp4", 4)


def test_what_a_setting_names_is_told_by_what_is_there(path, tmp_path):
    """Not by its name."""
    (tmp_path / "folder.mp4").mkdir()
    video = tmp_path / "clip"
    video.write_bytes(path.read_bytes())
    assert isinstance(open_photo_source(video), VideoFrames)
    assert isinstance(open_photo_source(tmp_path / "folder.mp4"), PhotoDir)
    assert isinstance(open_photo_source(None), NoPhotos)


@pytest.mark.parametrize(
    ("name", "number"),
    [("000000", 0), ("000003", 3), ("3", 3), ("000001.png", 0), ("img/frame_0004.JPG", 3), ("000009", 9)],
)
def test_a_number_counts_from_0_and_a_file_from_1(path, name, number):
    assert VideoFrames(path).find(name) == VideoFrame(path, number)


@pytest.mark.parametrize("name", ["street.jpg", "street", "000001.txt", "street/0001", "1" * 10])
def test_other_names_are_refused(path, name):
    with pytest.raises(PhotoError, match=r"clip\.mp4: expected image names that are numbers of frames"):
        VideoFrames(path).find(name)
    assert not VideoFrames(path).has(name)


def test_files_that_are_counted_from_0_are_told_how(path):
    with pytest.raises(PhotoError, match=r"found 000000\.png.* dataset\.rename_images='\{\.png: \"\"\}'"):
        VideoFrames(path).find("000000.png")
    assert VideoFrames(path, {".png": ""}).find("000000.png") == VideoFrame(path, 0)


def test_names_of_frames_are_those_that_readers_make(path):
    source = VideoFrames(path)
    assert source.list_frames() == name_frames(range(4), path) == find_numbered(range(4), path)
    for number, name in enumerate(source.list_frames()):
        frame = source.find(name)
        assert source.has(name)
        assert source.read_size(frame) == (HEIGHT, WIDTH)
        decoded, file, modified_ns = source.read(frame)
        assert read_number(decoded.pixels) == number
        assert (file.bytes, modified_ns) == (path.stat().st_size, path.stat().st_mtime_ns)
    assert not source.has("000004")
    with pytest.raises(PhotoError, match=r"clip\.mp4 \(frame 4\): there is no such frame, the video has 4"):
        source.read_size(source.find("000004"))
    source.close()


def test_no_photos_are_missed_where_there_are_none():
    source = NoPhotos()
    assert (source.find("a.jpg"), source.has("a.jpg"), source.advise("a.jpg")) == (None, False, None)
    assert source.list_frames() == []
    for read in (source.read, source.read_size):
        with pytest.raises(PhotoError, match=r"dataset\.image_dir=null"):
            read(VideoFrame("a.mp4", 0))


def test_frames_of_a_folder_are_in_the_order_of_names(tmp_path):
    folder = tmp_path / "walk"
    folder.mkdir()
    for name in ("000010.png", "000002.png", "notes.txt", "000001.jpg"):
        (folder / name).touch()
    assert PhotoDir(folder).list_frames() == ["000001.jpg", "000002.png", "000010.png"]
    names = ["walk/000001.jpg", "walk/000002.png", "walk/000010.png"]
    assert PhotoDir(tmp_path).list_frames("walk") == names
    assert PhotoDir(tmp_path).list_frames("none") == []
    with pytest.raises(PhotoError, match="expected a photo below"):
        PhotoDir(folder).list_frames("..")


def test_the_advice_is_read_as_it_is_meant(path):
    said = "000000.png"
    with pytest.raises(PhotoError) as caught:
        VideoFrames(path).find(said)
    (word,) = shlex.split(str(caught.value).partition("away: ")[2])
    dataset = configure("dataset=eft", "dataset.fit_file=a.json", f"dataset.image_dir={path}", word).dataset
    assert VideoFrames(path, dataset.rename_images).find(said) == VideoFrame(path, 0)
