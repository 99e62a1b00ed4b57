"""What a run will take, and whether there is room for it."""

import json
import os
import shutil
import sys
import tempfile
from types import SimpleNamespace

import pytest

from render.doctor.trial import Trial
from render.run.dry.room import format_bytes
from tests.helpers.findings import find
from tests.helpers.motion_set import make_motion_set
from tests.helpers.runs import files_below, run
from tests.helpers.small_set import SmallSet, make_small_set

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow

GB = 10**9


@pytest.fixture(scope="module")
def made(demo_set, tmp_path_factory) -> SmallSet:
    """As many people as the demo set has, on small photos."""
    return make_small_set(demo_set.fit_file, tmp_path_factory.mktemp("made"), 21)


@pytest.fixture
def demo(made, tmp_path) -> list[str]:
    return [*made.settings, f"output.dir={tmp_path}/out"]


def test_a_damaged_photo_is_found_by_the_trial(fit_set, scratch, tmp_path):
    data, folder, settings = fit_set
    name = data["data"][0]["imageName"]
    rows = [row for row, entry in enumerate(data["data"]) if entry["imageName"] == name]
    (folder / "images" / name).write_bytes(b"<html>not a picture</html>")
    findings = find(*settings)
    assert (findings["images"].state, findings["trial"].state) == ("ok", "warn")
    said = f"{len(rows)} of {len(data['data'])} sheets failed, the first: row 0: "
    assert said in findings["trial"].text
    assert "web page (HTML)" in findings["trial"].text
    only = find(*settings, "samples=0")["trial"]
    assert only.state == "bad"
    assert only.text.startswith("1 of 1 sheets failed")
    assert list(scratch.iterdir()) == []
    assert not (tmp_path / "drawn").exists()


def test_what_the_run_refuses_later_is_found_by_the_trial(fit_set):
    _, folder, settings = fit_set
    finding = find(*settings, "annotate=[coco]", f"dataset.coco_file={folder}/nothing.json")["trial"]
    assert finding.state == "bad"
    assert "nothing.json" in finding.text


def test_label_sets_that_are_there_are_not_counted(demo):
    settings = [*demo, "job=labels", "layers=[instance]"]
    run(*settings, "samples=0:5")
    findings = find(*settings, "samples=0:8")
    assert findings["charts"].text.endswith("not needed by these layers")
    assert " for 3 sheets of" in findings["trial"].text


def test_an_audit_goes_by_images_and_takes_little_room(demo, without_plots):
    # Of the demo set, rows 0 and 1 are of one image, 2 and 3 of the next.
    run(*demo, "job=audit", "samples=0:2")
    findings = find(*demo, "job=audit", "samples=0:4")
    assert " for 1 images that are not there yet" in findings["trial"].text
    assert findings["disk"].text.endswith("numbers take little room")


def test_layers_that_nobody_has_are_found_by_the_trial(demo):
    findings = find(*demo, "job=labels", "layers=[depth, iuv]")
    assert findings["charts"].text.endswith("needed by iuv")
    assert findings["trial"].state == "bad"
    assert findings["trial"].text.startswith("layers: depth needs the focal length of a pinhole camera")
    # There is nothing amiss with the folder for temporary files.
    assert "TMPDIR" not in findings["trial"].text


@pytest.mark.parametrize("word", ["people=alone", "people=together", "job=labels"])
def test_the_estimate_is_that_of_the_run(demo, tmp_path, word):
    """Sheets as many as the run makes, and their bytes within a factor of two."""
    settings = [*demo, word, "samples=1:9"]
    findings = find(*settings)
    report = run(*settings)
    assert f"for {report.rendered} sheets of" in findings["trial"].text
    written = sum(map(len, files_below(tmp_path / "out").values()))
    said, unit = findings["disk"].text.split()[1:3]
    needed = float(said) * {"kB": 10**3, "MB": 10**6}[unit]
    assert written / 2 < needed < 2 * written


def test_sheets_in_tars_are_there(demo, tmp_path):
    settings = [*demo, "samples=:6", "output.tar=4"]
    assert "for 6 sheets of " in find(*settings)["trial"].text
    run(*settings)
    assert "for 0 sheets of " in find(*settings)["trial"].text


@pytest.mark.parametrize("people", ["alone", "together"])
def test_a_trial_of_a_long_file_has_few_sheets(fit_set, monkeypatch, people):
    """Spread over the selection, or with whole images; never more than the file has."""
    data, folder, settings = fit_set
    data["data"] = data["data"][:4] * 50
    (folder / "demo_EFT.json").write_text(json.dumps(data))
    monkeypatch.setattr("render.doctor.trial.TRIAL_SHEETS", 6)
    drawn = []

    def note(config):
        drawn.append([int(row) for row in config.samples.split(",")])
        return run_dataset(config)

    run_dataset = sys.modules["render.doctor.trial"].render_dataset
    monkeypatch.setattr("render.doctor.trial.render_dataset", note)
    finding = find(*settings, "samples=10:200:3", f"people={people}")["trial"]
    assert finding.state == "ok"
    entries = drawn[-1]
    assert 3 <= len(entries) <= 6
    assert all(row in range(10, 200, 3) for row in entries)
    assert (len(range(entries[0], entries[-1] + 1)) > 120) == (people == "alone")


