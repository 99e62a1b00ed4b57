"""Whole runs over the frames of a video, and without any photos."""

import os

import cv2
import numpy as np
import pytest

from render.errors import PhotoError
from tests.helpers.folders import sheets_below
from tests.helpers.manifests import counts, photo, read_manifest
from tests.helpers.runs import ORIGINAL
from tests.helpers.videos import make_video

FRAMES, PEOPLE = 4, 8
PANELS = "panels=[camera/geo]"


def name_images(small, names):
    """Calls the photos of the small set otherwise in its fits."""
    for entry, name in zip(small.entries, names, strict=True):
        entry["imageName"] = name
    small.save()


@pytest.fixture
def numbers(small):
    """Which photo each person is on."""
    return [int(entry["imageName"][-10:-4]) for entry in small.entries]


@pytest.fixture
def pictures(small):
    """(4, 160, 160, 3) RGB: the photos, filled up to one size."""
    filled = np.zeros((FRAMES, 160, 160, 3), np.uint8)
    for number, frame in enumerate(filled):
        picture = cv2.imread(str(photo(small, number)))[..., ::-1]
        frame[: picture.shape[0], : picture.shape[1]] = picture
    return filled


@pytest.fixture
def clip(small, numbers, pictures):
    """A video of the photos, without loss, and fits of its frames."""
    name_images(small, [f"{number:06d}" for number in numbers])
    return make_clip(small.image_dir.parent / "clip.mkv", pictures)


def make_clip(path, pictures):
    return make_video(path, list(pictures), codec="ffv1", pix_fmt="bgr0", options={})


def test_frames_of_a_video_are_photos(clip, small, numbers, pictures, draw, out, tmp_path):
    """The same bytes as over photos of the same pixels."""
    assert counts(draw(PANELS, f"dataset.image_dir={clip}", "batch=3")) == (PEOPLE, 0, 0)
    (tmp_path / "photos").mkdir()
    for number, picture in enumerate(pictures):
        cv2.imwrite(str(tmp_path / f"photos/{number:06d}.png"), picture[..., ::-1])
    name_images(small, [f"{number:06d}.png" for number in numbers])
    draw(PANELS, f"dataset.image_dir={tmp_path}/photos", into=tmp_path / "over_photos")
    assert sheets_below(out) == sheets_below(tmp_path / "over_photos")


def test_what_is_drawn_over_a_video_is_kept_as_long_as_the_video_is(clip, pictures, draw, out, monkeypatch):
    """However its time changes; it is hashed once for all of its frames."""
    settings = (PANELS, f"dataset.image_dir={clip}")
    draw(*settings)
    (noted,) = {record["photo"]["sha256"] for record in read_manifest(out)}
    assert {record["photo"]["name"] for record in read_manifest(out)} == {f"00000{k}" for k in range(FRAMES)}
    assert counts(draw(*settings)) == (0, PEOPLE, 0)
    os.utime(clip, (1, 1))
    hashed = []
    monkeypatch.setattr("render.photos.videos.reader.hash_file", lambda path: hashed.append(path) or noted)
    assert counts(draw(*settings)) == (0, PEOPLE, 0)
    assert hashed == [clip]
    monkeypatch.undo()
    make_clip(clip, pictures[::-1])
    assert counts(draw(*settings)) == (PEOPLE, 0, 0)


def test_another_frame_of_the_same_video_is_another_photo(clip, small, draw):
    """Its file is the same, and so is the name of the sheet."""
    settings = (PANELS, f"dataset.image_dir={clip}", "samples=2:4")
    assert counts(draw(*settings)) == (2, 0, 0)
    assert counts(draw(*settings, "dataset.rename_images={000001: '000003'}")) == (2, 0, 0)
    assert counts(draw(*settings)) == (2, 0, 0)


def test_sheets_that_take_only_the_size_are_kept_too(clip, draw):
    settings = ("panels=[side/geo]", f"dataset.image_dir={clip}")
    assert counts(draw(*settings)) == (PEOPLE, 0, 0)
    assert counts(draw(*settings)) == (0, PEOPLE, 0)


def test_frames_behind_the_end_cost_their_own_sheets(clip, pictures, draw):
    make_clip(clip, pictures[:3])
    report = draw(PANELS, f"dataset.image_dir={clip}")
    assert (report.rendered, len(report.failed)) == (5, 3)
    assert all(
        problem.reason == f"{clip} (frame 3): there is no such frame, the video has 3, from 0 to 2"
        for problem in report.failed
    )


def test_what_is_no_video_ends_the_run_before_a_sheet_fails(small, draw, out):
    path = small.fit_file
    with pytest.raises(PhotoError, match=r"fits\.json: found JSON instead of a video"):
        draw(PANELS, f"dataset.image_dir={path}")


def test_without_photos_bodies_are_drawn_on_white(small, draw, out):
    words = (ORIGINAL, "panels=[camera/geo, side/geo]", "dataset.image_dir=null", "output=png")
    report = draw(*words)
    assert counts(report) == (PEOPLE, 0, 0)
    for name in sheets_below(out):
        sheet = cv2.imread(str(out / name))
        assert sheet.shape == (480, 1280, 3)
        # Far away from the bodies, which the small photos have in their place.
        assert (sheet[240:, 320:640] == 255).all()
    assert read_manifest(out)[0]["photo"] is None
    assert counts(draw(*words)) == (0, PEOPLE, 0)


def test_without_photos_panels_have_the_size_that_is_asked_for(small, draw, out):
    draw(PANELS, "dataset.image_dir=null", "samples=0", "size=200x100", "output=png")
    (name,) = sheets_below(out)
    assert cv2.imread(str(out / name)).shape == (100, 200, 3)


def test_sheets_on_white_are_not_taken_for_those_over_photos(small, draw):
    assert counts(draw(PANELS, "dataset.image_dir=null", "samples=0")) == (1, 0, 0)
    assert counts(draw(PANELS, "samples=0")) == (1, 0, 0)
    assert counts(draw(PANELS, "dataset.image_dir=null", "samples=0")) == (1, 0, 0)


def test_a_crop_of_no_photo_is_white(small, draw, out):
    assert counts(draw("panels=[crop/geo/photo]", "dataset.image_dir=null", "samples=0", "output=png")) == (
        1,
        0,
        0,
    )
    (name,) = sheets_below(out)
    assert (cv2.imread(str(out / name))[:4, :4] == 255).all()
