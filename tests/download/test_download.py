"""`python -m render.download`: what it fetches is in place and of use, or there is nothing."""

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import scipy.io
import scipy.sparse
from render.download.__main__ import main

from render.download import chart_archive
from render.download.place import find_place
from render.resources import DEMO_BODY_FILE, REPOSITORY
from tests.helpers.http_server import reply, serve

CHARTS_FILE = DEMO_BODY_FILE.with_name("demo_charts.mat")
MEMBER = chart_archive.MEMBER


# Every test has it, also those that ask no server.
pytestmark = pytest.mark.usefixtures("hurried")


@pytest.fixture
def fits():
    """The content of a real fit file."""
    return (Path(__file__).parents[1] / "golden" / "eft" / "fits.json").read_bytes()


@pytest.fixture
def fetch_fits(server, tmp_path):
    """Fetches the fits of a dataset from the server; the exit code."""
    target = tmp_path / "fits.json"
    settings = [f"dataset.fits_url={server.url}", f"dataset.fit_file={target}"]
    return lambda *more, name="coco2014_part": main(["eft", name, *settings, *more])


@pytest.fixture
def fetch_charts(server, tmp_path):
    """Fetches the archive of the charts from the server; the exit code."""
    target = tmp_path / "charts" / "UV.mat"
    return lambda *more: main(["densepose", f"body.charts_url={server.url}", f"body.charts={target}", *more])


def pack(*members):
    """A .tar.gz of pairs of a name and content, or of members without any."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                tar.addfile(info, io.BytesIO(member[1]))
    return packed.getvalue()


def make_member(name, kind=tarfile.REGTYPE, size=0, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, size, link
    return info


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
    assert "Then: python -m render dataset=coco2014_part dataset.fits_url=" in said
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
        (["eft", "mpii", "dataset.fit=x"], "settings: Could not override 'dataset.fit'"),
        (["eft", "mpii", "batch=0"], "batch: expected 1 to"),
        (["eft", "mpii", "="], "settings: "),
        (["eft", "mpii", f"dataset.fit_file={'x' * 300}"], "the path is too long"),
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
    monkeypatch.setattr("render.download.__main__._fetch_fits", lambda name, settings: fetched.append(name))
    assert main(["eft", "mpii", "posetrack", "body.path=x"]) == 0
    assert fetched == ["mpii", "posetrack"]


def test_the_help_names_the_datasets(capsys):
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    assert "posetrack" in said
    assert "demo" not in said


def test_relative_places(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_place("nowhere/x.json") == REPOSITORY / "nowhere" / "x.json"
    (tmp_path / "nowhere").mkdir()
    assert find_place("nowhere/x.json").resolve() == tmp_path / "nowhere" / "x.json"
    assert find_place(f"{tmp_path}/a/b.json") == tmp_path / "a" / "b.json"


@pytest.mark.parametrize(("signal_number", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)])
def test_a_download_that_was_killed_goes_on(server, fits, fetch_fits, tmp_path, signal_number, code):
    half, all_sent = len(fits) // 2, threading.Event()

    def wait(handler):
        all_sent.set()
        server.is_over.wait(10)

    server.answers = [serve(fits, stop=half, then=wait), serve(fits)]
    settings = [f"dataset.fits_url={server.url}", f"dataset.fit_file={tmp_path}/fits.json"]
    command = [sys.executable, "-m", "render.download", "eft", "mpii", *settings]
    with subprocess.Popen(command, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True) as process:
        part = tmp_path / ".fits.json.part"
        assert all_sent.wait(10)
        while part.stat().st_size < half:
            time.sleep(0.01)
        process.send_signal(signal_number)
        said = process.communicate(timeout=10)[1]
    assert process.returncode == code
    assert "Traceback" not in said
    assert not (tmp_path / "fits.json").exists()
    assert fetch_fits() == 0
    assert (tmp_path / "fits.json").read_bytes() == fits
    assert server.ranges == [None, f"bytes={half}-"]
    assert server.sent == len(fits)


def test_charts_are_taken_out_of_their_archive(server, fetch_charts, tmp_path, capsys):
    charts = CHARTS_FILE.read_bytes()
    archive = pack(
        make_member("UV_data", tarfile.DIRTYPE),
        ("UV_data/UV_symmetry_transforms.mat", bytes(100_000)),
        make_member("UV_data/links/UV_Processed.mat", tarfile.SYMTYPE, link="/etc/passwd"),
        ("../../UV_data/UV_Processed.mat", charts),
        ("UV_data/UV_Processed.mat", b"another"),
    )
    server.answers = [serve(archive, stop=1000), serve(archive)]
    assert fetch_charts() == 0
    assert (tmp_path / "charts" / "UV.mat").read_bytes() == charts
    assert os.listdir(tmp_path / "charts") == ["UV.mat"]
    assert server.sent == len(archive)
    said = capsys.readouterr().out
    assert "SMPL: register at" in said
    assert "Then: python -m render dataset=coco2014_part " in said
    assert "'panels=[camera/iuv]' output=png" in said


def pack_charts(**changes):
    """An archive of the demo's charts with other arrays."""
    arrays = scipy.io.loadmat(CHARTS_FILE)
    file = io.BytesIO()
    scipy.io.savemat(file, {name: arrays[name] for name in arrays if name.startswith("All")} | changes)
    return pack((MEMBER, file.getvalue()))


