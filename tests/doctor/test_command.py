"""What `smpl-render doctor` prints, and its exit codes."""

import json
import logging
import os
import signal

import pytest

from render.doctor.command import summarize
from render.library.renderer import BatchRenderer
from tests.helpers.commands import call
from tests.helpers.findings import TITLES

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow


def test_command_line_of_a_run_that_can_start(demo, demo_set, tmp_path, scratch):
    done = call("doctor", *demo, "samples=0:6")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert [line.split()[:2] for line in lines[:-1]] == [["ok", title] for title in TITLES]
    people = len(json.loads(demo_set.fit_file.read_text())["data"])
    assert lines[0] == f"ok    fits      {people} people in {demo_set.fit_file}; samples=0:6 takes 6 of them"
    assert lines[-1].startswith("The run can start")
    assert "Traceback" not in done.err
    # Neither the trial's log lines nor its progress bar.
    assert "INFO: fits" not in done.err
    assert "picture" not in done.err
    assert not (tmp_path / "out").exists()
    assert list(scratch.iterdir()) == []


def test_command_line_of_a_run_that_cannot_start(fit_set):
    _, folder, settings = fit_set
    done = call("doctor", *settings, "body=smpl", f"dataset.image_dir={folder}/masks")
    assert done.code == 1
    assert done.out.splitlines()[-1] == (
        "The run cannot start: first do what the line on body says, then images."
    )
    assert "Traceback" not in done.err
    refused = call("doctor", *settings, "batch=-1")
    assert refused.code == 1
    assert "batch: expected 0 to" in refused.err
    assert refused.out == ""
    figure = call("doctor", "job=figure")
    assert figure.code == 1
    assert "job: doctor is for long runs" in figure.err


@pytest.mark.parametrize("is_signal", [True, False])
def test_an_interrupted_trial(is_signal, demo, tmp_path, scratch, monkeypatch):
    """Whether the run that is tried ends in good order or at once."""

    def interrupt(*args):
        assert list(scratch.iterdir()) != []
        if not is_signal:
            raise KeyboardInterrupt
        os.kill(os.getpid(), signal.SIGINT)
        return draw(*args)

    draw, level = BatchRenderer.draw, logging.getLogger("render").level
    monkeypatch.setattr(BatchRenderer, "draw", interrupt)
    done = call("doctor", *demo, "samples=0")
    assert done.code == 130
    assert "interrupted; nothing was left behind" in done.err
    assert "trial" not in done.out
    assert list(scratch.iterdir()) == []
    assert not (tmp_path / "out").exists()
    assert logging.getLogger("render").level == level


def test_the_closing_line():
    assert summarize({"fits": "ok", "disk": "ok"}).startswith("The run can start: ")
    assert summarize({"fits": "warn", "disk": "ok"}).endswith("the lines on fits say.")
    assert summarize({"fits": "warn", "disk": "bad"}).endswith("the line on disk says.")


def test_an_interrupt_outside_of_the_trial_ends_in_good_order(demo, monkeypatch):
    """Where no run is under way that would catch it."""
    monkeypatch.setattr("render.doctor.checks.open_fits", lambda *_: os.kill(os.getpid(), signal.SIGINT))
    done = call("doctor", *demo)
    assert done.code == 130
    assert "interrupted; nothing was left behind" in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


def test_a_setting_with_another_name_now_is_refused_by_its_new_name():
    done = call("doctor", "draw=[bbox]")
    assert done.code == 1
    assert done.err == "draw: this setting is called annotate; write annotate=[bbox]\n"
