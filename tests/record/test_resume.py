"""Resume: what is done and whole stays, what changed is drawn again."""

import os
import shutil

import cv2
import numpy as np
import pytest

from tests.helpers.folders import files_below
from tests.helpers.manifests import (
    PEOPLE,
    PHOTO_ROWS,
    as_bitmap,
    counts,
    damage,
    look,
    photo,
    read_manifest,
    redrawn,
    repaint,
    turn,
)
from tests.helpers.runs import ROOT

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow


def test_a_second_run_draws_nothing_and_touches_nothing(draw, out):
    assert counts(draw()) == (PEOPLE, 0, 0)
    before, manifest = look(out), (out / "manifest.jsonl").read_bytes()
    report = draw()
    assert counts(report) == (0, PEOPLE, 0)
    assert f"0 rendered, {PEOPLE} already there, 0 skipped, 0 failed" in report.summarize()
    assert look(out) == before
    assert (out / "manifest.jsonl").read_bytes() == manifest
    assert sorted(files_below(out)) == sorted([*before, "manifest.jsonl"])


@pytest.mark.parametrize(
    "overrides",
    [
        ["device=auto"],
        ["rasterizer=warp"],
        ["batch=1"],
        ["threads=1"],
        ["on_error=stop"],
        ["damaged_photos=draw"],
        ["look=normal", "panels=[camera/geo/photo,side/geo/white]"],
        ["body.path={root}/extradata/demo/demo_smpl.npz"],
        ["body.charts=nowhere.mat"],
        ["dataset.coco_file=nowhere.json"],
        ["dataset.name=other"],
        ["dataset.rename_images={{demo_9: demo_8}}"],
    ],
    ids=lambda overrides: overrides[0],
)
def test_what_does_not_shape_pixels_draws_nothing_again(draw, out, overrides):
    draw("look=geo")
    before, manifest = look(out), (out / "manifest.jsonl").read_bytes()
    words = [text.format(root=ROOT) for text in overrides]
    assert counts(draw("look=geo", *words)) == (0, PEOPLE, 0)
    assert look(out) == before
    assert (out / "manifest.jsonl").read_bytes() == manifest


def test_a_part_of_the_set_draws_nothing_again_and_forgets_nothing(draw, out):
    draw()
    before, manifest = look(out), (out / "manifest.jsonl").read_bytes()
    assert counts(draw("samples=2:5")) == (0, 3, 0)
    assert counts(draw("samples=7")) == (0, 1, 0)
    assert look(out) == before
    assert (out / "manifest.jsonl").read_bytes() == manifest


def test_a_shard_draws_nothing_again(draw, out):
    draw()
    before = look(out)
    first, second = draw("shard=1/2"), draw("shard=2/2")
    assert (first.rendered, second.rendered, first.kept + second.kept) == (0, 0, PEOPLE)
    assert look(out) == before


def test_parts_of_the_set_come_to_the_whole(draw, out, tmp_path):
    for samples in ("5:8", "0:3", "2:6"):
        draw(f"samples={samples}")
    draw(into=tmp_path / "whole")
    assert files_below(out) == files_below(tmp_path / "whole")


def test_a_photo_that_was_touched_is_not_drawn_again_but_its_time_is_noted(small, draw, out):
    draw()
    before = look(out)
    os.utime(photo(small, 1), ns=(1, 1_500_000_000_123_456_789))
    assert counts(draw()) == (0, PEOPLE, 0)
    assert look(out) == before
    times = {entry["rows"][0]: entry["photo"]["modified_ns"] for entry in read_manifest(out)}
    assert times[2] == times[3] == 1_500_000_000_123_456_789
    assert times[0] == photo(small, 0).stat().st_mtime_ns


def test_photos_that_were_copied_to_another_folder_are_not_drawn_again(small, draw, out, tmp_path):
    draw()
    before = look(out)
    shutil.copytree(small.image_dir, tmp_path / "copies", copy_function=shutil.copyfile)
    assert counts(draw(f"dataset.image_dir={tmp_path}/copies")) == (0, PEOPLE, 0)
    assert look(out) == before


def test_a_folder_of_sheets_may_be_moved(draw, out, tmp_path):
    draw()
    out.rename(tmp_path / "moved")
    assert counts(draw(into=tmp_path / "moved")) == (0, PEOPLE, 0)


def test_a_photo_that_changes_behind_its_time_and_length_is_not_noticed(small, draw):
    """By design: the alternative is to read all photos."""
    as_bitmap(photo(small, 1), 40)
    status = photo(small, 1).stat()
    draw()
    as_bitmap(photo(small, 1), 41)
    os.utime(photo(small, 1), ns=(status.st_atime_ns, status.st_mtime_ns))
    assert counts(draw()) == (0, PEOPLE, 0)


