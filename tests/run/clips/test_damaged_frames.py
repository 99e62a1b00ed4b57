"""Clips with photos that are damaged, of another size, under other names, or of others."""

import os

import imageio.v3 as iio
import numpy as np
import pytest

from tests.run.clips.test_video_job import read_frames


@pytest.fixture
def cut(small):
    """A photo without its end: a JPEG, of which much is left."""
    photo = small.image_dir / "run" / "0001.png"
    content = iio.imwrite("<bytes>", iio.imread(photo), extension=".jpg")
    photo.write_bytes(content[:-200])
    return photo


def test_a_damaged_photo_is_told_and_not_drawn_again_until_it_changes(draw, again, cut, tmp_path):
    report = draw()
    assert (report.rendered, [problem.row for problem in report.damaged]) == (1, [4])
    assert (read_frames(tmp_path / "out" / "run.webp")[1][0, 0] == 96).all()
    report = draw()
    assert (report.rendered, report.kept) == (0, 2)
    assert "1 of 2 frames" in report.damaged[0].reason


def test_damaged_photos_draw_shows_what_is_left_and_tells_it(draw, cut, tmp_path):
    draw("samples=3:")
    report = draw("damaged_photos=draw", "samples=3:")
    assert report.rendered == 1
    (problem,) = report.damaged
    assert problem.reason.startswith("frame 1: ")
    assert "grey" not in problem.reason
    # The upper left corner is of the part that is there.
    assert (read_frames(tmp_path / "out" / "run.webp")[1][0, 0] != 96).any()


def test_photos_that_are_copies_of_one_another_are_kept_track_of(draw, small):
    for k in (0, 1):
        iio.imwrite(small.image_dir / "run" / f"000{k}.png", np.zeros((120, 160, 3), np.uint8))
        os.utime(small.image_dir / "run" / f"000{k}.png", ns=(0, 10**18))
    assert draw("samples=3:").rendered == 1
    assert draw("samples=3:").kept == 1


def test_a_photo_of_another_size_is_told_with_both(draw, small):
    iio.imwrite(small.image_dir / "run" / "0001.png", np.zeros((60, 80, 3), np.uint8))
    report = draw("samples=3:")
    assert report.rendered == 1
    assert "expected 160 x 120 pixels, as those before it have, found 80 x 60." in report.damaged[0].reason


def test_the_size_is_that_of_the_first_photo_that_can_be_read(draw, small):
    (small.image_dir / "run" / "0000.png").write_bytes(b"no picture")
    report = draw("samples=3:")
    assert (report.rendered, len(report.damaged)) == (1, 1)


def test_photos_under_new_names_are_there_once(draw, small, tmp_path):
    for photo in (small.image_dir / "run").iterdir():
        photo.rename(photo.with_name(f"new_{photo.name}"))
    (small.image_dir / "run").rename(small.image_dir / "ran")
    report = draw("samples=3:", "dataset.rename_images={run/: ran/new_}")
    assert (report.rendered, report.failed, report.damaged) == (1, [], [])
    assert len(read_frames(tmp_path / "out" / "run.webp")) == 2


def test_where_no_photo_is_there_it_is_said_what_is(draw, small):
    (small.image_dir / "run").rename(small.image_dir / "RUN")
    report = draw("samples=3:")
    assert [problem.row for problem in report.failed] == [3, 4]
    assert "RUN/0000.png is there" in report.failed[0].reason


def test_a_link_out_of_the_folder_costs_its_own_clip(draw, again, small, tmp_path):
    photo = small.image_dir / "walk" / "0004.png"
    photo.unlink()
    (tmp_path / "other.png").write_bytes(b"")
    photo.symlink_to(tmp_path / "other.png")
    report = draw("on_error=skip")
    assert (report.rendered, report.kept) == (0, 1)
    assert {problem.row for problem in report.failed} == {0, 1, 2}


def test_a_frame_with_too_many_people_costs_its_own_clip(draw, small):
    small.entries.extend([dict(small.entries[1])] * 255)
    small.save()
    report = draw("panels=[camera/mask]")
    assert report.rendered == 1
    assert "255 people apart" in report.failed[0].reason
