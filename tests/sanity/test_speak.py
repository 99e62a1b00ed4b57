"""A run says once what its fits are, before it draws them."""

import json
import logging

import numpy as np

from render.errors import RenderError
from render.sanity import speak
from render.sanity.speak import speak_first
from tests.helpers.runs import run


def lines(caplog) -> list[tuple[str, str]]:
    return [
        (record.levelname, record.getMessage())
        for record in caplog.records
        if record.getMessage().startswith("cameras: ")
    ]


def test_a_run_says_it_and_a_resumed_one_with_nothing_to_draw_does_not(fit_set, caplog):
    caplog.set_level(logging.INFO, "render")
    _, _, settings = fit_set
    assert run(*settings, "samples=0:3", "device=cpu").rendered == 3
    (line,) = lines(caplog)
    assert line[0] == "INFO"
    assert line[1].startswith("cameras: eft: 3 people, poses of smpl; ")
    assert line[1].endswith("2D joints are off by less than 0.01 px, 0.0 % of a person, the median of 3")
    caplog.clear()
    assert run(*settings, "samples=0:3", "device=cpu").kept == 3
    assert lines(caplog) == []


def test_a_run_with_a_mistake_is_warned_and_draws_all(fit_set, caplog):
    data, folder, settings = fit_set
    for entry in data["data"]:
        # As a file has them that was written with y up.
        pose = np.array(entry["parm_pose"])
        pose[0] = np.diag([1.0, -1.0, -1.0]) @ pose[0]
        entry["parm_pose"] = pose.tolist()
    (folder / "demo_EFT.json").write_text(json.dumps(data))
    report = run(*settings, "samples=0:4", "device=cpu")
    assert (report.rendered, report.failed) == (4, [])
    (line,) = [line for line in lines(caplog) if line[0] == "WARNING"]
    assert "4 of 4 people that were looked at (rows 0, 1, 2, ...) have joints that are not where" in line[1]
    assert "if y and z of the bodies were negated" in line[1]
    assert line[1].endswith("convert them before they are written")


def test_nothing_ends_for_what_is_said(monkeypatch):
    def fail(*_):
        raise RenderError("vertices cannot be read")

    monkeypatch.setattr(speak, "inspect_fits", fail)
    assert list(speak_first(iter([1, 2, 3]), None, None, None)) == [1, 2, 3]
    assert list(speak_first(iter([]), None, None, None)) == []


def test_a_fault_of_ours_ends_no_run_and_is_not_hidden(monkeypatch, caplog):
    def fail(*_):
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(speak, "inspect_fits", fail)
    assert list(speak_first(iter([1, 2]), None, None, None)) == [1, 2]
    assert "nothing can be said of these fits: ZeroDivisionError: by nothing" in caplog.text
