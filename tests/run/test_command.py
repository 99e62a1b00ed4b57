"""The command line of a run: exit codes, and what is said."""

import os
import signal

import pytest

from render.compute.memory import MemoryPlan
from render.run.stop import StopSignal
from render.write.writer import SheetWriter
from tests.helpers.commands import call, call_child
from tests.helpers.manifests import photo

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow


@pytest.mark.slow
def test_a_run_in_a_process_of_its_own(small, tmp_path):
    done = call_child(*small.settings, f"output.dir={tmp_path}/out", "samples=0:2")
    assert (done.code, done.out) == (0, "")
    assert "2 rendered, 0 skipped, 0 failed" in done.err
    assert "Traceback" not in done.err
    assert len(list((tmp_path / "out").rglob("*.jpg"))) == 2


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 0, "2 rendered, 0 skipped, 0 failed"),
        (["opacity=2"], 1, "opacity: expected"),
        (["batch=none"], 1, "batch"),
        (["body=smpl"], 1, "smpl.is.tue.mpg.de"),
    ],
)
def test_what_a_run_says_last(small, out, words, code, said):
    done = call(*small.settings, f"output.dir={out}", "samples=0:2", *words)
    assert done.code == code
    assert said in done.err
    assert "Traceback" not in done.err


def test_sheets_that_failed_have_an_exit_code_of_their_own(small, out):
    photo(small, 0).unlink()
    done = call(*small.settings, f"output.dir={out}", "samples=0:3")
    assert done.code == 2
    assert "failed row 0" in done.err
    assert "Traceback" not in done.err


def test_settings_with_another_name_now_are_refused_with_it(demo, tmp_path):
    done = call(*demo, "draw=[bbox]")
    assert done.code == 1
    assert "write annotate=[bbox]" in done.err
    assert not (tmp_path / "out").exists()


def test_help_says_what_there_is_and_what_the_call_would_run_with():
    done = call("--help", "opacity=0.25")
    assert done.code == 0
    assert "opacity: 0.25" in done.out
    assert "smpl-render merge FOLDER" in done.out
    assert "smpl-render page FOLDER" in done.out


def test_a_run_that_a_signal_stops_has_its_exit_code(small, out, monkeypatch):
    """It comes while the first sheet is written; one is made after the other."""
    write = SheetWriter.write

    def signal_and_write(self, sheet, pixels):
        os.kill(os.getpid(), signal.SIGTERM)
        return write(self, sheet, pixels)

    with monkeypatch.context() as patched:
        patched.setattr("render.run.share.plan_memory", lambda *_, **__: MemoryPlan(1, 1))
        patched.setattr(StopSignal, "_note", lambda self, number, _: setattr(self, "number", number))
        patched.setattr(SheetWriter, "write", signal_and_write)
        done = call(*small.settings, f"output.dir={out}", "threads=1")
    assert done.code == 143
    assert "stopped before the end; the same command goes on from here" in done.err
    done = call(*small.settings, f"output.dir={out}")
    assert done.code == 0
    assert "already there" in done.err


def test_an_interrupted_run_has_the_exit_code_of_its_signal(small, out, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("render.library.renderer.BatchRenderer.draw", interrupt)
    done = call(*small.settings, f"output.dir={out}")
    assert done.code == 130
    assert "stopped before the end" in done.err


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("smpl-render doctor dataset=co", "smpl-render dataset=co"),
        ("smpl-render dataset=co", "smpl-render dataset=co"),
        ("smpl-render doctor", "smpl-render doctor"),
    ],
)
def test_completion_begins_behind_the_name_of_a_command(monkeypatch, line, left):
    """Hydra, which completes, knows only what follows it."""
    monkeypatch.setenv("COMP_LINE", line)
    call("-sc", "query=bash")
    assert os.environ["COMP_LINE"] == left
