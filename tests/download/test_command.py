"""`smpl-render download`: what it fetches is in place and of use, or there is nothing."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from render.download.command import main
from render.resources import DEMO_BODY_FILE, ROOT
from tests.helpers.commands import call
from tests.helpers.http_server import reply, serve

# Every test has it, also those that ask no server.
pytestmark = pytest.mark.usefixtures("hurried")


def test_fits_are_fetched_and_what_is_left_is_said(server, fits, fetch_fits, tmp_path, caplog, capsys):
    caplog.set_level("INFO")
    server.answers = [serve(fits, stop=5000), serve(fits)]
    count = len(json.loads(fits)["data"])
    assert fetch_fits(f"dataset.entries=[7,{count}]", "body.path=nowhere/smpl.pkl") == 0
    assert server.ranges == [None, "bytes=5000-"]
    assert (tmp_path / "fits.json").read_bytes() == fits
    assert os.listdir(tmp_path) == ["fits.json"]
    assert f"{count} people; 0 more entries are no valid fits" in caplog.text
    assert "another release" not in caplog.text
    said = capsys.readouterr().out
    assert "SMPL: register at https://smpl.is.tue.mpg.de and put the model at nowhere/smpl.pkl" in said
    assert "photos: COCO 2014 train: http://images.cocodataset.org/zips/train2014.zip" in said
    assert "image_dir is the folder train2014" in said
    assert "licence: EFT's fits are CC BY-NC 4.0" in said
    assert "Then: smpl-render dataset=coco2014_part dataset.fits_url=" in said
    assert "dataset.image_dir=FOLDER" in said


def test_what_is_there_and_of_no_use_is_left_alone_and_no_success(
    server, fetch_fits, fetch_charts, tmp_path, caplog
):
    (tmp_path / "fits.json").write_bytes(b"mine")
    (tmp_path / "charts").mkdir()
    (tmp_path / "charts" / "UV.mat").write_bytes(b"mine")
    assert fetch_fits() == 1
    assert fetch_charts() == 1
    assert caplog.text.count("is there already, but cannot be used; remove it and run the same command") == 2
    assert (tmp_path / "fits.json").read_bytes() == b"mine"
    assert server.headers == []


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (os.mkfifo, "a pipe or a device"),
        (os.mkdir, "a folder"),
        (lambda path: path.symlink_to("nowhere"), "a symbolic link that leads nowhere"),
        (lambda path: path.symlink_to(path.name), "a symbolic link that leads nowhere"),
        (lambda path: path.symlink_to("/dev/zero"), "a pipe or a device"),
    ],
    ids=["pipe", "folder", "dangling link", "link to itself", "link to a device"],
)
@pytest.mark.parametrize("place", ["fits.json", "charts/UV.mat"])
def test_what_has_the_name_and_is_no_file_is_named_and_left_alone(
    server, fetch_fits, fetch_charts, tmp_path, caplog, place, make, found
):
    target = tmp_path / place
    target.parent.mkdir(exist_ok=True)
    make(target)
    before = os.lstat(target)
    assert (fetch_fits if place == "fits.json" else fetch_charts)() == 1
    assert f"{target}: expected a file or none, found {found}. Remove it, or set" in caplog.messages[-1]
    assert os.path.samestat(os.lstat(target), before)
    assert os.listdir(target.parent) == [target.name]
    assert server.headers == []


def test_a_link_to_a_file_that_is_there_is_left_alone(server, fits, fetch_fits, tmp_path):
    (tmp_path / "elsewhere.json").write_bytes(fits)
    (tmp_path / "fits.json").symlink_to("elsewhere.json")
    assert fetch_fits() == 0
    assert (tmp_path / "fits.json").is_symlink()
    assert server.headers == []


def test_what_is_there_is_left_alone(server, fits, fetch_fits, fetch_charts, tmp_path, caplog, capsys):
    caplog.set_level("INFO")
    (tmp_path / "fits.json").write_bytes(fits)
    (tmp_path / "charts").mkdir()
    charts = DEMO_BODY_FILE.with_name("demo_charts.mat").read_bytes()
    (tmp_path / "charts" / "UV.mat").write_bytes(charts)
    assert fetch_fits("body=demo", "dataset.image_dir=/photos") == 0
    assert fetch_charts() == 0
    assert (tmp_path / "fits.json").read_bytes() == fits
    assert caplog.text.count("is there already and is left alone") == 2
    assert server.headers == []
    said = capsys.readouterr().out
    # The demo body is there, and so is the user's folder.
    assert said.count("SMPL: ") == 1
    assert "dataset.image_dir=/photos" in said


def test_entries_that_are_not_valid_are_counted(server, fits, fetch_fits, caplog):
    caplog.set_level("INFO")
    content = json.loads(fits)
    content["data"][1]["parm_cam"] = None
    server.answers = [serve(json.dumps(content).encode())]
    assert fetch_fits() == 0
    count = len(content["data"])
    assert f"{count - 1} people; 1 more entries are no valid fits" in caplog.text
    assert f"expected 28344 or 28062 entries, found {count}" in caplog.text


@pytest.mark.parametrize(
    ("mend", "message"),
    [
        (lambda fits: serve(b"<html>Please log in</html>"), r"a web page \(HTML\) saved under this name"),
        (lambda fits: serve(fits, announced=len(fits) - 10), "it is not JSON"),
        (lambda fits: serve(b'{"data": []}'), "is empty"),
        (lambda fits: serve(b""), "the file is empty"),
        (lambda fits: serve(b"9" * 5000), r"fits\.json\.part: "),
        (lambda fits: serve(b'{"data": [' + b"9" * 5000 + b"]}"), r"fits\.json\.part: "),
        (lambda fits: serve(b'{"data": ' + b"[" * 200_000), r"fits\.json\.part: "),
        (lambda fits: serve(b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"), r"fits\.json\.part: "),
    ],
)
def test_files_that_hold_no_fits_are_removed(server, fits, fetch_fits, tmp_path, caplog, mend, message):
    server.answers = [mend(fits)]
    assert fetch_fits() == 1
    assert "file: what came cannot be used and was removed: " in caplog.text
    assert os.listdir(tmp_path) == []
    caplog.clear()
    server.answers = [serve(fits)]
    assert fetch_fits() == 0


def test_errors_are_one_line_and_exit_with_1(server, fetch_fits, caplog, tmp_path):
    server.answers = [reply(404)]
    assert fetch_fits() == 1
    assert "there is no such file" in caplog.messages[-1]
    server.answers = [serve(bytes(2000), stop=1000)]
    assert fetch_fits() == 1
    assert "1,000 of 2,000 bytes have come and are kept" in caplog.messages[-1]
    assert "\n" not in caplog.messages[-1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "expected eft and names of datasets, or densepose; found nothing. See --help"),
        (["eft"], "expected eft and names of datasets, or densepose; found eft"),
        (["smpl"], "found smpl"),
        (["densepose", "now"], "found densepose now"),
        (
            ["eft", "coco2017"],
            "coco2017: expected a dataset whose fits are served; there are: coco2014_all, c",
        ),
        (["eft", "../dataset/mpii"], "../dataset/mpii: expected a dataset"),
        (["eft", "demo"], "demo: expected a dataset"),
        (["eft", "eft", "dataset.fit_file=x"], "eft: expected a dataset"),
        (["eft", "mpii", "posetrack", "dataset.fit_file=x"], "expected one dataset with settings of its own"),
        (
            ["eft", "mpii", "dataset.fit=x"],
            "dataset.fit: no such setting; did you mean dataset.fit_file or dataset.fits_url?",
        ),
        (["eft", "mpii", "batch=-1"], "batch: expected 0 to"),
        (["eft", "mpii", "="], "'=': expected key=value"),
        (["eft", "mpii", f"dataset.fit_file={'x' * 300}"], "expected names of at most 255 bytes"),
        (["densepose", "body=demo", "body.charts=x"], "body.charts_url: expected where charts of 'demo'"),
    ],
)
def test_commands_that_make_no_sense(words, message, caplog):
    assert main(words) == 1
    assert message in caplog.messages[-1]
    assert "\n" not in caplog.messages[-1]


def test_any_dataset_with_an_address_can_be_fetched(server, fits, fetch_fits, tmp_path):
    server.answers = [serve(fits)]
    assert fetch_fits(name="eft") == 0
    assert (tmp_path / "fits.json").read_bytes() == fits


def test_several_datasets_are_fetched_one_after_the_other(monkeypatch):
    fetched = []
    monkeypatch.setattr("render.download.command._fetch_fits", lambda name, settings: fetched.append(name))
    assert main(["eft", "mpii", "posetrack", "body.path=x"]) == 0
    assert fetched == ["mpii", "posetrack"]


def test_the_help_names_the_datasets(capsys):
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    assert "posetrack" in said
    assert "demo" not in said


@pytest.mark.slow
def test_a_download_that_was_killed_goes_on(server, fits, fetch_fits, tmp_path):
    half, all_sent = len(fits) // 2, threading.Event()

    def wait(handler):
        all_sent.set()
        server.is_over.wait()

    server.answers = [serve(fits, stop=half, then=wait), serve(fits)]
    settings = [f"dataset.fits_url={server.url}", f"dataset.fit_file={tmp_path}/fits.json"]
    command = [sys.executable, "-m", "render", "download", "eft", "mpii", *settings]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        part = tmp_path / ".fits.json.part"
        # However long it takes: only the end of the process ends it.
        while not all_sent.wait(0.01) or part.stat().st_size < half:
            assert process.poll() is None, process.stderr.read()
        process.kill()
        said = process.communicate()[1]
    assert process.returncode == -signal.SIGKILL
    assert "Traceback" not in said
    check_second_half(server, fits, fetch_fits, tmp_path)


def test_a_download_that_was_interrupted_goes_on(server, fits, fetch_fits, tmp_path):
    """By Ctrl-C, when half of the file has been written."""
    half, part = len(fits) // 2, tmp_path / ".fits.json.part"

    def interrupt(handler):
        while part.stat().st_size < half:
            time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGINT)
        server.is_over.wait()

    server.answers = [serve(fits, stop=half, then=interrupt), serve(fits)]
    settings = [f"dataset.fits_url={server.url}", f"dataset.fit_file={tmp_path}/fits.json"]
    done = call("download", "eft", "mpii", *settings)
    assert done.code == 130
    check_second_half(server, fits, fetch_fits, tmp_path)


def check_second_half(server, fits, fetch_fits, folder):
    """The same command asks for what is missing, and for no more."""
    assert not (folder / "fits.json").exists()
    assert fetch_fits() == 0
    assert (folder / "fits.json").read_bytes() == fits
    assert server.ranges == [None, f"bytes={len(fits) // 2}-"]
    assert server.sent == len(fits)


def test_a_dataset_is_named_by_a_word_alone():
    done = call("download", "eft", "coco2014_part", "dataset=mpii")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "ERROR: dataset=mpii: expected the dataset as a word; write smpl-render download eft mpii\n"
    )
