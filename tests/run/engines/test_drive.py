"""Runs that workers draw, beside runs of one process."""

import tarfile
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from render.errors import ConfigError, RenderError
from render.files.output_dir import OutputDir
from render.files.stores import output as output_module
from render.files.stores.outputs import output as store_output
from render.files.stores.outputs.objects import Objects
from render.record.manifest import journal_name
from render.run.engines import plan as plan_module
from render.run.engines import worker as worker_module
from render.run.engines.advancing import Advancing
from render.run.progress import ProgressLines
from tests.helpers.folders import files_below
from tests.helpers.manifests import PEOPLE, counts
from tests.helpers.motion_set import make_motion_set
from tests.helpers.runs import run
from tests.helpers.small_runs import bent
from tests.helpers.stores import URL
from tests.run.engines.inline_crew import Crash, Wish, drive_inline

__all__ = ["bent"]

# Whole runs: they take seconds together.
pytestmark = pytest.mark.slow

JOBS = {
    "overlay": [],
    "together": ["people=together", "output=png"],
    "labels": ["job=labels"],
    "audit": ["job=audit"],
    "compare": ["job=compare", "reference={other}", "panels=[]"],
    "meshes": ["job=meshes", "output=obj"],
    "turntable": ["job=turntable", "frames=2", "output=gif", "size=64x64", "samples=0:4"],
}


@pytest.fixture
def hurt(small):
    """A set with a missing photo, and a row that is no fit."""
    missing = small.image_dir / small.entries[2]["imageName"]
    missing.unlink()
    small.entries[5]["parm_pose"] = [[[float("nan")] * 3] * 3] * 24
    small.save()
    return small


@pytest.mark.parametrize("name", JOBS)
def test_each_job_gives_the_bytes_of_one_process(hurt, bent, out, tmp_path, name):
    words = [*hurt.settings, *(word.format(other=bent) for word in JOBS[name])]
    whole = run(*words, f"output.dir={tmp_path}/whole")
    report = drive_inline(*words, f"output.dir={out}")
    assert files_below(out) == files_below(tmp_path / "whole")
    assert counts(report) == counts(whole)
    assert report.is_finished
    for mine, theirs in ((report.skipped, whole.skipped), (report.damaged, whole.damaged)):
        assert mine == theirs
    assert {problem.row for problem in report.failed} == {problem.row for problem in whole.failed}
    assert len(report.failed) == len(whole.failed)


def test_clips_of_sequences_give_the_bytes_of_one_process(demo_set, tmp_path):
    made = make_motion_set(
        demo_set.fit_file, tmp_path / "set", {"a": (3, range(3)), "b": (2, range(2)), "c": (2, range(1))}
    )
    words = [*made.settings, "job=video", "output=webp", "panels=[camera/geo]"]
    whole = run(*words, f"output.dir={tmp_path}/whole")
    report = drive_inline(*words, f"output.dir={tmp_path}/out")
    assert files_below(tmp_path / "out") == files_below(tmp_path / "whole")
    assert (report.rendered, report.frames) == (whole.rendered, whole.frames)


def test_tars_hold_what_those_of_one_process_hold(small, out, tmp_path):
    words = [*small.settings, "output.tar=2"]
    run(*words, f"output.dir={tmp_path}/whole")
    drive_inline(*words, f"output.dir={out}")
    assert read_members(out) == read_members(tmp_path / "whole")
    assert {path.name[:5] for path in out.glob("*.tar")} == {"1of2-", "2of2-"}
    # The same command finds them.
    assert drive_inline(*words, f"output.dir={out}").kept == PEOPLE
    # Tars of one process are another's.
    with pytest.raises(ConfigError, match=r"has tars of one process.*set executor=threads"):
        drive_inline(*words, f"output.dir={tmp_path}/whole")
    with pytest.raises(ConfigError, match=r"output\.tar: expected how many products a tar takes"):
        drive_inline(*small.settings, f"output.dir={out}")


def read_members(folder: Path) -> dict[str, bytes]:
    found = {}
    for path in folder.glob("*.tar"):
        with tarfile.open(path) as tar:
            found |= {member.name: tar.extractfile(member).read() for member in tar}
    return found


def test_workers_go_on_from_one_process_and_it_from_them(hurt, out, tmp_path):
    run(*hurt.settings, f"output.dir={tmp_path}/whole")
    run(*hurt.settings, f"output.dir={out}", "samples=0:3")
    report = drive_inline(*hurt.settings, f"output.dir={out}")
    assert report.kept == 2
    assert files_below(out) == files_below(tmp_path / "whole")
    # Of fewer rows: what else is there stays, and is counted.
    report = drive_inline(*hurt.settings, f"output.dir={out}", "samples=0:3")
    assert (report.rendered, report.kept, report.others) == (0, 2, PEOPLE - 5)
    assert drive_inline(*hurt.settings, f"output.dir={out}", "opacity=0.5").rendered == PEOPLE - 3
    assert run(*hurt.settings, f"output.dir={out}", "opacity=0.5").kept == PEOPLE - 3


