"""What is said before a run: each thing that it needs, found or not, and what it will take."""

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
import scipy.io
from hydra import compose, initialize_config_dir

from render.config.load import load_config, register_schemas
from render.config.schema import Config
from render.doctor import __main__ as doctor
from render.doctor.checks import Finding, examine, format_bytes, format_seconds
from render.doctor.trial import Trial
from render.library.renderer import BatchRenderer
from tests.helpers.runs import ROOT, files_below, run

TITLES = ["fits", "body", "charts", "images", "device", "trial", "disk"]
GB = 10**9


@pytest.fixture(autouse=True)
def scratch(tmp_path, monkeypatch) -> Path:
    """The folder for temporary files, of this test alone."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture(autouse=True)
def patience(monkeypatch) -> None:
    """Trials have all their sheets, however busy the machine."""
    monkeypatch.setattr("render.doctor.trial.LONGEST_TRIAL_S", 1e6)


def configure(*overrides: str) -> Config:
    register_schemas()
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        return load_config(compose("config", overrides=list(overrides)))


def find(*overrides: str, until: str = "disk") -> dict[str, Finding]:
    """The findings by title, up to that one: trials take a second."""
    findings = {}
    for finding in examine(configure(*overrides)):
        findings[finding.title] = finding
        if finding.title == until:
            break
    assert list(findings) == TITLES[: len(findings)]
    return findings


def states(findings: dict[str, Finding]) -> str:
    return " ".join(finding.state for finding in findings.values())


def command(*overrides: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "render.doctor", *overrides],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
    )


def test_command_line_of_a_run_that_can_start(demo, demo_set, tmp_path, scratch):
    done = command(*demo, "samples=0:6")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[:2] for line in lines[:-1]] == [["ok", title] for title in TITLES]
    people = len(json.loads(demo_set.fit_file.read_text())["data"])
    assert lines[0] == f"ok    fits      {people} people in {demo_set.fit_file}; samples=0:6 takes 6 of them"
    assert lines[-1].startswith("The run can start")
    assert "Traceback" not in done.stderr
    # Neither the trial's log lines nor its progress bar.
    assert "INFO: fits" not in done.stderr
    assert "picture" not in done.stderr
    assert not (tmp_path / "out").exists()
    assert list(scratch.iterdir()) == []


def test_command_line_of_a_run_that_cannot_start(fit_set):
    _, folder, settings = fit_set
    done = command(*settings, "body=smpl", f"dataset.image_dir={folder}/masks")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == (
        "The run cannot start: first do what the line on body says, then images."
    )
    assert "Traceback" not in done.stderr
    refused = command(*settings, "batch=0")
    assert refused.returncode == 1
    assert "batch: expected 1 to" in refused.stderr
    assert refused.stdout == ""


def test_a_missing_fit_file_hides_nothing_else(fit_set):
    _, folder, settings = fit_set
    findings = find(*settings, f"dataset.fit_file={folder}/nothing.json")
    assert states(findings) == "bad warn ok warn ok warn ok"
    assert "nothing.json" in findings["fits"].text
    assert "dataset.fit_file" in findings["fits"].text
    assert "no fits yet" in findings["images"].text
    assert findings["trial"].text.endswith("mended: fits")
    without = find(*settings, "dataset.fit_file=nothing.json", "dataset.image_dir=nowhere")
    assert states(without) == "bad warn ok bad ok warn ok"
    assert "nowhere is no folder" in without["images"].text


def test_a_damaged_fit_file(fit_set):
    _, folder, settings = fit_set
    file = folder / "demo_EFT.json"
    file.write_bytes(file.read_bytes()[:2000])
    finding = find(*settings, until="fits")["fits"]
    assert finding.state == "bad"
    assert "not JSON" in finding.text


def test_rejected_rows_are_counted_and_the_first_named(fit_set):
    data, folder, settings = fit_set
    for row in range(1, 6):
        data["data"][row]["parm_cam"] = [row, "x", 0]
    (folder / "demo_EFT.json").write_text(json.dumps(data))
    finding = find(*settings, until="fits")["fits"]
    assert finding.state == "warn"
    assert "; 5 entries are no valid fits (row 1: " in finding.text
    assert [f"row {row}:" in finding.text for row in range(1, 6)] == [True, True, True, False, False]
    nobody = find(*settings, "samples=2", until="fits")["fits"]
    assert nobody.state == "bad"
    assert "samples=2 takes 0 of them" in nobody.text
    none = find(*settings, "samples=900:", until="fits")["fits"]
    assert none.state == "bad"
    assert "selects none" in none.text


def test_a_number_of_entries_that_is_not_known(fit_set):
    data, _, settings = fit_set
    count = len(data["data"])
    known = find(*settings, f"dataset.entries=[{count + 5},{count}]", until="fits")["fits"]
    other = find(*settings, f"dataset.entries=[{count + 5},28344]", until="fits")["fits"]
    assert (known.state, other.state) == ("ok", "warn")
    assert f"expected {count + 5} or 28,344 entries, found {count}:" in other.text


def test_a_missing_body_hides_no_missing_image(fit_set):
    data, folder, settings = fit_set
    (folder / "images" / data["data"][0]["imageName"]).unlink()
    findings = find(*settings, "body=smpl", "panels=[camera/densepose]")
    assert states(findings) == "ok bad bad warn ok warn ok"
    assert "smpl.is.tue.mpg.de" in findings["body"].text
    assert "there are no charts" in findings["charts"].text
    assert findings["images"].text.startswith("1 of 12 are missing")
    assert findings["trial"].text.endswith("mended: body, charts")
    assert "no estimate" in findings["disk"].text


def test_a_body_of_other_fits_is_a_warning(fit_set, demo, demo_set):
    _, _, settings = fit_set
    real = find(*settings, until="body")["body"]
    demo_fits = find(*demo, "body=smpl", f"body.path={demo_set.body_file}", until="body")["body"]
    assert (real.state, demo_fits.state) == ("warn", "warn")
    assert "13,776 faces" in real.text
    assert "betas mean other shapes" in real.text
    assert "betas mean other shapes" in demo_fits.text


def test_charts_of_another_body(demo, demo_set, tmp_path):
    charts = scipy.io.loadmat(demo_set.charts_file)
    charts["All_vertices"] = charts["All_vertices"][:, ::-1]
    scipy.io.savemat(tmp_path / "other.mat", {k: v for k, v in charts.items() if not k.startswith("_")})
    other = f"body.charts={tmp_path}/other.mat"
    needed = find(*demo, other, "panels=[camera/densepose, side/geo]", until="charts")["charts"]
    unused = find(*demo, other, until="charts")["charts"]
    assert (needed.state, unused.state) == ("bad", "warn")
    assert "of another body" in needed.text
    assert "needed by densepose" in needed.text
    assert "not needed" in unused.text
    blind = find(*demo, "body.path=nothing.npz", "panels=[camera/iuv]", "output=png", until="charts")
    assert states(blind) == "ok bad warn"
    assert "no body yet" in blind["charts"].text


def test_charts_that_no_panel_needs_may_be_missing(demo):
    finding = find(*demo, "body.charts=nothing.mat", until="charts")["charts"]
    assert finding == Finding("charts", "ok", "not needed by these panels")


def test_images_are_counted_once_each_and_the_first_that_is_missing_is_named(fit_set):
    data, folder, settings = fit_set
    names = list(dict.fromkeys(entry["imageName"] for entry in data["data"]))
    all_there = find(*settings, until="images")["images"]
    assert all_there == Finding("images", "ok", f"all 12 in {folder}/images")
    for name in names[3:6]:
        (folder / "images" / name).unlink()
    # Neither a folder nor an empty file is a photo.
    (folder / "images" / names[4]).mkdir()
    (folder / "images" / names[5]).touch()
    row = next(row for row, entry in enumerate(data["data"]) if entry["imageName"] == names[3])
    some = find(*settings, until="images")["images"]
    assert some.state == "warn"
    assert some.text.startswith(f"3 of 12 are missing or empty in {folder}/images")
    assert f"the first is {names[3]} (row {row})" in some.text
    before = find(*settings, f"samples=:{row}", until="images")["images"]
    assert before.state == "ok"


def test_no_image_at_all(fit_set):
    data, folder, settings = fit_set
    layout = "dataset.image_layout='It is the folder train.'"
    findings = find(*settings, f"dataset.image_dir={folder}/masks", layout)
    assert states(findings) == "ok warn ok bad ok warn ok"
    text = findings["images"].text
    assert text.startswith(f"none of 12 is in {folder}/masks, the first is {data['data'][0]['imageName']} (r")
    assert text.endswith("It is the folder train")
    unread = find(*settings, f"dataset.image_dir={folder}/masks", "panels=[side/geo]", "size=64x64")
    assert "bad" not in states(unread)
    assert unread["images"].text == "not needed by these panels"


def test_an_image_name_that_leads_out_is_missing(fit_set, tmp_path):
    data, folder, settings = fit_set
    photo = folder / "images" / data["data"][0]["imageName"]
    photo.rename(tmp_path / "outside.jpg")
    photo.symlink_to(tmp_path / "outside.jpg")
    finding = find(*settings, until="images")["images"]
    assert finding.text.startswith("1 of 12 are missing")


def test_a_device_that_is_not_there(demo):
    findings = find(*demo, "device=cuda:99")
    assert states(findings) == "ok ok ok ok bad warn ok"
    assert "device=cpu" in findings["device"].text
    chosen = find(*demo, "device=cpu", "threads=3", until="device")["device"]
    assert chosen.text == "cpu, 3 threads, rasterizer warp, chosen by rasterizer=auto"


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
    finding = find(*settings, "draw=[coco]", f"dataset.coco_file={folder}/nothing.json")["trial"]
    assert finding.state == "bad"
    assert "nothing.json" in finding.text


@pytest.mark.parametrize("people", ["alone", "together"])
def test_the_estimate_is_that_of_the_run(demo, tmp_path, people):
    """Sheets as many as the run makes, and their bytes within a factor of two."""
    settings = [*demo, f"people={people}", "samples=1:"]
    findings = find(*settings)
    report = run(*settings)
    assert f"for {report.rendered} sheets of" in findings["trial"].text
    written = sum(map(len, files_below(tmp_path / "out").values()))
    said, unit = findings["disk"].text.split()[1:3]
    needed = float(said) * {"kB": 10**3, "MB": 10**6}[unit]
    assert written / 2 < needed < 2 * written


def test_a_shard_is_examined_as_the_part_that_it_is(demo, tmp_path):
    findings = [find(*demo, f"shard={number}/2") for number in (1, 2)]
    assert all(set(states(found).split()) == {"ok"} for found in findings)
    report = run(*demo, "shard=2/2")
    assert f"shard=2/2 takes {report.rendered:,} of them" in findings[1]["fits"].text
    assert f"for {report.rendered} sheets of" in findings[1]["trial"].text
    images = [int(found["images"].text.split()[1]) for found in findings]
    assert sum(images) == 12


def test_a_run_that_stops_at_the_first_loss_cannot_start_with_one(fit_set):
    data, folder, settings = fit_set
    damaged = folder / "images" / data["data"][0]["imageName"]
    whole = damaged.read_bytes()
    damaged.write_bytes(b"<html>not a picture</html>")
    trial = find(*settings, "on_error=stop")["trial"]
    assert trial.state == "bad"
    assert "ms a sheet" in trial.text
    assert "sheets failed, the first: row 0: " in trial.text
    damaged.unlink()
    assert find(*settings, "on_error=stop", until="images")["images"].state == "bad"
    damaged.write_bytes(whole)
    data["data"][1]["parm_cam"] = None
    (folder / "demo_EFT.json").write_text(json.dumps(data))
    assert find(*settings, "on_error=stop", until="fits")["fits"].state == "bad"
    assert find(*settings, "on_error=stop", "samples=2:", until="fits")["fits"].state == "warn"


@pytest.mark.parametrize("people", ["alone", "together"])
def test_a_trial_of_a_long_file_has_few_sheets(fit_set, monkeypatch, people):
    """Spread over the selection, or with whole images; never more than the file has."""
    data, folder, settings = fit_set
    data["data"] = data["data"][:4] * 50
    (folder / "demo_EFT.json").write_text(json.dumps(data))
    monkeypatch.setattr("render.doctor.trial.TRIAL_SHEETS", 6)
    drawn = []

    def note(config):
        drawn.append(range(200)[slice(*map(int, config.samples.split(":")))])
        return run_dataset(config)

    run_dataset = sys.modules["render.doctor.trial"].render_dataset
    monkeypatch.setattr("render.doctor.trial.render_dataset", note)
    finding = find(*settings, "samples=10:200:3", f"people={people}")["trial"]
    assert finding.state == "ok"
    entries = drawn[-1]
    assert 3 <= len(entries) <= 6
    assert all(row in range(10, 200, 3) for row in entries)
    assert (len(range(entries[0], entries[-1] + 1)) > 120) == (people == "alone")


def test_the_trial_says_that_it_has_no_room(demo, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    finding = find(*demo)["trial"]
    assert finding.state == "bad"
    assert "TMPDIR" in finding.text


@pytest.mark.parametrize(
    ("free", "state"), [(1000 * GB, "ok"), (2_300_000, "warn"), (1_000_000, "bad"), (0, "bad")]
)
def test_a_full_disk(free, state, demo, demo_set, monkeypatch, tmp_path):
    """Sheets of 100 kB: 21 of them take 2.1 MB, and 5 % more."""
    trial = Trial(sheets=21, rendered=21, seconds=0.01, file_bytes=100_000.0, failure=None)
    monkeypatch.setattr("render.doctor.checks.run_trial", lambda *_: trial)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    assert len(json.loads(demo_set.fit_file.read_text())["data"]) == 21
    finding = find(*demo)["disk"]
    assert finding.state == state
    assert finding.text.startswith("about 2.2 MB needed for 21 sheets ")
    assert f"{format_bytes(free)} free at {tmp_path}" in finding.text
    assert ("free some space" in finding.text) == (state != "ok")


def test_sheets_that_are_there_need_no_room(demo):
    run(*demo, "samples=0:20")
    assert "needed for 1 sheets " in find(*demo)["disk"].text


def test_an_output_folder_that_cannot_be(demo, demo_set, tmp_path):
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
    overlapping = find(*demo, "body.path=nothing.npz", f"output.dir={demo_set.image_dir}/a")["disk"]
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


@pytest.mark.parametrize("is_signal", [True, False])
def test_an_interrupted_trial(is_signal, demo, tmp_path, scratch, monkeypatch, capsys, caplog):
    """Whether the run that is tried ends in good order or at once."""

    def interrupt(*args):
        assert list(scratch.iterdir()) != []
        if not is_signal:
            raise KeyboardInterrupt
        os.kill(os.getpid(), signal.SIGINT)
        return draw(*args)

    draw = BatchRenderer.draw
    monkeypatch.setattr(BatchRenderer, "draw", interrupt)
    caplog.set_level(logging.WARNING, "render")
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        composed = compose("config", overrides=[*demo, "samples=0"])
    with pytest.raises(SystemExit) as caught:
        doctor.main(composed)
    assert caught.value.code == 130
    assert "trial" not in capsys.readouterr().out
    assert list(scratch.iterdir()) == []
    assert not (tmp_path / "out").exists()
    assert logging.getLogger("render").level == logging.WARNING


def test_the_closing_line():
    assert doctor.summarize({"fits": "ok", "disk": "ok"}).startswith("The run can start: ")
    assert doctor.summarize({"fits": "warn", "disk": "ok"}).endswith("the lines on fits say.")
    assert doctor.summarize({"fits": "warn", "disk": "bad"}).endswith("the line on disk says.")


def test_numbers_as_they_are_said():
    assert [format_seconds(seconds) for seconds in (0.123, 12.3, 59.9, 3725)] == [
        "0.12 s",
        "12 s",
        "0:01:00",
        "1:02:05",
    ]
    assert [format_bytes(count) for count in (900, 85_040, 2.5e9, 3.2e13)] == [
        "0.9 kB",
        "85.0 kB",
        "2.5 GB",
        "32.0 TB",
    ]
