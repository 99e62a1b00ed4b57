"""Zips read in place: what zipfile reads, and zips of strangers, each of which is a message."""

import contextlib
import struct
import zipfile
import zlib

import pytest

from render.errors import PhotoError
from render.files.stores.ranged import LocalFile
from render.photos.stored import members, zips
from render.photos.stored.zips import Zips

CONTENT = {"train2014/a.jpg": b"first" * 1000, "train2014/b.jpg": b"second", "ü/c.png": b""}


def pack(path, content, method=zipfile.ZIP_STORED, **options):
    with zipfile.ZipFile(path, "w", method, **options) as archive:
        for name, piece in content.items():
            archive.writestr(name, piece)
    return path


@pytest.fixture
def path(tmp_path):
    return pack(tmp_path / "a.zip", CONTENT)


def list_zip(path):
    return Zips().list_members(LocalFile(path))


def read(path, name):
    return Zips().read_member(LocalFile(path), name, list_zip(path)[name])


def edit(path, change):
    content = bytearray(path.read_bytes())
    change(content)
    path.write_bytes(content)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("is_prefixed", [False, True])
def test_all_members_are_read(tmp_path, method, is_prefixed):
    path = pack(tmp_path / "a.zip", CONTENT, method)
    if is_prefixed:
        # As programs do that unpack themselves.
        path.write_bytes(b"#!/bin/sh\n" + path.read_bytes())
    assert {name: read(path, name) for name in list_zip(path)} == CONTENT


def test_zip64_and_long_headers_of_members(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive, archive.open("a.jpg", "w", force_zip64=True) as file:
        file.write(b"picture")
    # A header of its own that is longer than what is read with it at first.
    long = zipfile.ZipInfo("b.jpg")
    long.extra = struct.pack("<HH", 0xCAFE, 500) + bytes(500)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(long, b"other" * 100)
    assert read(path, "a.jpg") == b"picture"
    assert read(path, "b.jpg") == b"other" * 100


def test_of_two_with_one_name_the_later_is_taken(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.jpg", b"old")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.jpg", b"new")
    assert read(path, "a.jpg") == b"new"


def test_folders_are_no_members_and_unix_names_are_utf8(tmp_path):
    path = pack(tmp_path / "a.zip", {"x/": b"", "x/u.jpg": b"1"})
    edit(path, lambda content: content.__setitem__(slice(None), content.replace(b"u.jpg", b"\xc3\xbc.jp")))
    assert list(list_zip(path)) == ["x/ü.jp"]


def test_what_is_damaged_is_said_of_the_member(path):
    edit(path, lambda content: content.__setitem__(slice(100, 105), b"xxxxx"))
    with pytest.raises(
        PhotoError, match=r"train2014/a\.jpg: expected a whole zip, found that its content does not"
    ):
        read(path, "train2014/a.jpg")
    assert read(path, "train2014/b.jpg") == CONTENT["train2014/b.jpg"]


def lie(path, **said):
    """Changes what the directory says of the first member."""
    with zipfile.ZipFile(path) as archive:
        start = archive.start_dir
    # APPNOTE 4.3.12.
    places = {
        "flags": (8, "<H"),
        "method": (10, "<H"),
        "packed": (20, "<L"),
        "size": (24, "<L"),
        "at": (42, "<L"),
    }

    def change(content):
        for key, value in said.items():
            place, form = places[key]
            struct.pack_into(form, content, start + place, value)

    edit(path, change)


@pytest.mark.parametrize(
    "said", [{"size": 7}, {"packed": 9, "size": 9}, {"at": 3}, {"at": 2**31}, {"packed": 2**31}]
)
def test_a_directory_that_lies(path, said):
    lie(path, **said)
    with pytest.raises(PhotoError, match=r"a\.jpg: expected a whole zip, found that"):
        read(path, "train2014/a.jpg")


@pytest.mark.parametrize(
    ("said", "fault"),
    [({"flags": 1}, "encrypted"), ({"method": 12}, "method 12"), ({"method": 99}, "method 99")],
)
def test_what_is_not_unpacked_is_said(path, said, fault):
    lie(path, **said)
    assert fault in list_zip(path)["train2014/a.jpg"].fault


def test_a_link_is_no_photo(tmp_path):
    path, link = tmp_path / "a.zip", zipfile.ZipInfo("a.jpg")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "link" in list_zip(path)["a.jpg"].fault


def test_a_bomb_is_inflated_no_further_than_it_says(tmp_path):
    path = pack(tmp_path / "a.zip", {"a.jpg": bytes(50 << 20)}, zipfile.ZIP_DEFLATED)
    lie(path, size=1000)
    with pytest.raises(PhotoError, match="said to have 1,000 bytes"):
        read(path, "a.jpg")


@pytest.mark.parametrize("size", [0, 10, 100, -1, -10])
def test_zips_that_are_cut(path, size):
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(PhotoError, match=r"a\.zip: expected a whole zip"):
        list_zip(path)


def test_members_without_number_and_directories_without_end(path, monkeypatch):
    monkeypatch.setattr(zips, "MOST_MEMBERS", 2)
    with pytest.raises(PhotoError, match=r"at most .* files, found more"):
        list_zip(path)
    monkeypatch.setattr(zips, "MOST_MEMBERS", members.MOST_MEMBERS)
    monkeypatch.setattr(zips, "LARGEST_DIRECTORY_BYTES", 100)
    with pytest.raises(PhotoError, match=r"at most .* files, found more"):
        list_zip(path)


def test_what_tells_changes_is_of_the_content(path, tmp_path):
    file, other = LocalFile(path), LocalFile(pack(tmp_path / "b.zip", CONTENT, zipfile.ZIP_DEFLATED))
    found = [
        Zips().date(one, list_zip(p)["train2014/a.jpg"])
        for one, p in ((file, path), (other, tmp_path / "b.zip"))
    ]
    assert found == [zlib.crc32(CONTENT["train2014/a.jpg"])] * 2


def test_random_bytes_between_are_never_a_traceback(path):
    whole = path.read_bytes()
    for place in range(0, len(whole), 37):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        with contextlib.suppress(PhotoError):
            for name, member in list_zip(path).items():
                Zips().read_member(LocalFile(path), name, member)