def test_shards_of_other_numbers_are_taken_in(small, out, tmp_path):
    run(*small.settings, f"output.dir={tmp_path}/whole")
    for number in (1, 2, 3):
        run(*small.settings, f"output.dir={out}", f"shard={number}/3")
    assert drive_inline(*small.settings, f"output.dir={out}").kept == PEOPLE
    assert files_below(out) == files_below(tmp_path / "whole")


def test_a_worker_that_crashes_costs_nothing(small, out, tmp_path, monkeypatch):
    run(*small.settings, f"output.dir={tmp_path}/whole")
    # A message for each product.
    monkeypatch.setattr("render.run.engines.advancing.EVERY_S", 0.0)
    crashes = iter([True, False, True])

    def hook(event):
        if next(crashes, False):
            raise Crash("gone")

    report = drive_inline(*small.settings, f"output.dir={out}", "batch=1", hook=hook)
    assert files_below(out) == files_below(tmp_path / "whole")
    assert report.rendered + report.kept == PEOPLE


def test_the_first_fault_ends_the_run_if_that_is_asked_for(hurt, out):
    with pytest.raises(RenderError, match="as on_error=stop asks; the same command goes on from here"):
        drive_inline(*hurt.settings, f"output.dir={out}", "on_error=stop")
    left = files_below(out)
    assert {"failures.csv", "manifest.jsonl"} <= set(left)
    assert not [name for name in left if name.startswith(".") or "of2" in name]


def test_a_signal_leaves_lists_of_what_is_done(small, out, tmp_path):
    run(*small.settings, f"output.dir={tmp_path}/whole")
    stop = Wish()
    lines = []

    def watch(total, unit):
        lines.append((total, unit))
        # The workers are ready, and have no shard yet.
        stop.number = 15
        return ProgressLines(total, unit)

    report = drive_inline(*small.settings, f"output.dir={out}", stop=stop, watch=watch)
    assert lines == [(PEOPLE, "sheet")]
    assert (report.stopped_by, report.is_finished) == (15, False)
    assert not [name for name in files_below(out) if name.startswith(".")]
    drive_inline(*small.settings, f"output.dir={out}")
    assert files_below(out) == files_below(tmp_path / "whole")


def test_a_worker_waits_for_one_that_is_just_ending(small, out, monkeypatch):
    """Another has the shard, until it is gone."""
    output = OutputDir(out, "1of2")
    journals = [output.open_journal(journal_name("1of2"))]
    waited = []

    def sleep(seconds):
        waited.append(seconds)
        if len(waited) == 3:
            journals.pop().withdraw()

    monkeypatch.setattr(worker_module.time, "sleep", sleep)
    monkeypatch.setattr("render.run.engines.drive.fold_shards", lambda output: 0)
    monkeypatch.setattr("render.run.engines.drive._check_earlier", lambda *_: None)
    assert drive_inline(*small.settings, f"output.dir={out}").rendered == PEOPLE
    assert len(waited) == 3


def test_a_few_messages_a_second_tell_of_all_products():
    now, told = [0.0], []
    progress = Advancing(3, told.append, clock=lambda: now[0])
    for _ in range(100):
        progress.advance()
        now[0] += 0.01
    progress.expect(-2)
    progress.advance("failed")
    progress.close()
    progress.close()
    assert 4 <= len(told) <= 6
    assert sum(event.done for event in told) == 100
    assert (told[-1].failed, told[-1].more) == (1, -2)


def test_a_store_is_tried_out_by_each_worker_and_not_for_each_shard(small, monkeypatch):
    tries: list[int] = []
    try_out = store_output._try_out
    monkeypatch.setattr(store_output, "_try_out", lambda objects: (tries.append(1), try_out(objects)))
    counted = {}
    for shards in (2, 6):
        store = MemoryStore()
        monkeypatch.setattr(output_module, "_open_objects", lambda place, held=store: Objects(held, URL))
        monkeypatch.setattr(plan_module, "count_shards", lambda *_, count=shards: count)
        tries.clear()
        report = drive_inline(*small.settings, "size=32x32", f"output.dir={URL}")
        assert report.rendered == PEOPLE
        counted[shards] = len(tries)
    assert counted[2] == counted[6]