HOSTILE = {
    "a web page": (b"<html>", "cannot be read"),
    "cut short": (pack((MEMBER, os.urandom(20_000)))[:5000], "cannot be read"),
    "empty": (pack(), "found none in it"),
    "another name": (pack((f"{MEMBER}.txt", b"")), "found none in it"),
    "a symbolic link": (pack(make_member(MEMBER, tarfile.SYMTYPE, link="/etc/passwd")), "found none in it"),
    "a hard link": (pack(make_member(MEMBER, tarfile.LNKTYPE, link="/etc/passwd")), "found none in it"),
    "a pipe": (pack(make_member(MEMBER, tarfile.FIFOTYPE)), "found none in it"),
    "claims a terabyte": (pack(make_member(MEMBER, size=1 << 40)), "bytes, found 1,099,511,627,776"),
    "claims more than there is": (pack(make_member(MEMBER, size=20_000)), "unexpected end of data"),
    "a terabyte before": (pack(make_member("x", size=1 << 40), (MEMBER, b"")), "more than 500,000 bytes"),
    "a long name": (
        pack(make_member("x", tarfile.GNUTYPE_LONGNAME, size=600_000)),
        "more than 500,000 bytes",
    ),
    "a sparse file": (
        pack(make_member("x", tarfile.GNUTYPE_SPARSE, size=600_000)),
        "more than 500,000 bytes",
    ),
    "leads back": (pack(make_member("x"), make_member("x", size=-1024)), "its members overlap"),
    "inflates": (pack(("x", bytes(1 << 20)), (MEMBER, b"")), "more than 500,000 bytes"),
    "many members": (pack(*[(str(number), b"") for number in range(9)]), "none among its first 8 members"),
    "no charts": (pack((MEMBER, b"no charts")), "not a MATLAB file"),
    "no faces": (pack_charts(All_Faces=np.zeros((0, 3))), "expected faces and parts"),
    "u without v": (pack_charts(All_V_norm=np.zeros((9, 1))), "of one length"),
    "a part too many": (pack_charts(All_FaceIndices=np.full((13776, 1), 25)), "expected parts 1 to 24"),
    "a vertex 0": (pack_charts(All_vertices=np.zeros((1, 7816))), "expected vertices of a body"),
    "a sparse matrix": (pack_charts(All_Faces=scipy.sparse.eye(3).tocsc()), r"missing ['All_Faces']"),
    "nothing": (pack((MEMBER, b"")), "not a MATLAB file"),
}


@pytest.mark.parametrize(("archive", "message"), HOSTILE.values(), ids=HOSTILE)
def test_archives_that_are_damaged_or_hostile(
    server, fetch_charts, tmp_path, caplog, monkeypatch, archive, message
):
    monkeypatch.setattr(chart_archive, "MOST_BYTES", 500_000)
    monkeypatch.setattr(chart_archive, "MOST_MEMBERS", 8)
    server.answers = [serve(archive)]
    assert fetch_charts() == 1
    assert "what came cannot be used and was removed: " in caplog.messages[-1]
    assert message in caplog.messages[-1]
    assert os.listdir(tmp_path / "charts") == []


def test_charts_that_cannot_be_written_keep_their_archive(
    server, fetch_charts, tmp_path, monkeypatch, caplog
):
    def fill_up(*_):
        raise OSError(28, "No space left on device")

    server.answers = [serve(pack((MEMBER, CHARTS_FILE.read_bytes())))]
    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.write_bytes", fill_up)
        assert fetch_charts() == 1
    assert "the disk or the quota is full" in caplog.messages[-1]
    assert fetch_charts() == 0
    assert len(server.headers) == 1
    assert os.listdir(tmp_path / "charts") == ["UV.mat"]