@pytest.mark.parametrize("number", PHOTO_ROWS)
def test_a_photo_that_changed_costs_its_own_sheets(small, draw, out, tmp_path, number):
    draw()
    before = look(out)
    repaint(photo(small, number))
    draw()
    assert redrawn(out, before) == PHOTO_ROWS[number]
    draw(into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


def test_a_photo_that_changed_within_its_length_is_noticed_by_its_time(small, draw, out, tmp_path):
    as_bitmap(photo(small, 1), 40)
    status = photo(small, 1).stat()
    draw()
    before = look(out)
    as_bitmap(photo(small, 1), 90)
    os.utime(photo(small, 1), ns=(status.st_mtime_ns, status.st_mtime_ns + 1))
    assert photo(small, 1).stat().st_size == status.st_size
    assert counts(draw()) == (2, PEOPLE - 2, 0)
    assert redrawn(out, before) == [2, 3]
    draw(into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


CHANGES = {
    "pose": turn,
    "shape": lambda entry: entry.update(parm_shape=[1.5, *entry["parm_shape"][1:]]),
    "camera": lambda entry: entry.update(parm_cam=[entry["parm_cam"][0] * 1.1, *entry["parm_cam"][1:]]),
    "the middle of the box": lambda entry: entry.update(
        bbox_center=[entry["bbox_center"][0] + 5, entry["bbox_center"][1]]
    ),
    "the side of the box": lambda entry: entry.update(bbox_scale=entry["bbox_scale"] * 1.2),
    # Of the box it shapes nothing: its corners are whole pixels.
    "the last bit of the camera": lambda entry: entry.update(
        parm_cam=[float(np.nextafter(entry["parm_cam"][0], 9)), *entry["parm_cam"][1:]]
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_fit_that_changed_costs_its_own_sheet(small, draw, out, tmp_path, what):
    draw()
    before = look(out)
    CHANGES[what](small.entries[3])
    small.save()
    assert counts(draw()) == (1, PEOPLE - 1, 0)
    assert redrawn(out, before) == [3]
    draw(into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


def test_a_fit_that_changed_costs_the_sheet_of_its_crowd(small, draw, out):
    draw("people=together")
    before = look(out)
    CHANGES["camera"](small.entries[6])
    small.save()
    assert counts(draw("people=together")) == (1, 3, 0)
    assert redrawn(out, before) == [5]


def test_one_more_person_costs_the_sheet_of_its_crowd(small, draw):
    gone = small.entries.pop()
    small.save()
    draw("people=together")
    small.entries.append(gone)
    small.save()
    assert counts(draw("people=together")) == (1, 3, 0)


def test_keypoints_that_are_drawn_count(small, draw, out):
    draw("annotate=[keypoints]")
    before = look(out)
    small.entries[4]["gt_keypoint_2d"] = [[x + 9, y, 1.0] for x, y, _ in small.entries[4]["gt_keypoint_2d"]]
    small.save()
    draw("annotate=[keypoints]")
    assert redrawn(out, before) == [4]


def test_fits_that_change_places_are_drawn_again(small, draw, out, tmp_path):
    """Their names and numbers change."""
    draw()
    small.entries[0], small.entries[1] = small.entries[1], small.entries[0]
    small.save()
    assert counts(draw()) == (2, PEOPLE - 2, 0)
    draw(into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


def test_a_photo_that_is_mended_is_drawn_anew(small, draw, out, tmp_path):
    whole = photo(small, 0).read_bytes()
    damage(photo(small, 0))
    draw("damaged_photos=draw")
    photo(small, 0).write_bytes(whole)
    assert counts(draw()) == (2, PEOPLE - 2, 0)
    draw(into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


def test_panels_that_need_only_the_size_of_the_photo_are_drawn_again_for_another_size(small, draw, out):
    panels = ["panels=[side/geo]", "size=photo"]
    draw(*panels)
    before = look(out)
    repaint(photo(small, 0))
    assert draw(*panels).rendered == 0
    picture = cv2.imread(str(photo(small, 1)))
    cv2.imwrite(str(photo(small, 1)), picture[:-10])
    assert counts(draw(*panels)) == (2, PEOPLE - 2, 0)
    assert redrawn(out, before) == [2, 3]


def test_panels_that_need_no_photo_are_kept_without_photos(small, draw):
    panels = ["panels=[side/geo]", "size=64x64"]
    draw(*panels)
    shutil.rmtree(small.image_dir)
    assert counts(draw(*panels)) == (0, PEOPLE, 0)
