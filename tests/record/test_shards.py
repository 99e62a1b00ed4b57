"""Runs of all shards are together the run without shards, byte for byte."""

import shutil

import pytest

from render.errors import ConfigError
from render.record.merge import merge_shards
from tests.helpers.folders import files_below
from tests.helpers.runs import run
from tests.helpers.small_set import make_small_set

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow

COUNT = 7


@pytest.mark.parametrize(
    "overrides",
    [[], ["people=together", "damaged_photos=draw"], ["panels=[side/geo]", "output=png"]],
    ids=["alone", "together", "without photos"],
)
def test_seven_shards_are_the_whole_byte_for_byte(hurt, draw_shard, out, tmp_path, overrides):
    """In any order."""
    for number in (4, 1, 7, 2, 6, 5, 3):
        report = draw_shard(f"{number}/{COUNT}", *overrides)
        assert len(report.skipped) <= 1
    parts = [f"manifest.{number}of{COUNT}.jsonl" for number in range(1, COUNT + 1)]
    assert {name for name in files_below(out) if "manifest" in name} == set(parts)
    assert not (out / "failures.csv").exists()
    assert merge_shards(out) == COUNT
    expected = tmp_path / "whole"
    run(*hurt.settings, f"output.dir={expected}", *overrides)
    assert (expected / "failures.csv").exists()
    assert files_below(out) == files_below(expected)


def test_shards_that_went_well_leave_no_failures(demo_set, tmp_path):
    made = make_small_set(demo_set.fit_file, tmp_path / "set", 5)
    for number in (1, 2):
        run(*made.settings, f"output.dir={tmp_path}/out", f"shard={number}/2")
    merge_shards(tmp_path / "out")
    run(*made.settings, f"output.dir={tmp_path}/whole")
    assert files_below(tmp_path / "out") == files_below(tmp_path / "whole")
    assert not (tmp_path / "out" / "failures.csv").exists()


def test_each_shard_has_a_fair_part_of_the_people(hurt, draw_shard):
    reports = [draw_shard(f"{number}/4") for number in range(1, 5)]
    people = [report.rendered + len(report.failed) for report in reports]
    assert sum(people) == len(hurt.entries) - 3
    assert max(people) - min(people) <= 3
    assert sum(len(report.skipped) for report in reports) == 3


def test_shards_of_a_selection_are_that_selection(hurt, draw_all, out, tmp_path):
    draw_all(3, "samples=2:17")
    merge_shards(out)
    run(*hurt.settings, f"output.dir={tmp_path}/whole", "samples=2:17")
    assert files_below(out) == files_below(tmp_path / "whole")


def test_shards_of_several_machines_are_copied_together(draw_shard, out, whole, tmp_path):
    for number in range(1, 4):
        draw_shard(f"{number}/3", into=tmp_path / f"machine{number}")
        shutil.copytree(tmp_path / f"machine{number}", out, dirs_exist_ok=True)
    merge_shards(out)
    assert files_below(out) == whole


def test_more_shards_than_images(hurt, draw_all, out, tmp_path):
    draw_all(5, "samples=0:5")
    assert (out / "manifest.5of5.jsonl").read_bytes() == b""
    assert merge_shards(out) == 5
    run(*hurt.settings, f"output.dir={tmp_path}/whole", "samples=0:5")
    assert files_below(out) == files_below(tmp_path / "whole")


def test_a_shard_that_is_run_again_draws_nothing_again(draw_shard, draw_all, out, whole):
    draw_all(3)
    before = files_below(out)
    report = draw_shard("2/3")
    assert report.rendered == 0
    assert report.kept > 0
    assert files_below(out) == before
    merge_shards(out)
    assert files_below(out) == whole


def test_shards_that_are_run_again_after_a_merge_draw_nothing_again(draw_all, draw_shard, out, whole):
    draw_all(3)
    merge_shards(out)
    assert [draw_shard(f"{number}/2").rendered for number in (1, 2)] == [0, 0]
    merge_shards(out)
    assert files_below(out) == whole


def test_reasons_of_any_length_are_merged(demo_set, tmp_path):
    made = make_small_set(demo_set.fit_file, tmp_path / "set", 4)
    made.entries[1]["imageName"] = "a/" * 70_000 + "b.jpg"
    made.save()
    for number in (1, 2):
        run(*made.settings, f"output.dir={tmp_path}/out", f"shard={number}/2")
    merge_shards(tmp_path / "out")
    run(*made.settings, f"output.dir={tmp_path}/whole")
    assert files_below(tmp_path / "out") == files_below(tmp_path / "whole")


def test_the_folder_may_have_any_name(hurt, tmp_path, whole):
    out = tmp_path / "out [1] *.?{a}"
    for number in (1, 2):
        run(*hurt.settings, f"output.dir='{out}'", f"shard={number}/2")
    assert merge_shards(out) == 2
    assert files_below(out) == whole


@pytest.mark.parametrize("text", ["0/2", "3/2", "one/two", "2"])
def test_no_run_begins_with_a_shard_that_is_none(hurt, out, text):
    with pytest.raises(ConfigError, match=r"shard: expected a part"):
        run(*hurt.settings, f"output.dir={out}", f"shard={text}")
    assert not out.exists()
