"""Runs that are watched: what watchers are told of them, and that they cost the run nothing."""

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from render.compute.memory import MemoryPlan
from render.errors import ConfigError, RenderError
from render.gallery.write import write_page
from render.record.merge import merge_shards
from render.run.opening.watch import open_watch
from render.run.stop import StopSignal
from render.watch.teller import Teller
from render.write.writer import SheetWriter
from tests.helpers.folders import files_below
from tests.helpers.manifests import PEOPLE
from tests.helpers.runs import configure, run

FILE = "progress=[file]"


def read_last(folder: Path, name: str = "progress.jsonl") -> dict:
    last = json.loads((folder / name).read_bytes().splitlines()[-1])
    return {key: last[key] for key in ("run", "state", "total", "done", "kept", "failed")}


def test_a_run_and_the_one_that_goes_on(draw, out, small):
    draw(FILE)
    whole = {"run": 1, "state": "finished", "total": PEOPLE, "done": PEOPLE, "kept": 0, "failed": 0}
    assert read_last(out) == whole
    before = files_below(out)
    sheets = sorted(out.rglob("*.jpg"))
    sheets[0].unlink()
    # Its photo is gone, too: whoever is on it fails.
    image = small.image_dir / small.entries[0]["imageName"]
    gone = sum(entry["imageName"] == small.entries[0]["imageName"] for entry in small.entries)
    image.unlink()
    draw(FILE)
    assert read_last(out) == whole | {"run": 2, "done": 0, "kept": PEOPLE - gone, "failed": gone}
    assert files_below(out).keys() - before.keys() == {"failures.csv"}


def test_it_is_no_part_of_what_is_made(draw, out, tmp_path):
    """Neither other bytes nor another hash: who watches from now on draws nothing again."""
    draw(into=tmp_path / "plain")
    draw(FILE)
    watched = files_below(out)
    del watched["progress.jsonl"]
    assert watched == files_below(tmp_path / "plain")
    assert draw(into=tmp_path / "plain").kept == PEOPLE


def test_shards_have_files_of_their_own_which_merging_leaves(draw, out):
    for shard in ("1/2", "2/2"):
        draw(FILE, f"shard={shard}")
    counts = [read_last(out, f"progress.{number}of2.jsonl")["done"] for number in (1, 2)]
    assert sum(counts) == PEOPLE
    merge_shards(out)
    write_page([out])
    assert {path.name for path in out.glob("progress*")} == {"progress.1of2.jsonl", "progress.2of2.jsonl"}
    assert draw(FILE).kept == PEOPLE


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("/dev/full")])
def test_what_is_in_the_way_costs_the_progress_alone(draw, out, caplog, make):
    out.mkdir()
    make(out / "progress.jsonl")
    assert draw(FILE).rendered == PEOPLE
    assert len([message for message in caplog.messages if "progress=file" in message]) == 1


def test_a_full_disk_costs_the_progress_alone(draw, out, caplog, monkeypatch):
    from render.files.journal import DiskJournal

    append = DiskJournal.append

    def append_or_not(self: DiskJournal, line: bytes) -> None:
        if self._path.name == "progress.jsonl":
            raise OSError(28, "No space left on device")
        append(self, line)

    monkeypatch.setattr(DiskJournal, "append", append_or_not)
    assert draw(FILE).rendered == PEOPLE
    assert len([message for message in caplog.messages if "No space left" in message]) == 1


def test_a_run_that_is_stopped_says_so(draw, out, monkeypatch):
    write = SheetWriter.write

    def signal_and_write(self, sheet, pixels):
        signal.raise_signal(signal.SIGTERM)
        return write(self, sheet, pixels)

    monkeypatch.setattr("render.run.share.plan_memory", lambda *_, **__: MemoryPlan(1, 1))
    monkeypatch.setattr(StopSignal, "_note", lambda self, number, _: setattr(self, "number", number))
    monkeypatch.setattr(SheetWriter, "write", signal_and_write)
    draw(FILE, "threads=1", "batch=1")
    last = read_last(out)
    assert last["state"] == "stopped"
    assert 0 < last["done"] < PEOPLE


def test_a_run_that_ends_at_a_fault_says_so(draw, out, small):
    (small.image_dir / small.entries[0]["imageName"]).unlink()
    with pytest.raises(RenderError, match="The run stops here"):
        draw(FILE, "on_error=stop")
    assert read_last(out)["state"] == "failed"


def test_what_is_not_installed_is_said_before_anything_is_opened(small, out, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(ConfigError, match="pip install tensorboardX"):
        run(*small.settings, f"output.dir={out}", "progress=[file, tensorboard]")
    assert not out.exists()


def test_a_watcher_that_is_named_twice_is_told_once(small, out, monkeypatch):
    ended = []
    monkeypatch.setattr(Teller, "end", lambda self, last: ended.append(last.state))
    config = configure(*small.settings, f"output.dir={out}", "progress=[file, file]")
    out.mkdir()
    with open_watch(config, StopSignal()) as watch:
        watch(3, "sheet").close()
    assert ended == ["finished"]


def test_there_is_no_such_watcher(small):
    with pytest.raises(ConfigError, match="progress: no watcher 'files'; did you mean 'file'"):
        configure(*small.settings, "progress=[files]")
