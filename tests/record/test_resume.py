"""Manifest and resume: what is done and whole stays, what changed is drawn again, and nothing is lost."""

import csv
import errno
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
import scipy.io
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from render.body.models.smpl import SmplBody
from render.errors import OutputError, RenderError, SheetError
from render.files.output_dir import OutputDir
from render.rasterize.backends import warp
from render.rasterize.choose import Chosen
from render.record.ledger import Ledger
from render.record.manifest import UNFINISHED, read_records
from render.run import render_dataset as pipeline
from render.run.report import Report
from render.write.writer import SheetWriter
from tests.helpers.runs import ROOT, files_below, run, sheets_below
from tests.helpers.small_set import SmallSet, count_journal, finish, make_small_set, start, wait_for

PEOPLE = 8
# Two on the first photo, two on the second, one on the third, three on the fourth.
PHOTO_ROWS = {0: [0, 1], 1: [2, 3], 2: [4], 3: [5, 6, 7]}


@cache
def load_body(path: Path, _modified_ns: int, name: str, device: torch.device) -> SmplBody:
    return SmplBody(path, name, device)


@pytest.fixture(autouse=True)
def body_is_loaded_once(monkeypatch):
    """Which takes most of a small run."""
    monkeypatch.setattr(
        "render.run.render_dataset.SmplBody",
        lambda path, name, device: load_body(path, path.stat().st_mtime_ns, name, device),
    )


@pytest.fixture
def small(demo_set, tmp_path) -> SmallSet:
    return make_small_set(demo_set.fit_file, tmp_path / "set", PEOPLE)


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def draw(small, out):
    """Draws the set into `out`, or another folder, and returns the report."""

    def draw(*overrides: str, into: Path = out) -> Report:
        return run(*small.settings, f"output.dir={into}", *overrides)

    return draw


def counts(report: Report) -> tuple[int, int, int]:
    return report.rendered, report.kept, len(report.failed)


def photo(small: SmallSet, number: int) -> Path:
    return small.image_dir / f"part0/demo_{number:06d}.jpg"


def sheet(out: Path, row: int, extension: str = "jpg") -> Path:
    return next(out.glob(f"part0/*_{row}.{extension}"))


def read_manifest(out: Path, name: str = "manifest.jsonl") -> list[dict]:
    """Its records, without the line that an unfinished one ends with."""
    lines = (out / name).read_text().removesuffix(UNFINISHED).splitlines()
    return [json.loads(line) for line in lines]


def drawn(out: Path) -> set[str]:
    """The names of all sheets."""
    return {name for name in files_below(out) if name.endswith((".jpg", ".png"))}


def rows_of(out: Path) -> list[int]:
    return [row for entry in read_manifest(out) for row in entry["rows"]]


def read_failures(out: Path) -> list[dict]:
    with (out / "failures.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def look(out: Path) -> dict[str, tuple[int, int, bytes]]:
    """Of each sheet when and where it was written, and what is in it."""
    found = {}
    for name, data in sheets_below(out).items():
        status = (out / name).stat()
        found[name] = (status.st_mtime_ns, status.st_ino, data)
    return found


def redrawn(out: Path, before: dict[str, tuple[int, int, bytes]]) -> list[int]:
    """The rows of the sheets that were written since."""
    now = look(out)
    return sorted(int(name.split("_")[-1].split(".")[0]) for name in now if now[name] != before.get(name))


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def assert_true(out: Path) -> None:
    """Every line of the manifest is of a file that is there; no temporary file is."""
    for entry in read_manifest(out):
        assert entry["file"] == {
            "bytes": (out / entry["sheet"]).stat().st_size,
            "sha256": sha256(out / entry["sheet"]),
        }
    assert [name for name in files_below(out) if name.endswith(".tmp")] == []


def repaint(path: Path, seed: int = 0) -> None:
    """Another picture of the same size in pixels."""
    picture = cv2.imread(str(path))
    noise = np.random.default_rng(seed).integers(0, 256, picture.shape, dtype=np.uint8)
    cv2.imwrite(str(path), cv2.blur(noise, (9, 9)))


def as_bitmap(path: Path, grey: int) -> None:
    """A picture of one colour in a file whose length does not tell the colour."""
    hw = cv2.imread(str(path)).shape[:2]
    path.write_bytes(cv2.imencode(".bmp", np.full((*hw, 3), grey, np.uint8))[1].tobytes())


# The manifest.


def test_the_manifest_tells_of_every_sheet_in_the_order_of_the_file(small, draw, out):
    draw()
    entries = read_manifest(out)
    assert [entry["rows"] for entry in entries] == [[row] for row in range(PEOPLE)]
    assert {entry["sheet"] for entry in entries} == set(sheets_below(out))
    for entry, fit in zip(entries, small.entries, strict=True):
        assert list(entry) == ["sheet", "rows", "file", "settings", "people", "photo", "damage"]
        assert entry["file"] == {
            "bytes": (out / entry["sheet"]).stat().st_size,
            "sha256": sha256(out / entry["sheet"]),
        }
        path = small.image_dir / fit["imageName"]
        assert entry["photo"] == {
            "name": fit["imageName"],
            "bytes": path.stat().st_size,
            "sha256": sha256(path),
            "modified_ns": path.stat().st_mtime_ns,
        }
        assert entry["damage"] is None
        assert all(len(bytes.fromhex(entry[key])) == 32 for key in ("settings", "people"))
    assert len({entry["settings"] for entry in entries}) == 1
    assert len({entry["people"] for entry in entries}) == PEOPLE
    assert sorted(files_below(out).keys() - sheets_below(out).keys()) == ["manifest.jsonl"]


def test_the_manifest_has_the_order_of_the_file_whatever_the_sheets_are_called(small, draw, out):
    small.entries.reverse()
    small.save()
    draw("threads=2", "batch=1")
    assert rows_of(out) == list(range(PEOPLE))
    assert [entry["sheet"] for entry in read_manifest(out)] != sorted(drawn(out))


def test_a_manifest_of_sheets_without_photos_names_none(draw, out):
    draw("panels=[side/geo]")
    assert {entry["photo"] for entry in read_manifest(out)} == {None}


def test_the_sheet_of_a_crowd_names_all_its_rows(draw, out):
    draw("people=together")
    assert [entry["rows"] for entry in read_manifest(out)] == list(PHOTO_ROWS.values())


# What stays.


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
        ["panels=[camera/geo/photo,side/geo/white]"],
        ["body.path={root}/extradata/demo/demo_smpl.npz"],
        ["body.charts=nowhere.mat"],
        ["dataset.coco_file=nowhere.json"],
        ["dataset.name=other"],
    ],
    ids=lambda overrides: overrides[0],
)
def test_what_does_not_shape_pixels_draws_nothing_again(draw, out, overrides):
    draw()
    before, manifest = look(out), (out / "manifest.jsonl").read_bytes()
    assert counts(draw(*(text.format(root=ROOT) for text in overrides))) == (0, PEOPLE, 0)
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


