"""The charts come out of their archive whole, whatever else is in it, or nothing does."""

import io
import os
import tarfile

import numpy as np
import pytest
import scipy.io
import scipy.sparse

from render.download import chart_archive
from render.resources import DEMO_BODY_FILE
from tests.helpers.http_server import serve

CHARTS_FILE = DEMO_BODY_FILE.with_name("demo_charts.mat")
MEMBER = chart_archive.MEMBER


# Every test has it, also those that ask no server.
pytestmark = pytest.mark.usefixtures("hurried")


def pack(*members):
    """A .tar.gz of pairs of a name and content, or of members without any."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", format=tarfile.GNU_FORMAT) as tar:
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
    assert "Then: smpl-render dataset=coco2014_part " in said
    assert "'panels=[camera/iuv]' output=png" in said


def pack_charts(**changes):
    """An archive of the demo's charts with other arrays."""
    arrays = scipy.io.loadmat(CHARTS_FILE)
    file = io.BytesIO()
    scipy.io.savemat(file, {name: arrays[name] for name in arrays if name.startswith("All")} | changes)
    return pack((MEMBER, file.getvalue()))


def pack_attributes(kind, count):
    """Members that say more of the next one, as pax and GNU have them, of digits only."""
    digits = io.BytesIO()
    with tarfile.open(fileobj=digits, mode="w:gz") as tar:
        for _ in range(count):
            tar.addfile(make_member("x", kind, size=100_000), io.BytesIO(b"1" * 100_000))
        tar.addfile(make_member(MEMBER, size=4), io.BytesIO(b"none"))
    return digits.getvalue()


HOSTILE = {
    "digits in a pax header": (pack_attributes(tarfile.XHDTYPE, 4), "not a MATLAB file"),
    "digits for all members": (pack_attributes(tarfile.XGLTYPE, 4), "not a MATLAB file"),
    "digits of Solaris": (pack_attributes(tarfile.SOLARIS_XHDTYPE, 4), "not a MATLAB file"),
    "a thousand in each other": (pack(*[make_member("x", tarfile.GNUTYPE_LONGNAME)] * 9), "first 8 members"),
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
    "a sparse matrix": (pack_charts(All_Faces=scipy.sparse.eye(3).tocsc()), "found a sparse matrix"),
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
