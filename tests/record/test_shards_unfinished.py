"""Shards that do not come to their end: run again, taken over, or kept out."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from render.compute.memory import MemoryPlan
from render.errors import OutputError
from render.files.output_dir import OutputDir
from render.record.merge import merge_shards
from render.run.stop import StopSignal
from render.write.writer import SheetWriter
from tests.helpers.commands import call
from tests.helpers.folders import files_below
from tests.helpers.processes import start
from tests.helpers.runs import run
from tests.helpers.small_set import count_journal

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow

COUNT = 7


def test_a_shard_that_was_killed_and_run_again_is_as_good(hurt, draw_shard, out, whole, tmp_path):
    process = start(*hurt.settings, f"output.dir={out}", "shard=2/3", log=tmp_path / "log", hold_at=2)
    process.wait_until_held()
    process.kill()
    assert count_journal(out, "2of3") == sum(name.endswith(".jpg") for name in files_below(out)) == 2
    for number in (1, 3):
        draw_shard(f"{number}/3")
    with pytest.raises(OutputError, match=r"these have not: 2\. Run them again, such as shard=2/3"):
        merge_shards(out)
    assert draw_shard("2/3").kept == 2
    merge_shards(out)
    assert files_below(out) == whole


def test_shards_started_together_do_not_hinder_each_other(hurt, out, whole, tmp_path):
    processes = [
        start(*hurt.settings, f"output.dir={out}", f"shard={number}/3", log=tmp_path / f"log{number}")
        for number in (1, 2, 3)
    ]
    # Some of what fails is in the one, some in the other.
    assert {process.wait() for process in processes} <= {0, 2}
    done = call("merge", out)
    assert (done.code, "3 shards merged" in done.err) == (0, True)
    assert files_below(out) == whole


def test_a_shard_under_way_keeps_out_whoever_would_write_the_same_sheets(
    hurt, draw_shard, out, whole, tmp_path
):
    """Itself, the whole, and a merge; other shards go on beside it."""
    first = start(*hurt.settings, f"output.dir={out}", "shard=1/2", log=tmp_path / "log", hold_at=2)
    first.wait_until_held()
    before = files_below(out)
    for shard in ("1/2", "1/1"):
        with pytest.raises(OutputError, match="another run is writing the same sheets there"):
            draw_shard(shard)
    assert files_below(out) == before
    assert draw_shard("2/2").rendered > 0
    with pytest.raises(OutputError, match="shard=1/2"):
        merge_shards(out)
    # Even if it has come to its end before.
    shutil.copyfile(out / "manifest.2of2.jsonl", out / "manifest.1of2.jsonl")
    with pytest.raises(OutputError, match="shard=1/2"):
        merge_shards(out)
    (out / "manifest.1of2.jsonl").unlink()
    assert {name for name in files_below(out) if name.startswith(".")} == {".manifest.1of2.journal"}
    first.go.set()
    assert first.wait() in (0, 2)
    merge_shards(out)
    assert files_below(out) == whole


def test_the_whole_under_way_keeps_shards_out(hurt, draw_shard, out, whole, tmp_path):
    first = start(*hurt.settings, f"output.dir={out}", log=tmp_path / "log", hold_at=2)
    first.wait_until_held()
    before = files_below(out)
    with pytest.raises(OutputError, match="another run is writing the same sheets there"):
        draw_shard("1/2")
    assert files_below(out) == before
    first.go.set()
    assert first.wait() == 2
    assert files_below(out) == whole


def leave_killed(out: Path, tag: str) -> None:
    """As if the shard had been killed while it wrote a sheet and a line."""
    (out / f"manifest.{tag}.jsonl").rename(out / f".manifest.{tag}.journal")
    with (out / f".manifest.{tag}.journal").open("ab") as file:
        file.write(b'{"sheet": "part0/demo_0000')
    (out / "part0" / f".{tag}.0123456789abcdef.tmp").write_bytes(b"half a sheet")
    (out / f"failures.{tag}.csv").unlink(missing_ok=True)


def test_the_whole_takes_over_what_shards_have_done(hurt, draw_shard, out, whole):
    kept = sum(draw_shard(f"{number}/{COUNT}").rendered for number in (2, 3, 5, 6))
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


def test_a_merge_takes_over_what_killed_shards_of_another_number_have_left(draw_shard, draw_all, out, whole):
    draw_shard("1/5")
    leave_killed(out, "1of5")
    draw_all(2)
    merge_shards(out)
    assert files_below(out) == whole


def test_a_whole_that_was_killed_goes_on_in_shards(draw_all, draw_shard, out, whole):
    draw_shard("1/1", "samples=0:9")
    (out / "manifest.jsonl").rename(out / ".manifest.journal")
    (out / "failures.csv").unlink(missing_ok=True)
    (out / "part0" / ".all.0123456789abcdef.tmp").write_bytes(b"half a sheet")
    draw_all(2)
    merge_shards(out)
    assert files_below(out) == whole


def test_a_shard_that_a_signal_stopped_is_not_at_its_end(draw_shard, out, whole, monkeypatch):
    draw_shard("2/2")
    write = SheetWriter.write

    def signal_and_write(self, sheet, pixels):
        os.kill(os.getpid(), signal.SIGTERM)
        return write(self, sheet, pixels)

    with monkeypatch.context() as patched:
        # One sheet at a time.
        patched.setattr("render.run.share.plan_memory", lambda *_, **__: MemoryPlan(1, 1))
        patched.setattr(StopSignal, "_note", lambda self, number, _: setattr(self, "number", number))
        patched.setattr(SheetWriter, "write", signal_and_write)
        report = draw_shard("1/2", "threads=1", "batch=1")
    assert report.stopped_by == signal.SIGTERM
    assert report.rendered > 0
    with pytest.raises(OutputError, match=r"shard=1/2"):
        merge_shards(out)
    assert draw_shard("1/2").stopped_by == 0
    merge_shards(out)
    assert files_below(out) == whole


def test_a_shard_that_stopped_at_a_fault_is_not_at_its_end(draw_shard, draw_all, out, whole):
    draw_all(2)
    with pytest.raises(Exception, match="on_error=stop"):
        draw_shard("1/2", "on_error=stop")
    with pytest.raises(OutputError, match=r"shard=1/2"):
        merge_shards(out)
    draw_shard("1/2")
    merge_shards(out)
    assert files_below(out) == whole


def test_a_run_of_a_few_samples_leaves_to_a_merge_what_shards_have_noted(draw_all, draw_shard, out, whole):
    draw_all(2)
    noted = {name: data for name, data in files_below(out).items() if "of2" in name}
    assert len(noted) >= 3
    draw_shard("1/1", "samples=2")
    assert noted.items() <= files_below(out).items()
    merge_shards(out)
    assert files_below(out) == whole