# What is drawn again.


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


def turn(entry: dict) -> None:
    """By a quarter about the picture's axis."""
    quarter = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    entry["parm_pose"][0] = (quarter @ np.array(entry["parm_pose"][0])).tolist()


CHANGES = {
    "pose": turn,
    "shape": lambda entry: entry.update(parm_shape=[1.5, *entry["parm_shape"][1:]]),
    "camera": lambda entry: entry.update(parm_cam=[entry["parm_cam"][0] * 1.1, *entry["parm_cam"][1:]]),
    "the middle of the box": lambda entry: entry.update(
        bbox_center=[entry["bbox_center"][0] + 5, entry["bbox_center"][1]]
    ),
    "the side of the box": lambda entry: entry.update(bbox_scale=entry["bbox_scale"] * 1.2),
    "the last bit of the box": lambda entry: entry.update(
        bbox_scale=float(np.nextafter(entry["bbox_scale"], 9))
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
    draw("draw=[keypoints]")
    before = look(out)
    small.entries[4]["gt_keypoint_2d"] = [[x + 9, y, 1.0] for x, y, _ in small.entries[4]["gt_keypoint_2d"]]
    small.save()
    draw("draw=[keypoints]")
    assert redrawn(out, before) == [4]


def test_fits_that_change_places_are_drawn_again(small, draw, out, tmp_path):
    """Their names and numbers change."""
    draw()
    small.entries[0], small.entries[1] = small.entries[1], small.entries[0]
    small.save()
    assert counts(draw()) == (2, PEOPLE - 2, 0)
    draw(into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


SHAPING = [
    "panels=[camera/normal, side/geo]",
    "panels=[side/geo, camera/geo]",
    "panels=[camera/geo]",
    "panels=[camera/geo, orbit:91/geo]",
    "background=white",
    "opacity=0.5",
    "output.quality=80",
    "supersample=2",
    "draw=[bbox]",
    "draw=[label]",
    "size=64x64",
    "columns=1",
]


def test_a_setting_that_shapes_pixels_draws_all_again(draw, out, tmp_path):
    """One after the other into one folder: the last ones count, and what was before is no hindrance."""
    draw()
    for setting in SHAPING:
        assert counts(draw(setting)) == (PEOPLE, 0, 0), setting
        assert counts(draw(setting)) == (0, PEOPLE, 0), setting
    draw(SHAPING[-1], into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


def test_another_rasterizer_draws_all_again(draw, out, monkeypatch):
    """Whatever chose it: `auto` may take another one on another machine."""
    draw()
    monkeypatch.setattr(pipeline, "choose_rasterizer", lambda name, device: Chosen("other", warp.Rasterizer))
    assert counts(draw()) == (PEOPLE, 0, 0)
    assert counts(draw("rasterizer=warp")) == (0, PEOPLE, 0)


def test_no_two_settings_have_the_same_hash(draw, out):
    hashes = set()
    for setting in ["opacity=1", *SHAPING, "output=png"]:
        draw("samples=0", setting)
        hashes |= {entry["settings"] for entry in read_manifest(out)}
    assert len(hashes) == len(SHAPING) + 2


def test_going_back_to_a_setting_draws_all_again(draw, out, tmp_path):
    for opacity in (1, 0.5, 1):
        assert counts(draw(f"opacity={opacity}")) == (PEOPLE, 0, 0)
    draw(into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


def test_crowds_and_people_alone_take_turns(draw, out, tmp_path):
    draw("people=together")
    assert draw().rendered == PEOPLE
    draw(into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")
    assert draw("people=together").rendered == len(PHOTO_ROWS)
    assert_true(out)


def test_png_and_jpg_share_a_folder(draw, out):
    draw()
    before = look(out)
    assert counts(draw("output=png")) == (PEOPLE, 0, 0)
    assert len(read_manifest(out)) == 2 * PEOPLE
    assert rows_of(out) == sorted(rows_of(out))
    assert counts(draw()) == counts(draw("output=png")) == (0, PEOPLE, 0)
    assert before.items() <= look(out).items()
    assert len(read_manifest(out)) == 2 * PEOPLE
    assert_true(out)


def make_annotation(annot_id: int, **changes) -> dict:
    keypoints = np.column_stack([np.arange(17) * 5, np.arange(17) * 4, np.full(17, 2)])
    return {"id": annot_id, "keypoints": keypoints.ravel().tolist(), "bbox": [5, 6, 50, 60]} | changes


def test_annotations_that_are_drawn_count(draw, out, tmp_path):
    coco, drawn = tmp_path / "coco.json", [f"dataset.coco_file={tmp_path}/coco.json", "draw=[coco]"]
    annotations = [make_annotation(number) for number in range(1, PEOPLE)]
    coco.write_text(json.dumps({"annotations": annotations}))
    draw(*drawn)
    before = look(out)
    annotations[2]["bbox"] = [5, 6, 50, 61]
    annotations[5]["keypoints"][0] = 77
    annotations.append(make_annotation(PEOPLE))
    annotations.append(make_annotation(1000))
    coco.write_text(json.dumps({"annotations": annotations}))
    assert counts(draw(*drawn)) == (3, PEOPLE - 3, 0)
    assert redrawn(out, before) == [2, 5, 7]
    draw(*drawn, into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


def test_annotations_that_are_not_drawn_do_not_count(draw, tmp_path):
    coco = tmp_path / "coco.json"
    coco.write_text(json.dumps({"annotations": [make_annotation(1)]}))
    draw(f"dataset.coco_file={coco}")
    coco.write_text(json.dumps({"annotations": [make_annotation(1, bbox=[1, 2, 3, 4])]}))
    assert draw(f"dataset.coco_file={coco}").rendered == 0


def test_another_body_draws_all_again(demo_set, draw, tmp_path):
    path = tmp_path / "body.npz"
    shutil.copyfile(demo_set.body_file, path)
    draw()
    assert draw(f"body.path={path}").rendered == 0
    arrays = dict(np.load(path))
    arrays["v_template"] = arrays["v_template"] * np.float32(1.01)
    np.savez(path, **arrays)
    assert counts(draw(f"body.path={path}")) == (PEOPLE, 0, 0)


def test_other_charts_draw_again_what_shows_them(demo_set, draw, tmp_path):
    path = tmp_path / "charts.mat"
    shutil.copyfile(demo_set.charts_file, path)
    charted = ["panels=[camera/uv]", f"body.charts={path}"]
    draw(*charted)
    arrays = {key: value for key, value in scipy.io.loadmat(path).items() if key.startswith("All_")}
    scipy.io.savemat(path, arrays | {"All_U_norm": arrays["All_U_norm"] * 0.9})
    assert counts(draw(*charted)) == (PEOPLE, 0, 0)
    draw("panels=[camera/geo]", f"body.charts={path}")
    path.unlink()
    assert draw("panels=[camera/geo]", f"body.charts={path}").rendered == 0


def test_panels_that_need_only_the_size_of_the_photo_are_drawn_again_for_another_size(small, draw, out):
    draw("panels=[side/geo]")
    before = look(out)
    repaint(photo(small, 0))
    assert draw("panels=[side/geo]").rendered == 0
    picture = cv2.imread(str(photo(small, 1)))
    cv2.imwrite(str(photo(small, 1)), picture[:-10])
    assert counts(draw("panels=[side/geo]")) == (2, PEOPLE - 2, 0)
    assert redrawn(out, before) == [2, 3]


def test_panels_that_need_no_photo_are_kept_without_photos(small, draw):
    panels = ["panels=[side/geo]", "size=64x64"]
    draw(*panels)
    shutil.rmtree(small.image_dir)
    assert counts(draw(*panels)) == (0, PEOPLE, 0)


# Sheets that are not what they were.


def delete(path: Path) -> None:
    path.unlink()


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def lengthen(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"\0")


def flip_bit(path: Path) -> None:
    status = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def link_to_copy(path: Path) -> None:
    copy = path.parents[2] / "copy.jpg"
    path.rename(copy)
    path.symlink_to(copy)


def link_to_nowhere(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere.jpg")


def link_to_itself(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def exchange(path: Path) -> None:
    shutil.copyfile(sheet(path.parents[1], 6), path)


@pytest.mark.parametrize(
    "harm",
    [
        delete,
        truncate,
        empty,
        lengthen,
        flip_bit,
        link_to_copy,
        link_to_nowhere,
        link_to_itself,
        exchange,
    ],
)
def test_a_sheet_that_is_not_whole_is_drawn_again(draw, out, harm):
    draw()
    expected, before = files_below(out), look(out)
    harmed = sheet(out, 3)
    harm(harmed)
    assert counts(draw()) == (1, PEOPLE - 1, 0)
    assert redrawn(out, before) == [3]
    assert files_below(out) == expected
    assert not harmed.is_symlink()


def test_the_file_that_a_linked_sheet_leads_to_is_left_alone(draw, out, tmp_path):
    draw()
    other = tmp_path / "mine.jpg"
    other.write_bytes(b"not a sheet")
    sheet(out, 3).unlink()
    (out / "part0" / "demo_000001_3.jpg").symlink_to(other)
    draw()
    assert other.read_bytes() == b"not a sheet"


def test_a_folder_in_the_place_of_a_sheet_stops_with_advice_and_costs_nothing_else(draw, out):
    draw()
    expected = files_below(out)
    blocked = sheet(out, 3)
    blocked.unlink()
    blocked.mkdir()
    with pytest.raises(OutputError, match=rf"{blocked}: .*folder of that name is in the way. Remove it"):
        draw()
    assert_true(out)
    assert set(rows_of(out)) == set(range(PEOPLE)) - {3}
    blocked.rmdir()
    assert counts(draw()) == (1, PEOPLE - 1, 0)
    assert files_below(out) == expected


def test_sheets_whose_whole_folder_is_gone_are_drawn_again(draw, out):
    draw()
    expected = files_below(out)
    shutil.rmtree(out / "part0")
    assert counts(draw()) == (PEOPLE, 0, 0)
    assert files_below(out) == expected


def test_sheets_that_are_gone_are_not_in_the_manifest(draw, out):
    """Nor those of which no run asks any more."""
    draw()
    sheet(out, 0).unlink()
    truncate(sheet(out, 1))
    draw("samples=5:")
    assert rows_of(out) == list(range(2, PEOPLE))


# Manifests that are not what they were.


def garble(manifest: Path) -> None:
    manifest.write_bytes(np.random.default_rng(0).bytes(5000))


def empty_lines(manifest: Path) -> None:
    manifest.write_bytes(b"\n" * 5000)


def zeros(manifest: Path) -> None:
    """As file systems leave behind when the power fails."""
    manifest.write_bytes(bytes(manifest.stat().st_size))


def one_line(manifest: Path) -> None:
    manifest.write_text(json.dumps([json.loads(line) for line in manifest.read_text().splitlines()]))


@pytest.mark.parametrize("harm", [delete, empty, garble, empty_lines, zeros, one_line])
def test_without_its_manifest_all_is_drawn_again(draw, out, harm):
    draw()
    expected = files_below(out)
    harm(out / "manifest.jsonl")
    assert counts(draw()) == (PEOPLE, 0, 0)
    assert files_below(out) == expected


def test_a_folder_in_the_place_of_the_manifest_stops_with_advice(draw, out):
    draw()
    expected = files_below(out)
    (out / "manifest.jsonl").unlink()
    (out / "manifest.jsonl").mkdir()
    with pytest.raises(OutputError, match=r"manifest\.jsonl: .*folder of that name is in the way"):
        draw()
    (out / "manifest.jsonl").rmdir()
    draw()
    assert files_below(out) == expected


def test_a_folder_in_the_place_of_the_failures_stops_with_advice(small, draw, out):
    draw()
    expected = files_below(out)
    (out / "failures.csv").mkdir()
    with pytest.raises(OutputError, match=r"failures\.csv: .*folder of that name is in the way"):
        draw()
    photo(small, 0).rename(photo(small, 0).with_suffix(".away"))
    with pytest.raises(OutputError, match=r"failures\.csv: .*folder of that name is in the way"):
        draw()
    photo(small, 0).with_suffix(".away").rename(photo(small, 0))
    (out / "failures.csv").rmdir()
    assert draw().rendered == 0
    assert files_below(out) == expected


def test_a_journal_that_is_a_link_is_refused(draw, out, tmp_path):
    draw()
    other = tmp_path / "precious"
    other.write_bytes(b"mine")
    (out / ".manifest.journal").symlink_to(other)
    with pytest.raises(OutputError, match=r"\.manifest\.journal"):
        draw()
    assert other.read_bytes() == b"mine"


def read_ledger(folder: Path) -> set[str]:
    """What a run would find noted; it ends at once and writes the manifest."""
    ledger = Ledger(OutputDir(folder))
    found = {
        record.sheet
        for path in folder.rglob("*")
        for record in ledger.list_records(str(path.relative_to(folder)))
        if ledger.is_whole(record)
    }
    ledger.close(is_finished=True, takes_shards=True)
    return found


def test_a_manifest_cut_at_any_byte_tells_of_the_lines_that_are_whole(draw, out):
    draw()
    manifest = (out / "manifest.jsonl").read_bytes()
    sheets = [json.loads(line)["sheet"] for line in manifest.splitlines()]
    assert read_ledger(out) == set(sheets)
    for length in range(0, len(manifest), 3):
        (out / "manifest.jsonl").write_bytes(manifest[:length])
        # The line break is no part of what is noted.
        whole = manifest[: length + 1].count(b"\n")
        assert read_ledger(out) == set(sheets[:whole])
        assert (out / "manifest.jsonl").read_bytes() == b"".join(manifest.splitlines(True)[:whole])


def test_what_follows_a_line_that_a_run_was_killed_in_is_not_lost(draw, out):
    """Not even if the next run is killed too."""
    draw("samples=0:4")
    *lines, last = (out / "manifest.jsonl").read_bytes().splitlines(keepends=True)
    (out / "manifest.jsonl").unlink()
    (out / ".manifest.journal").write_bytes(b"".join(lines) + last[:-20])
    output = OutputDir(out)
    ledger = Ledger(output)
    (record,) = ledger.list_records(json.loads(lines[0])["sheet"])
    ledger.add(replace(record, damage="as it is noted now"))
    # As if it had been killed.
    ledger.abandon()
    ledger = Ledger(output)
    assert [found.damage for found in ledger.list_records(record.sheet)] == ["as it is noted now", None]
    ledger.abandon()


@pytest.mark.parametrize("share", [0.3, 0.8])
def test_a_manifest_cut_in_a_line_costs_the_sheets_behind(draw, out, share):
    draw()
    expected = files_below(out)
    os.truncate(out / "manifest.jsonl", int(share * len(expected["manifest.jsonl"])))
    assert 0 < draw().rendered < PEOPLE
    assert files_below(out) == expected


def test_foreign_lines_in_a_manifest_are_passed_over(draw, out, tmp_path):
    draw()
    expected = files_below(out)
    manifest = out / "manifest.jsonl"
    lines = manifest.read_bytes().splitlines(keepends=True)
    entry = json.loads(lines[0])
    foreign = [
        b"null\n",
        b"7\n",
        b'"text"\n',
        b"[]\n",
        b"{}\n",
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b'{"a":' * 50_000 + b"\n",
        b"9" * 10_000 + b"\n",
        b" " * 3_000_000 + b"\n",
        b"x" * 3_000_000 + b"\n",
        lines[1][:-1] + b" {}\n",
        *(
            json.dumps({**entry, "sheet": name}).encode() + b"\n"
            for name in ("", ".", "..", "a//b", "a/../b")
        ),
        json.dumps({**entry, "more": 1}).encode() + b"\n",
        json.dumps({key: value for key, value in entry.items() if key != "damage"}).encode() + b"\n",
        json.dumps({**entry, "rows": []}).encode() + b"\n",
        json.dumps({**entry, "rows": ["0"]}).encode() + b"\n",
        json.dumps({**entry, "rows": [True]}).encode() + b"\n",
        json.dumps({**entry, "sheet": "sheet that is not there.jpg"}).encode() + b"\n",
    ]
    mixed = [part for k, line in enumerate(foreign) for part in (line, lines[k % len(lines)])]
    manifest.write_bytes(b"".join([*lines, *mixed, foreign[0]]))
    assert counts(draw()) == (0, PEOPLE, 0)
    assert files_below(out) == expected


@pytest.mark.parametrize("name", ["../precious.jpg", "part0/../../precious.jpg", "{out}/../precious.jpg"])
def test_names_in_a_manifest_lead_nowhere(draw, out, tmp_path, name):
    """Not even to a file that is as it says."""
    draw()
    expected = files_below(out)
    precious = tmp_path / "precious.jpg"
    shutil.copyfile(sheet(out, 0), precious)
    manifest = out / "manifest.jsonl"
    entry = {**read_manifest(out)[0], "sheet": name.format(out=out)}
    manifest.write_text(manifest.read_text() + json.dumps(entry) + "\n")
    assert draw().rendered == 0
    assert files_below(out) == expected
    assert precious.exists()


DEEP = json.loads("[" * 400 + "]" * 400)
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["\ud800", "../a", 1e400, 10**40, -1, DEEP, [], {}, {"bytes": 1}]),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
)


@pytest.fixture(scope="module")
def drawn_once(demo_set, tmp_path_factory) -> Path:
    """A folder of sheets, not to be changed for good."""
    folder = tmp_path_factory.mktemp("drawn")
    made = make_small_set(demo_set.fit_file, folder / "set", 2)
    run(*made.settings, f"output.dir={folder}/out")
    return folder / "out"


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    where=st.sampled_from(
        [
            ("sheet",),
            ("rows",),
            ("file",),
            ("settings",),
            ("people",),
            ("photo",),
            ("damage",),
            ("file", "bytes"),
            ("file", "sha256"),
            ("photo", "name"),
            ("photo", "bytes"),
            ("photo", "sha256"),
            ("photo", "modified_ns"),
        ]
    ),
    value=ODD,
)
def test_whatever_a_line_of_a_manifest_says_is_no_error(drawn_once, where, value):
    manifest = drawn_once / "manifest.jsonl"
    content = manifest.read_bytes()
    entry = read_manifest(drawn_once)[0]
    *path, key = where
    (entry[path[0]] if path else entry)[key] = value
    try:
        manifest.write_bytes(json.dumps(entry).encode() + b"\n" + content.splitlines(True)[1])
        read_ledger(drawn_once)
        # What is written is read again.
        for record in read_records(manifest):
            assert (drawn_once / record.sheet).is_file()
    finally:
        manifest.write_bytes(content)


@pytest.mark.parametrize(
    "change",
    [
        {"bytes": "many"},
        {"bytes": float("nan")},
        {"sha256": None},
        {"sha256": ["a"]},
        {"modified_ns": "yesterday"},
        {"modified_ns": None, "sha256": 7},
        {"name": ["a"]},
        {"name": "../../etc/passwd"},
    ],
    ids=str,
)
def test_whatever_is_noted_of_a_photo_is_no_error(draw, out, change):
    draw("samples=0:2")
    expected = files_below(out)
    entries = read_manifest(out)
    entries[0]["photo"] |= change
    (out / "manifest.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    draw("samples=0:2")
    found = files_below(out)
    if "name" not in change:
        assert found == expected
    assert sheets_below(out) == {name: data for name, data in expected.items() if name.endswith("jpg")}


def test_damage_that_no_file_can_hold_is_no_error(draw, out):
    draw("samples=0:2")
    entries = read_manifest(out)
    entries[0]["damage"] = "\ud800"
    (out / "manifest.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    draw("samples=0:2", "damaged_photos=draw")


# Failures.


def test_failures_of_an_earlier_run_are_tried_again(small, draw, out, tmp_path):
    photo(small, 1).rename(tmp_path / "away.jpg")
    assert counts(draw()) == (PEOPLE - 2, 0, 2)
    before = look(out)
    assert [failure["row"] for failure in read_failures(out)] == ["2", "3"]
    assert counts(draw()) == (0, PEOPLE - 2, 2)
    assert [failure["row"] for failure in read_failures(out)] == ["2", "3"]
    (tmp_path / "away.jpg").rename(photo(small, 1))
    assert counts(draw()) == (2, PEOPLE - 2, 0)
    assert redrawn(out, before) == [2, 3]
    assert not (out / "failures.csv").exists()
    draw(into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


def test_photos_that_fail_cost_no_sheet_that_was_drawn_before(small, draw, out, tmp_path):
    draw()
    expected, before = files_below(out), look(out)
    photo(small, 1).rename(tmp_path / "away.jpg")
    content = photo(small, 3).read_bytes()
    photo(small, 3).write_bytes(b"<html>gone</html>")
    assert counts(draw()) == (0, 3, 5)
    assert look(out) == before
    assert (out / "manifest.jsonl").read_bytes() == expected["manifest.jsonl"]
    assert [failure["row"] for failure in read_failures(out)] == ["2", "3", "5", "6", "7"]
    (tmp_path / "away.jpg").rename(photo(small, 1))
    photo(small, 3).write_bytes(content)
    assert counts(draw()) == (0, PEOPLE, 0)
    assert look(out) == before


def damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1200])


def test_damaged_photos_are_drawn_refused_and_drawn_again_as_asked(small, draw, out):
    damage(photo(small, 0))
    report = draw("damaged_photos=draw")
    assert counts(report) == (PEOPLE, 0, 0)
    assert sorted(problem.row for problem in report.damaged) == [0, 1]
    expected, before = files_below(out), look(out)
    assert [bool(entry["damage"]) for entry in read_manifest(out)] == [True] * 2 + [False] * 6

    report = draw("damaged_photos=fail")
    assert counts(report) == (0, PEOPLE - 2, 2)
    assert {(failure["outcome"], failure["row"]) for failure in read_failures(out)} == {
        ("failed", "0"),
        ("failed", "1"),
    }
    assert look(out) == before

    report = draw("damaged_photos=draw")
    assert counts(report) == (0, PEOPLE, 0)
    assert sorted(problem.row for problem in report.damaged) == [0, 1]
    assert files_below(out) == expected


def test_a_photo_that_is_mended_is_drawn_anew(small, draw, out, tmp_path):
    whole = photo(small, 0).read_bytes()
    damage(photo(small, 0))
    draw("damaged_photos=draw")
    photo(small, 0).write_bytes(whole)
    assert counts(draw()) == (2, PEOPLE - 2, 0)
    draw(into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


def test_failures_are_the_same_after_a_resumed_run(small, draw, out, tmp_path):
    """Rows that are no fits, photos that are missing and photos that are damaged."""
    damage(photo(small, 0))
    photo(small, 2).unlink()
    small.entries[6]["parm_pose"] = None
    small.save()
    draw("damaged_photos=draw", into=tmp_path / "whole")
    expected = files_below(tmp_path / "whole")
    table = read_failures(tmp_path / "whole")
    assert [(failure["outcome"], failure["row"]) for failure in table] == [
        ("skipped", "6"),
        ("failed", "4"),
        ("damaged", "0"),
        ("damaged", "1"),
    ]
    for samples in ("0:2", "4:7", "1:5"):
        draw("damaged_photos=draw", f"samples={samples}")
    assert draw("damaged_photos=draw").kept == 5
    draw("damaged_photos=draw")
    assert files_below(out) == expected


# on_error=stop.


def test_it_stops_at_a_photo_that_is_missing_and_goes_on(small, draw, out, tmp_path):
    photo(small, 2).rename(tmp_path / "away.jpg")
    with pytest.raises(RenderError, match=r"row 4 \(part0/demo_000002\.jpg\): .*no such photo") as caught:
        draw("on_error=stop", "batch=1", "threads=1")
    assert "on_error=skip" in str(caught.value)
    assert_true(out)
    assert {(failure["outcome"], failure["row"]) for failure in read_failures(out)} == {("failed", "4")}
    done = len(read_manifest(out))
    assert done == len(drawn(out)) < PEOPLE
    assert counts(draw("on_error=skip")) == (PEOPLE - 1 - done, done, 1)
    (tmp_path / "away.jpg").rename(photo(small, 2))
    assert counts(draw("on_error=stop")) == (1, PEOPLE - 1, 0)
    draw(into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


def test_it_stops_at_a_row_that_is_no_fit_before_anything_is_drawn(small, draw, out, tmp_path):
    small.entries[6]["parm_pose"] = None
    small.save()
    with pytest.raises(RenderError, match=r"row 6 \(part0/demo_000003\.jpg\): parm_pose"):
        draw("on_error=stop")
    assert drawn(out) == set()
    assert read_manifest(out) == []
    assert [failure["row"] for failure in read_failures(out)] == ["6"]
    draw("on_error=skip")
    draw("on_error=skip", into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


def test_it_does_not_stop_at_rows_outside_the_selection(small, draw):
    small.entries[6]["parm_pose"] = None
    small.save()
    assert counts(draw("on_error=stop", "samples=0:6")) == (6, 0, 0)


def test_it_stops_at_a_sheet_that_cannot_be_encoded(draw, out, monkeypatch, tmp_path):
    write = SheetWriter.write

    def fail_at_row_5(self, sheet, pixels):
        if sheet.name.endswith("_5"):
            raise SheetError("80000 x 8 pixels are too many for jpg")
        return write(self, sheet, pixels)

    monkeypatch.setattr(SheetWriter, "write", fail_at_row_5)
    with pytest.raises(RenderError, match=r"row 5 \(part0/demo_000003\.jpg\): .*too many for jpg"):
        draw("on_error=stop", "batch=2")
    assert_true(out)
    done = len(read_manifest(out))
    assert done == len(drawn(out)) < PEOPLE
    assert counts(draw("on_error=skip")) == (PEOPLE - 1 - done, done, 1)
    monkeypatch.undo()
    draw("on_error=stop")
    draw(into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


def test_it_stops_at_a_damaged_photo_unless_that_is_to_be_drawn(small, draw):
    damage(photo(small, 3))
    with pytest.raises(RenderError, match=r"row [567] \(part0/demo_000003\.jpg\): .*damaged"):
        draw("on_error=stop")
    assert draw("on_error=stop", "damaged_photos=draw").failed == []


@pytest.mark.parametrize(
    "when", [OutputError("disk"), ZeroDivisionError(), MemoryError(), KeyboardInterrupt()]
)
def test_whatever_ends_a_run_what_is_done_is_in_the_manifest(draw, out, monkeypatch, when, tmp_path):
    write, calls = SheetWriter.write, []

    def fail_in_the_middle(self, sheet, pixels):
        calls.append(sheet)
        if len(calls) > 3:
            raise when
        return write(self, sheet, pixels)

    with monkeypatch.context() as patched:
        patched.setattr(SheetWriter, "write", fail_in_the_middle)
        if isinstance(when, MemoryError):
            draw("threads=1")
        else:
            with pytest.raises(type(when)):
                draw("threads=1")
    assert_true(out)
    assert len(read_manifest(out)) == 3
    assert counts(draw())[:2] == (PEOPLE - 3, 3)
    draw(into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


# Full disks.


class FullDisk:
    """From the call number `first` on, what matches is refused, `times` often."""

    def __init__(self, first: int, times: int) -> None:
        self._left, self._times = first, times

    def check(self) -> None:
        self._left -= 1
        if self._left < 0 and self._times > 0:
            self._times -= 1
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def fill_temporary(monkeypatch, disk: FullDisk) -> None:
    def open_full(path, mode, **_):
        disk.check()
        return Path(path).open(mode, buffering=0)

    monkeypatch.setattr("render.files.output_dir.open", open_full, raising=False)


def fill_half_temporary(monkeypatch, disk: FullDisk) -> None:
    class File(io.FileIO):
        def write(self, data) -> int:
            written = super().write(data[:100])
            disk.check()
            return written

    monkeypatch.setattr(
        "render.files.output_dir.open", lambda path, mode, **_: File(path, mode), raising=False
    )


def fill_rename(monkeypatch, disk: FullDisk, end: str = "") -> None:
    replace = os.replace

    def replace_full(source, target):
        if str(target).endswith(end):
            disk.check()
        return replace(source, target)

    monkeypatch.setattr(os, "replace", replace_full)


def fill_journal(monkeypatch, disk: FullDisk) -> None:
    write = os.write

    def write_full(fd, data):
        if b"sheet" in bytes(data):
            # As much as there is room for.
            write(fd, data[:50])
            disk.check()
            return 50
        return write(fd, data)

    monkeypatch.setattr(os, "write", write_full)


def fill_manifest(monkeypatch, disk: FullDisk) -> None:
    fill_rename(monkeypatch, disk, "manifest.jsonl")


def fill_failures(monkeypatch, disk: FullDisk) -> None:
    fill_rename(monkeypatch, disk, "failures.csv")


@pytest.mark.parametrize("times", [1, 1000], ids=["for a moment", "for good"])
@pytest.mark.parametrize(
    ("fill", "first"),
    [
        (fill_temporary, 0),
        (fill_temporary, 3),
        (fill_half_temporary, 200),
        (fill_rename, 2),
        (fill_journal, 0),
        (fill_journal, 4),
        (fill_manifest, 0),
        (fill_failures, 0),
    ],
)
def test_a_full_disk_stops_with_advice_and_the_same_command_goes_on(
    small, draw, out, tmp_path, monkeypatch, fill, first, times
):
    photo(small, 2).unlink()
    with monkeypatch.context() as patched:
        fill(patched, FullDisk(first, times))
        with pytest.raises(
            OutputError, match=r"cannot be written: the disk or the quota is full\. Free some"
        ):
            draw("threads=1", "batch=2")
    files = files_below(out)
    assert [name for name in files if Path(name).name.startswith(".")] in ([], [".manifest.journal"])
    if "manifest.jsonl" in files:
        assert_true(out)
    draw()
    draw(into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


@pytest.mark.parametrize("first", [1, 3])
def test_a_disk_that_is_full_before_the_first_sheet_stops_with_advice(draw, out, monkeypatch, first):
    """At the trial of the folder, and at the first line of the journal."""
    draw("samples=0:4")
    before = look(out)
    write = os.write

    def write_full(fd, data):
        if first == 1 or bytes(data) != b"\n":
            return write(fd, data)
        raise OSError(errno.ENOSPC, "No space left on device")

    def fdopen_full(fd, mode):
        os.close(fd)
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", write_full)
        if first == 1:
            patched.setattr("render.files.output_dir.os.fdopen", fdopen_full)
        with pytest.raises(OutputError, match=r"the disk or the quota is full\. Free some"):
            draw()
    assert look(out).keys() - {".all.probe"} == before.keys()
    assert counts(draw()) == (4, 4, 0)
    assert sorted(files_below(out)) == sorted([*sheets_below(out), "manifest.jsonl"])
    assert ".all.probe" not in files_below(out)


@pytest.fixture
def tiny_disk(tmp_path):
    """A disk of its own, and how to give it another size."""
    disk = tmp_path / "disk"
    disk.mkdir()

    def mount(size: str, *options: str) -> bool:
        given = ",".join([*options, f"size={size}"])
        command = ["mount", "-t", "tmpfs", "-o", given, "tmpfs", str(disk)]
        return subprocess.run(command, capture_output=True).returncode == 0

    if os.geteuid() != 0 or not shutil.which("mount") or not mount("64k"):
        pytest.skip("no right to mount a tmpfs here")
    try:
        yield disk, lambda size: mount(size, "remount")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_is_really_full(small, draw, tiny_disk, tmp_path):
    disk, resize = tiny_disk
    log, command = tmp_path / "log", [*small.settings, f"output.dir={disk}/out"]
    assert finish(*command, log=log) == 1
    said = log.read_text()
    assert "the disk or the quota is full. Free some space" in said
    assert "Traceback" not in said
    done = drawn(disk / "out")
    assert 0 < len(done) < PEOPLE
    assert [name for name in files_below(disk / "out") if name.endswith(".tmp")] == []
    # Still full: said again, and nothing is lost.
    with pytest.raises(OutputError, match=r"the disk or the quota is full\. Free some space"):
        run(*command)
    assert done <= drawn(disk / "out")
    assert resize("64m")
    assert counts(run(*command)) == (PEOPLE - len(done), len(done), 0)
    draw(into=tmp_path / "fresh")
    assert files_below(disk / "out") == files_below(tmp_path / "fresh")


# Two runs at once, and signals.


MANY = 100


@pytest.fixture(scope="module")
def large(demo_set, tmp_path_factory) -> tuple[list[str], dict[str, bytes]]:
    """What draws sheets so many and so large that not all are under way at once, and what comes out of it."""
    folder = tmp_path_factory.mktemp("large")
    made = make_small_set(demo_set.fit_file, folder / "set", MANY)
    command = [*made.settings, "size=1024x1024", "batch=1", "threads=1"]
    assert run(*command, f"output.dir={folder}/out").rendered == MANY
    return command, files_below(folder / "out")


def test_of_two_runs_into_one_folder_the_second_is_refused(large, tmp_path):
    command, expected = large
    out, log = tmp_path / "out", tmp_path / "log"
    first = start(*command, f"output.dir={out}", log=log)
    wait_for(lambda: count_journal(out) >= 10, first)
    first.send_signal(signal.SIGSTOP)
    try:
        before = files_below(out)
        with pytest.raises(
            OutputError, match=r"another run is writing .*\. Wait until it has ended, or set out"
        ):
            run(*command, f"output.dir={out}")
        refused = tmp_path / "refused"
        assert finish(*command, f"output.dir={out}", "output=png", log=refused) == 1
        assert "another run is writing the same sheets there" in refused.read_text()
        assert "Traceback" not in refused.read_text()
        assert files_below(out) == before
    finally:
        first.send_signal(signal.SIGCONT)
    assert first.wait(200) == 0
    assert files_below(out) == expected


def test_the_lock_of_a_run_that_was_killed_hinders_nobody(large, tmp_path):
    command, expected = large
    out = tmp_path / "out"
    first = start(*command, f"output.dir={out}", log=tmp_path / "log")
    wait_for(lambda: count_journal(out) >= 10, first)
    first.kill()
    first.wait()
    report = run(*command, f"output.dir={out}")
    assert report.kept >= 10
    assert report.rendered + report.kept == MANY
    assert files_below(out) == expected


SIGNALS = {
    "SIGINT": ([signal.SIGINT], {130}),
    "SIGTERM": ([signal.SIGTERM], {143}),
    "SIGINT twice": ([signal.SIGINT] * 2, {130}),
    "SIGTERM twice": ([signal.SIGTERM] * 2, {143}),
    "many": ([signal.SIGINT, signal.SIGTERM] * 3, {130, 143}),
}


@pytest.mark.parametrize("name", SIGNALS)
def test_signals_end_a_run_in_good_order(large, tmp_path, name):
    command, expected = large
    out, log = tmp_path / "out", tmp_path / "log"
    signals, codes = SIGNALS[name]
    process = start(*command, f"output.dir={out}", log=log)
    wait_for(lambda: count_journal(out) >= 10, process)
    for number in signals:
        process.send_signal(number)
        time.sleep(0.002)
    assert process.wait(200) in codes
    said = log.read_text()
    assert "Traceback" not in said
    assert "the same command goes on from" in said
    hidden = {name for name in files_below(out) if Path(name).name.startswith(".")}
    assert hidden <= {".manifest.journal"}
    assert_true(out)
    done = {entry["sheet"] for entry in read_manifest(out)}
    assert done == drawn(out)
    assert 10 <= len(done) < MANY
    report = run(*command, f"output.dir={out}")
    assert (report.rendered, report.kept) == (MANY - len(done), len(done))
    assert files_below(out) == expected


def test_a_signal_while_earlier_sheets_are_looked_at_loses_nothing(small, draw, out, monkeypatch):
    draw()
    expected = files_below(out)
    is_whole = Ledger.is_whole

    def interrupted(self, record):
        os.kill(os.getpid(), signal.SIGINT)
        return is_whole(self, record)

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "is_whole", interrupted)
        with pytest.raises(KeyboardInterrupt):
            draw()
    now = files_below(out)
    assert now.pop(".manifest.journal") == b""
    assert now.pop("manifest.jsonl") == expected["manifest.jsonl"] + UNFINISHED.encode()
    assert now.items() < expected.items()
    assert counts(draw()) == (0, PEOPLE, 0)
    assert files_below(out) == expected


def test_handlers_of_signals_are_given_back(draw):
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    draw("samples=0")
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_the_command_line_stops_at_the_first_fault(small, out, tmp_path):
    photo(small, 2).unlink()
    log, command = tmp_path / "log", [*small.settings, f"output.dir={out}"]
    assert finish(*command, "on_error=stop", log=log) == 1
    assert "row 4 (part0/demo_000002.jpg)" in log.read_text()
    assert "Traceback" not in log.read_text()
