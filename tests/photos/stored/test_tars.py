"""Tars read in place: by their index and without, and tars of strangers, each of which is a message."""

import contextlib
import io
import tarfile

import pytest

from render.errors import PhotoError, StoreError
from render.files.stores.ranged import LocalFile
from render.files.tars import format_index, parse_index
from render.photos.stored import tars
from render.photos.stored.tars import Tars

LONG = "train2014/" + "x" * 150 + ".jpg"
CONTENT = {"train2014/a.jpg": b"first" * 1000, LONG: b"second", "train2014/ü.png": b""}


def pack(path, content, form=tarfile.PAX_FORMAT):
    with tarfile.open(path, "w", format=form) as archive:
        for name, piece in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(piece)
            archive.addfile(info, io.BytesIO(piece))
    return path


def index(path):
    with tarfile.open(path) as archive:
        return format_index([(info.name, info.offset_data, info.size) for info in archive if info.isreg()])


@pytest.fixture
def path(tmp_path):
    return pack(tmp_path / "a.tar", CONTENT)


def list_tar(path, beside=None):
    return Tars(beside).list_members(LocalFile(path))


def read_all(path, beside=None):
    return {
        name: Tars().read_member(LocalFile(path), name, member)
        for name, member in list_tar(path, beside).items()
    }


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
@pytest.mark.parametrize("has_index", [False, True])
def test_all_members_are_read(tmp_path, form, has_index, caplog):
    path = pack(tmp_path / "a.tar", CONTENT, form)
    assert read_all(path, index(path) if has_index else None) == CONTENT
    assert caplog.messages == []


def test_the_index_is_what_is_read_and_not_the_headers(path, monkeypatch):
    beside = index(path)
    monkeypatch.setattr(tars, "_walk", None)
    assert list(list_tar(path, beside)) == list(CONTENT)


@pytest.mark.parametrize(
    "beside",
    [
        b"",
        b"v1.1 1\njpg 512 5000\n",
        b"v1.2 2\njpg 512 5000 a.jpg\n",
        b"v1.2 1\njpg 512 5000 a.jpg more\n",
        b"v1.2 1\njpg x 5000 a.jpg\n",
        b"v1.2 1\njpg 0 5000 a.jpg\n",
        b"v1.2 1\njpg 513 5000 a.jpg\n",
        b"v1.2 1\njpg 512 99999999 a.jpg\n",
        # Others of the same tar: of a shorter release.
        b"v1.2 1\njpg 512 5000 train2014/a.jpg\n",
        b"v1.2 1\njpg 512 4999 train2014/a.jpg\n",
        b"v1.2 0\n",
        b"\xff\xfe",
    ],
)
def test_an_index_that_does_not_go_with_its_tar_is_said_and_not_used(path, beside, caplog):
    assert read_all(path, beside) == CONTENT
    assert "its index does not go with it" in caplog.text


def test_an_index_is_read_as_it_is_written():
    members = [("a/b.jpg", 512, 7), ("a/b.json", 1536, 9), ("c.jpg", 3072, 0)]
    assert list(parse_index(format_index(members))) == members
    with pytest.raises(ValueError, match="no whole index"):
        list(parse_index(format_index(members)[:-1]))


def test_a_member_that_is_not_where_the_index_has_it_is_said(path):
    beside = index(path)
    members = list_tar(path, beside)
    content = bytearray(path.read_bytes())
    content[100:110] = b"overwritten"[:10]
    path.write_bytes(content)
    with pytest.raises(PhotoError, match=r"train2014/a\.jpg: expected a whole tar"):
        Tars().read_member(LocalFile(path), "train2014/a.jpg", members["train2014/a.jpg"])


def add(path, **fields):
    with tarfile.open(path, "a") as archive:
        info = tarfile.TarInfo("odd.jpg")
        for key, value in fields.items():
            setattr(info, key, value)
        archive.addfile(info)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}, "a link"),
        ({"type": tarfile.LNKTYPE, "linkname": "train2014/z.jpg"}, "a link"),
        ({"type": tarfile.CHRTYPE}, "no regular file"),
        ({"type": tarfile.FIFOTYPE}, "no regular file"),
    ],
)
def test_links_and_devices_are_no_photos(path, fields, fault):
    add(path, **fields)
    assert fault in list_tar(path)["odd.jpg"].fault


def test_a_second_name_of_a_member_is_that_member(path):
    add(path, type=tarfile.LNKTYPE, linkname="train2014/a.jpg")
    assert read_all(path)["odd.jpg"] == CONTENT["train2014/a.jpg"]


@pytest.mark.parametrize("size", [0, 100, 600, 3000, 6000, 7700])
def test_tars_that_are_cut(path, size):
    assert size < path.stat().st_size
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(PhotoError, match=r"a\.tar: expected a whole tar"):
        list_tar(path)


def test_a_damaged_header_is_not_taken_for_the_end(path):
    content = bytearray(path.read_bytes())
    second = 512 + -(-5000 // 512) * 512
    content[second : second + 5] = b"xxxxx"
    path.write_bytes(content)
    with pytest.raises(PhotoError, match="no header begins at byte"):
        list_tar(path)


def test_headers_of_gigabytes_are_not_read(tmp_path):
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 5 << 30
    path = tmp_path / "a.tar"
    path.write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(20 * 512))
    with pytest.raises((PhotoError, StoreError), match=r"headers of at most 1024 KiB"):
        list_tar(path)


def test_members_without_number(path, monkeypatch):
    monkeypatch.setattr(tars, "MOST_MEMBERS", 2)
    for beside in (None, index(path)):
        with pytest.raises(PhotoError, match=r"at most .* files, found more"):
            list_tar(path, beside)


@pytest.mark.parametrize("content", [b"PK\x03\x04" + bytes(600), b"\x1f\x8b" + bytes(range(256)) * 4])
def test_what_is_no_tar(tmp_path, content):
    path = tmp_path / "a.tar"
    path.write_bytes(content)
    with pytest.raises(PhotoError, match="expected a whole tar that is not compressed"):
        list_tar(path)


def test_random_bytes_in_headers_are_never_a_traceback(tmp_path):
    path = pack(tmp_path / "a.tar", {"a.jpg": b"1", LONG: b"2"})
    whole = path.read_bytes()
    for place in range(0, 4096, 13):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x35]) + whole[place + 1 :])
        with contextlib.suppress(PhotoError):
            read_all(path)
