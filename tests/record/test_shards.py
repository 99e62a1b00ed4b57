"""Shards: disjoint, balanced, whole images; together they are the run without shards, byte for byte."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.compute.memory import MemoryPlan
from render.errors import ConfigError, OutputError
from render.files.output_dir import OutputDir
from render.fits.shards import MOST_SHARDS, Shard, parse_shard, take_shard
from render.record.merge import merge_shards
from render.run.stop import StopSignal
from render.types.fits import FitTable, RowProblem
from render.write.writer import SheetWriter
from tests.helpers.runs import ROOT, files_below, run
from tests.helpers.small_set import SmallSet, count_journal, make_small_set, start, wait_for

PEOPLE = 21
COUNT = 7


# Who is in which shard.


def make_table(names: list[str], seed: int = 0) -> FitTable:
    """Fits of people on these images; the other columns are of no account."""
    rng = np.random.default_rng(seed)
    n = len(names)
    return FitTable(
        row=np.arange(n) * 2,
        image_name=np.array(names, dtype=object),
        pose_rotmat=rng.normal(size=(n, 24, 3, 3)),
        betas=rng.normal(size=(n, 10)),
        cam=rng.normal(size=(n, 3)),
        bbox_center_px=rng.normal(size=(n, 2)),
        bbox_scale=rng.normal(size=n),
        annot_id=rng.integers(0, 9, n),
        joint_validity=rng.random((n, 18)) < 0.5,
        keypoints_px=rng.normal(size=(n, 49, 3)),
    )


def take_all(
    fits: FitTable, problems: list[RowProblem], count: int
) -> list[tuple[FitTable, list[RowProblem]]]:
    return [take_shard(fits, problems, Shard(number, count)) for number in range(1, count + 1)]


NAMES = st.lists(st.sampled_from([f"{k}.jpg" for k in range(15)]), max_size=60)
COUNTS = st.integers(1, 12)


@settings(max_examples=200, deadline=None)
@given(names=NAMES, count=COUNTS)
def test_shards_are_disjoint_and_together_the_whole(names, count):
    fits = make_table(names)
    rows = [part.row.tolist() for part, _ in take_all(fits, [], count)]
    assert sorted(chain(*rows)) == fits.row.tolist()
    # In the order of the file.
    assert all(part == sorted(part) for part in rows)


@settings(max_examples=200, deadline=None)
@given(names=NAMES, count=COUNTS)
def test_what_is_in_a_shard_is_what_was_in_the_table(names, count):
    fits = make_table(names)
    for part, _ in take_all(fits, [], count):
        index = part.row // 2
        assert part.image_name.tolist() == [names[k] for k in index]
        np.testing.assert_array_equal(part.cam, fits.cam[index])
        np.testing.assert_array_equal(part.keypoints_px, fits.keypoints_px[index])


@settings(max_examples=200, deadline=None)
@given(names=NAMES, count=COUNTS)
def test_all_people_of_an_image_are_in_one_shard(names, count):
    found = Counter(
        name for part, _ in take_all(make_table(names), [], count) for name in set(part.image_name)
    )
    assert set(found.values()) <= {1}


@settings(max_examples=200, deadline=None)
@given(names=NAMES, count=COUNTS)
def test_shards_differ_by_no_more_people_than_the_largest_image_has(names, count):
    sizes = [len(part) for part, _ in take_all(make_table(names), [], count)]
    largest = max(Counter(names).values(), default=0)
    assert max(sizes) - min(sizes) <= largest


@settings(max_examples=100, deadline=None)
@given(names=NAMES, count=COUNTS, seed=st.integers(1, 1000))
def test_nothing_but_the_images_decides_who_is_where(names, count, seed):
    one, other = make_table(names), make_table(names, seed)
    for number in range(1, count + 1):
        shard = Shard(number, count)
        assert take_shard(one, [], shard)[0].row.tolist() == take_shard(other, [], shard)[0].row.tolist()


@settings(max_examples=100, deadline=None)
@given(names=NAMES, count=COUNTS, rejected=st.integers(0, 30))
def test_rows_that_are_no_fits_are_each_in_one_shard(names, count, rejected):
    problems = [RowProblem(2 * k + 1, f"{k}.jpg", "no fit") for k in range(rejected)]
    parts = [part for _, part in take_all(make_table(names), problems, count)]
    assert sorted(chain(*parts), key=lambda problem: problem.row) == problems
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_many_small_images_are_shared_out_evenly():
    sizes = [len(part) for part, _ in take_all(make_table([f"{k}.jpg" for k in range(640)]), [], 64)]
    assert set(sizes) == {10}


@pytest.mark.parametrize(
    ("text", "number", "count"),
    [("1/1", 1, 1), ("1/64", 1, 64), ("64/64", 64, 64), (f"9/{MOST_SHARDS}", 9, MOST_SHARDS)],
)
def test_shards_are_written_as_part_and_count(text, number, count):
    assert parse_shard(text) == Shard(number, count)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "/",
            "1",
            "1/",
            "/2",
            "0/4",
            "5/4",
            "1/0",
            "0/0",
            "a/b",
            "1/2/3",
            "01/2",
            "1/02",
            "-1/2",
            "1/-2",
        ),
        *("+1/2", "1.0/2", "1 /2", " 1/2", "1/2 ", "1/2\n", "3of4", "1/1e3", f"1/{MOST_SHARDS + 1}"),
        *("9" * 50 + "/" + "9" * 50, "\u0661/\u0662", "1/1\u0663"),
    ],
)
def test_what_is_no_shard_is_refused_with_what_was_expected(text):
    with pytest.raises(
        ConfigError, match=r"shard: expected a part and how many there are, from 1/64 to 64/64"
    ):
        parse_shard(text)


def test_the_whole_has_no_tag():
    assert (Shard(1, 1).tag, Shard(3, 64).tag) == ("", "3of64")


# Runs of all shards.


@pytest.fixture(scope="module")
def hurt(demo_set, tmp_path_factory) -> SmallSet:
    """The demo set with rows that are no fits, photos that are missing, and one that is damaged."""
    made = make_small_set(demo_set.fit_file, tmp_path_factory.mktemp("hurt"), PEOPLE)
    made.entries[3]["parm_pose"] = None
    made.entries[11]["bbox_scale"] = "wide, with a comma\nand a line"
    made.entries[12]["imageName"] = "../outside.jpg"
    made.save()
    (made.image_dir / "part0" / "demo_000005.jpg").unlink()
    (made.image_dir / "part0" / "demo_000010.jpg").write_bytes(b"<html>")
    damaged = made.image_dir / "part0" / "demo_000000.jpg"
    damaged.write_bytes(damaged.read_bytes()[:-1200])
    return made


@pytest.fixture(scope="module")
def whole(hurt, tmp_path_factory) -> dict[str, bytes]:
    """What a run without shards writes."""
    out = tmp_path_factory.mktemp("whole")
    run(*hurt.settings, f"output.dir={out}")
    return files_below(out)


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def draw(hurt, out):
    """Draws one shard into `out`."""

    def draw(shard: str, *overrides: str, into: Path = out):
        return run(*hurt.settings, f"output.dir={into}", f"shard={shard}", *overrides)

    return draw


@pytest.fixture
def draw_all(draw):
    def draw_all(count: int, *overrides: str) -> None:
        for number in range(1, count + 1):
            draw(f"{number}/{count}", *overrides)

    return draw_all


@pytest.mark.parametrize(
    "overrides",
    [[], ["people=together", "damaged_photos=draw"], ["panels=[side/geo]", "output=png"]],
    ids=["alone", "together", "without photos"],
)
def test_seven_shards_are_the_whole_byte_for_byte(hurt, draw, out, tmp_path, overrides):
    """In any order."""
    for number in (4, 1, 7, 2, 6, 5, 3):
        report = draw(f"{number}/{COUNT}", *overrides)
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


def test_each_shard_has_a_fair_part_of_the_people(hurt, draw):
    reports = [draw(f"{number}/4") for number in range(1, 5)]
    people = [report.rendered + len(report.failed) for report in reports]
    assert sum(people) == PEOPLE - 3
    assert max(people) - min(people) <= 3
    assert sum(len(report.skipped) for report in reports) == 3


def test_shards_of_a_selection_are_that_selection(hurt, draw_all, out, tmp_path):
    draw_all(3, "samples=2:17")
    merge_shards(out)
    run(*hurt.settings, f"output.dir={tmp_path}/whole", "samples=2:17")
    assert files_below(out) == files_below(tmp_path / "whole")


def test_shards_of_several_machines_are_copied_together(draw, out, whole, tmp_path):
    for number in range(1, 4):
        draw(f"{number}/3", into=tmp_path / f"machine{number}")
        shutil.copytree(tmp_path / f"machine{number}", out, dirs_exist_ok=True)
    merge_shards(out)
    assert files_below(out) == whole


def test_more_shards_than_images(hurt, draw_all, out, tmp_path):
    draw_all(5, "samples=0:5")
    assert (out / "manifest.5of5.jsonl").read_bytes() == b""
    assert merge_shards(out) == 5
    run(*hurt.settings, f"output.dir={tmp_path}/whole", "samples=0:5")
    assert files_below(out) == files_below(tmp_path / "whole")


def test_a_shard_that_is_run_again_draws_nothing_again(draw, draw_all, out, whole):
    draw_all(3)
    before = files_below(out)
    report = draw("2/3")
    assert report.rendered == 0
    assert report.kept > 0
    assert files_below(out) == before
    merge_shards(out)
    assert files_below(out) == whole


def test_shards_that_are_run_again_after_a_merge_draw_nothing_again(draw_all, draw, out, whole):
    draw_all(3)
    merge_shards(out)
    assert [draw(f"{number}/2").rendered for number in (1, 2)] == [0, 0]
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


# Shards that do not come to their end, and what is between them.


def test_a_shard_that_was_killed_and_run_again_is_as_good(demo_set, tmp_path):
    made = make_small_set(demo_set.fit_file, tmp_path / "set", 300)
    command = [*made.settings, "batch=4", "threads=1"]
    out, log = tmp_path / "out", tmp_path / "log"
    process = start(*command, f"output.dir={out}", "shard=2/3", log=log)
    wait_for(lambda: count_journal(out, "2of3") >= 10, process)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert 10 <= sum(name.endswith(".jpg") for name in files_below(out)) < 100
    for number in (1, 3):
        run(*command, f"output.dir={out}", f"shard={number}/3")
    with pytest.raises(OutputError, match=r"these have not: 2\. Run them again, such as shard=2/3"):
        merge_shards(out)
    assert run(*command, f"output.dir={out}", "shard=2/3").kept >= 10
    merge_shards(out)
    run(*command, f"output.dir={tmp_path}/whole")
    assert files_below(out) == files_below(tmp_path / "whole")


def test_shards_started_together_do_not_hinder_each_other(hurt, out, whole, tmp_path):
    processes = [
        start(*hurt.settings, f"output.dir={out}", f"shard={number}/3", log=tmp_path / f"log{number}")
        for number in (1, 2, 3)
    ]
    # Some of what fails is in the one, some in the other.
    assert {process.wait(200) for process in processes} <= {0, 2}
    done = merge_command(out)
    assert (done.returncode, "3 shards merged" in done.stderr) == (0, True)
    assert files_below(out) == whole


def test_a_shard_under_way_keeps_out_whoever_would_write_the_same_sheets(demo_set, tmp_path):
    """Itself, the whole, and a merge; other shards go on beside it."""
    made = make_small_set(demo_set.fit_file, tmp_path / "set", 150)
    command = [*made.settings, "size=512x512", "batch=1", "threads=1", f"output.dir={tmp_path}/out"]
    out = tmp_path / "out"
    first = start(*command, "shard=1/2", log=tmp_path / "log")
    wait_for(lambda: count_journal(out, "1of2") >= 5, first)
    first.send_signal(signal.SIGSTOP)
    try:
        before = files_below(out)
        assert count_journal(out, "1of2") >= 5
        for shard in ("1/2", "1/1"):
            with pytest.raises(OutputError, match="another run is writing the same sheets there"):
                run(*command, f"shard={shard}")
        assert files_below(out) == before
        assert run(*command, "shard=2/2").failed == []
        with pytest.raises(OutputError, match="shard=1/2"):
            merge_shards(out)
        # Even if it has come to its end before.
        shutil.copyfile(out / "manifest.2of2.jsonl", out / "manifest.1of2.jsonl")
        with pytest.raises(OutputError, match="shard=1/2"):
            merge_shards(out)
        (out / "manifest.1of2.jsonl").unlink()
        hidden = {name for name in files_below(out) if name.startswith(".")}
        assert hidden == {".manifest.1of2.journal"}
    finally:
        first.send_signal(signal.SIGCONT)
    assert first.wait(200) == 0
    merge_shards(out)
    run(*command, f"output.dir={tmp_path}/whole")
    assert files_below(out) == files_below(tmp_path / "whole")


def test_the_whole_under_way_keeps_shards_out(demo_set, tmp_path):
    made = make_small_set(demo_set.fit_file, tmp_path / "set", 100)
    command = [*made.settings, "size=512x512", "batch=1", "threads=1", f"output.dir={tmp_path}/out"]
    out = tmp_path / "out"
    first = start(*command, log=tmp_path / "log")
    wait_for(lambda: count_journal(out) >= 5, first)
    first.send_signal(signal.SIGSTOP)
    try:
        before = files_below(out)
        with pytest.raises(OutputError, match="another run is writing the same sheets there"):
            run(*command, "shard=1/2")
        assert files_below(out) == before
    finally:
        first.send_signal(signal.SIGCONT)
    assert first.wait(200) == 0
    assert sorted(name for name in files_below(out) if not name.endswith(".jpg")) == ["manifest.jsonl"]


def leave_killed(out: Path, tag: str) -> None:
    """As if the shard had been killed while it wrote a sheet and a line."""
    (out / f"manifest.{tag}.jsonl").rename(out / f".manifest.{tag}.journal")
    with (out / f".manifest.{tag}.journal").open("ab") as file:
        file.write(b'{"sheet": "part0/demo_0000')
    (out / "part0" / f".{tag}.0123456789abcdef.tmp").write_bytes(b"half a sheet")
    (out / f"failures.{tag}.csv").unlink(missing_ok=True)


def test_the_whole_takes_over_what_shards_have_done(hurt, draw, out, whole):
    kept = sum(draw(f"{number}/{COUNT}").rendered for number in (2, 3, 5, 6))
    leave_killed(out, f"5of{COUNT}")
    report = run(*hurt.settings, f"output.dir={out}")
    assert report.kept == kept > 0
    assert files_below(out) == whole


def test_a_shard_that_was_killed_while_it_tried_the_folder_leaves_nothing(hurt, out, whole):
    out.mkdir()
    (out / ".probe").write_bytes(b"can th")
    run(*hurt.settings, f"output.dir={out}")
    assert files_below(out) == whole


def test_two_runs_may_try_the_folder_at_the_same_time(out, monkeypatch):
    """Whoever is later finds the file of the other gone, or his own."""
    fdopen = os.fdopen

    def fdopen_and_lose(fd, mode):
        (out / ".probe").unlink()
        return fdopen(fd, mode)

    monkeypatch.setattr("render.files.output_dir.os.fdopen", fdopen_and_lose)
    OutputDir(out)


def test_a_merge_takes_over_what_killed_shards_of_another_number_have_left(draw, draw_all, out, whole):
    draw("1/5")
    leave_killed(out, "1of5")
    draw_all(2)
    merge_shards(out)
    assert files_below(out) == whole


def test_a_whole_that_was_killed_goes_on_in_shards(draw_all, draw, out, whole):
    draw("1/1", "samples=0:9")
    (out / "manifest.jsonl").rename(out / ".manifest.journal")
    (out / "failures.csv").unlink(missing_ok=True)
    (out / "part0" / ".all.0123456789abcdef.tmp").write_bytes(b"half a sheet")
    draw_all(2)
    merge_shards(out)
    assert files_below(out) == whole


def test_a_shard_that_a_signal_stopped_is_not_at_its_end(draw, out, whole, monkeypatch):
    draw("2/2")
    write = SheetWriter.write

    def signal_and_write(self, sheet, pixels):
        os.kill(os.getpid(), signal.SIGTERM)
        return write(self, sheet, pixels)

    with monkeypatch.context() as patched:
        # One sheet at a time.
        patched.setattr("render.run.render_dataset.plan_memory", lambda *_: MemoryPlan(1, 1))
        patched.setattr(StopSignal, "_note", lambda self, number, _: setattr(self, "number", number))
        patched.setattr(SheetWriter, "write", signal_and_write)
        report = draw("1/2", "threads=1", "batch=1")
    assert report.stopped_by == signal.SIGTERM
    assert report.rendered > 0
    with pytest.raises(OutputError, match=r"shard=1/2"):
        merge_shards(out)
    assert draw("1/2").stopped_by == 0
    merge_shards(out)
    assert files_below(out) == whole


def test_a_shard_that_stopped_at_a_fault_is_not_at_its_end(draw, draw_all, out, whole):
    draw_all(2)
    with pytest.raises(Exception, match="on_error=stop"):
        draw("1/2", "on_error=stop")
    with pytest.raises(OutputError, match=r"shard=1/2"):
        merge_shards(out)
    draw("1/2")
    merge_shards(out)
    assert files_below(out) == whole


# Merges that are refused.


@pytest.fixture(scope="module")
def finished(demo_set, tmp_path_factory) -> Path:
    """A folder with three shards that are at their end, one of them with failures."""
    folder = tmp_path_factory.mktemp("finished")
    made = make_small_set(demo_set.fit_file, folder / "set", 8)
    (made.image_dir / "part0" / "demo_000001.jpg").unlink()
    for number in (1, 2, 3):
        run(*made.settings, f"output.dir={folder}/out", f"shard={number}/3")
    assert len(list((folder / "out").glob("failures.*"))) == 1
    return folder / "out"


@pytest.fixture
def parts(finished, out) -> Path:
    """A copy of it to be damaged."""
    shutil.copytree(finished, out)
    return out


def refuse(folder: Path, match: str) -> None:
    """A merge is refused and changes nothing."""
    before = files_below(folder) if folder.exists() else None
    with pytest.raises(OutputError, match=match):
        merge_shards(folder)
    assert (files_below(folder) if folder.exists() else None) == before


def test_a_missing_shard_is_named(parts):
    (parts / "manifest.2of3.jsonl").unlink()
    refuse(parts, r"expected 3 shards .* found that these have not: 2\. Run them again, such as shard=2/3")


def test_all_missing_shards_are_counted(parts):
    (parts / "manifest.1of3.jsonl").unlink()
    (parts / "manifest.3of3.jsonl").unlink()
    refuse(parts, r"these have not: 1, 3\. .*shard=1/3")


def test_an_unfinished_shard_is_named(parts):
    (parts / ".manifest.3of3.journal").write_bytes(b"")
    refuse(parts, r"these have not: 3\. .*shard=3/3")


def test_shards_of_two_numbers_are_refused(parts):
    shutil.copyfile(parts / "manifest.1of3.jsonl", parts / "manifest.1of4.jsonl")
    refuse(parts, r"expected the shards of one run, found shards of 3 and of 4\. Remove")


@pytest.mark.parametrize("harm", ["gone", "cut", "a folder", "a link"])
def test_sheets_that_are_not_there_are_counted_and_one_is_named(parts, harm):
    sheet = parts / "part0" / "demo_000003_6.jpg"
    content = sheet.read_bytes()
    sheet.unlink()
    if harm == "cut":
        sheet.write_bytes(content[:-1])
    elif harm == "a folder":
        sheet.mkdir()
    elif harm == "a link":
        (parts.parent / "elsewhere.jpg").write_bytes(content)
        sheet.symlink_to(parts.parent / "elsewhere.jpg")
    refuse(parts, r"found that 1 are missing or not whole; the first is part0/demo_000003_6\.jpg\. Copy them")


def test_sheets_that_no_shard_has_drawn_are_not_missed(parts):
    """Of a run before, whose sheets have been cleared away."""
    line = (parts / "manifest.1of3.jsonl").read_text().splitlines()[0]
    entry = json.loads(line) | {"sheet": "part0/demo_000000_99.jpg", "rows": [99]}
    (parts / "manifest.jsonl").write_text(json.dumps(entry) + "\n")
    assert merge_shards(parts) == 3
    assert "demo_000000_99" not in (parts / "manifest.jsonl").read_text()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"outcome,row,image\nfailed,1,a.jpg\n",
        b"outcome,row,image,reason\nfailed,1,a.jpg\n",
        b"outcome,row,image,reason\nfailed,one,a.jpg,gone\n",
        b"outcome,row,image,reason\nlost,1,a.jpg,gone\n",
        b"outcome,row,image,reason\nfailed,-1,a.jpg,gone\n",
        b"outcome,row,image,reason\n\n",
        b"\xff\xfe\n",
        b"\0" * 100,
        b'outcome,row,image,reason\nfailed,1,a.jpg,"gone',
        b'outcome,row,image,reason\nfailed,1,a.jpg,"gone\n',
        b"outcome,row,image,reason\nfailed,1,a.jpg,go",
    ],
)
def test_damaged_lists_of_failures_are_refused(parts, content):
    (damaged,) = parts.glob("failures.*")
    damaged.write_bytes(content)
    refuse(parts, rf"{damaged}: .*Run this shard again")


def test_a_folder_for_a_list_of_failures_is_refused(parts):
    (damaged,) = parts.glob("failures.*")
    damaged.unlink()
    damaged.mkdir()
    refuse(parts, rf"{damaged}: .*cannot be read")


def test_a_folder_for_the_list_of_all_failures_is_refused(parts):
    (parts / "failures.csv").mkdir()
    refuse(parts, r"failures\.csv: .*folder of that name is in the way")


@pytest.mark.parametrize("name", ["manifest.2of3.jsonl", "manifest.jsonl"])
def test_a_folder_for_a_manifest_is_refused(parts, name):
    (parts / name).unlink(missing_ok=True)
    (parts / name).mkdir()
    refuse(parts, rf"{name}: .*folder of that name is in the way")


def test_a_folder_without_shards_is_left_as_it_is(out):
    out.mkdir()
    (out / "manifest.jsonl").write_bytes(b"")
    refuse(out, r"expected the manifests of shards \(manifest\.1of64\.jsonl, \.\.\.\), found none")


def test_a_folder_that_is_not_there_is_not_made(out):
    refuse(out, "expected the manifests of shards")
    assert not out.exists()


def test_a_file_is_no_folder_of_shards(out):
    out.write_bytes(b"")
    with pytest.raises(OutputError, match="expected the manifests of shards"):
        merge_shards(out)


@pytest.mark.parametrize(
    "name",
    ["manifest.1of99999999999.jsonl", "manifest.0of3.jsonl", "manifest.01of3.jsonl", "manifest.x.jsonl"],
)
def test_files_with_names_that_are_no_shards_are_left_alone(parts, name):
    (parts / name).write_bytes(b"mine")
    assert merge_shards(parts) == 3
    assert (parts / name).read_bytes() == b"mine"


def test_a_second_merge_is_refused_and_changes_nothing(parts):
    merge_shards(parts)
    refuse(parts, "found none")


def merge_command(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "render.record.merge", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
    )


def test_the_command_that_merges_says_what_is_wrong(parts):
    (parts / "manifest.2of3.jsonl").unlink()
    done = merge_command(parts)
    assert done.returncode == 1
    assert "shard=2/3" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("text", ["0/2", "3/2", "one/two", "2"])
def test_no_run_begins_with_a_shard_that_is_none(hurt, out, text):
    with pytest.raises(ConfigError, match=r"shard: expected a part"):
        run(*hurt.settings, f"output.dir={out}", f"shard={text}")
    assert not out.exists()


def test_a_stopped_shard_says_so_without_its_hidden_files(draw, out, tmp_path):
    """They are easily left behind when files are copied."""
    draw("2/2")
    with pytest.raises(Exception, match="on_error=stop"):
        draw("1/2", "on_error=stop")
    shutil.copytree(out, tmp_path / "copy", ignore=shutil.ignore_patterns(".*"))
    refuse(tmp_path / "copy", r"these have not: 1\. ")


def test_a_run_of_a_few_samples_leaves_to_a_merge_what_shards_have_noted(draw_all, draw, out, whole):
    draw_all(2)
    noted = {name: data for name, data in files_below(out).items() if "of2" in name}
    assert len(noted) >= 3
    draw("1/1", "samples=2")
    assert noted.items() <= files_below(out).items()
    merge_shards(out)
    assert files_below(out) == whole


def test_what_a_killed_merge_has_left_to_do_is_not_done_to_later_shards(draw, out):
    """A journal says that all is written; then shards are run again, and one of them is missing."""
    draw("1/1")
    (out / ".manifest.journal").write_bytes(b'\n"written"\n')
    draw("1/2")
    refuse(out, r"these have not: 2\. ")