def test_kernels_that_were_compiled_meanwhile_do_not_count(demo, monkeypatch):
    """A first run of a few sheets that takes long is run again before the trial."""
    drawn = []

    def note(config):
        report = run_dataset(config)
        drawn.append(report.rendered)
        if len(drawn) == 1:
            report.seconds = 60.0
        return report

    run_dataset = sys.modules["render.doctor.trial"].render_dataset
    monkeypatch.setattr("render.doctor.trial.render_dataset", note)
    finding = find(*demo, "samples=:8", "panels=[side/geo]", "size=64x64")["trial"]
    assert finding.state == "ok"
    assert drawn == [4, 4, 8]


def test_the_trial_says_that_it_has_no_room(demo, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    finding = find(*demo)["trial"]
    assert finding.state == "bad"
    assert "TMPDIR" in finding.text


@pytest.mark.parametrize(
    ("free", "state"), [(1000 * GB, "ok"), (2_300_000, "warn"), (1_000_000, "bad"), (0, "bad")]
)
def test_a_full_disk(free, state, demo, made, monkeypatch, tmp_path):
    """Sheets of 100 kB: 21 of them take 2.1 MB, and 5 % more."""
    trial = Trial(sheets=21, rendered=21, seconds=0.01, file_bytes=100_000.0, failure=None)
    monkeypatch.setattr("render.doctor.costs.run_trial", lambda *_: trial)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    assert len(made.entries) == 21
    finding = find(*demo)["disk"]
    assert finding.state == state
    assert finding.text.startswith("about 2.2 MB needed for 21 sheets ")
    assert f"{format_bytes(free)} free at {tmp_path}" in finding.text
    assert ("free some space" in finding.text) == (state != "ok")


def test_sheets_that_are_there_need_no_room(demo):
    run(*demo, "samples=0:20")
    assert "needed for 1 sheets " in find(*demo)["disk"].text


def test_an_output_folder_that_cannot_be(demo, made, tmp_path):
    (tmp_path / "file").touch()
    blocked = find(*demo, "body.path=nothing.npz", f"output.dir={tmp_path}/file/a/b")["disk"]
    assert blocked.state == "bad"
    assert f"{tmp_path}/file is a file where a folder is needed" in blocked.text
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    loop = find(*demo, "body.path=nothing.npz", f"output.dir={tmp_path}/loop/a")["disk"]
    assert loop.state == "bad"
    assert "output.dir: " in loop.text
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    linked = find(*demo, "body.path=nothing.npz", f"output.dir={tmp_path}/link")["disk"]
    assert linked.state == "ok"
    assert not (tmp_path / "elsewhere").exists()
    overlapping = find(*demo, "body.path=nothing.npz", f"output.dir={made.image_dir}/a")["disk"]
    assert overlapping.state == "bad"
    assert "overlap" in overlapping.text


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_output_folder_without_permission(demo, tmp_path):
    (tmp_path / "locked").mkdir(mode=0o555)
    finding = find(*demo, "body.path=nothing.npz", f"output.dir={tmp_path}/locked/a")["disk"]
    assert finding.state == "bad"
    assert "nothing can be written there" in finding.text


def test_nothing_is_left_behind_in_a_folder_with_sheets(demo, tmp_path, scratch):
    run(*demo, "samples=0:3")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}
    find(*demo)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")} == before
    assert list(scratch.iterdir()) == []


def test_of_clips_frames_are_counted(demo_set, tmp_path):
    """Also those that nobody is on; clips that are there are none of them."""
    made = make_motion_set(
        demo_set.fit_file, tmp_path / "set", {"walk": (5, range(1, 4)), "run": (2, range(2))}
    )
    settings = [*made.settings, "job=video", f"output.dir={tmp_path / 'out'}"]
    findings = find(*settings)
    assert "ms a frame (5 tried)" in findings["trial"].text
    assert "for 7 frames of " in findings["trial"].text
    assert "in 2 clips that are not there yet" in findings["trial"].text
    assert "needed for 7 frames in 2 clips that" in findings["disk"].text
    run(*settings, "samples=:3")
    (made.image_dir / "run" / "0000.png").unlink()
    findings = find(*settings)
    assert "for 2 frames of " in findings["trial"].text
    assert "in 1 clip that are not there yet" in findings["trial"].text
    assert findings["images"].text.endswith("; their frames will be grey")
