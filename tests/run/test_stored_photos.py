"""Runs over photos in archives and at URLs: the bytes of the folder, and what is done stays done."""

import os
import tarfile
import zipfile

import pytest

from tests.helpers.file_server import FileServer
from tests.helpers.folders import files_below
from tests.helpers.manifests import PEOPLE, counts
from tests.helpers.small_runs import draw, out, small

__all__ = ["draw", "out", "small"]

# Whole runs: they take seconds together.
pytestmark = pytest.mark.slow


def pack_zip(small, path):
    with zipfile.ZipFile(path, "w") as archive:
        for photo in sorted(small.image_dir.rglob("*.jpg")):
            archive.write(photo, f"train2014/{photo.relative_to(small.image_dir)}")
    return path


def pack_tar(small, path):
    with tarfile.open(path, "w") as archive:
        archive.add(small.image_dir, "train2014")
    return path


def sheets(folder):
    return {name: content for name, content in files_below(folder).items() if name != "manifest.jsonl"}


def test_archives_and_urls_give_the_bytes_of_the_folder(draw, small, out, tmp_path):
    assert counts(draw()) == (PEOPLE, 0, 0)
    of_folder = sheets(out)
    files = {f"x/{name}": content for name, content in files_below(small.image_dir).items()}
    with FileServer(files).running() as server:
        places = [
            pack_zip(small, tmp_path / "a.zip"),
            pack_tar(small, tmp_path / "a.tar"),
            f"file://{small.image_dir}/",
            f"{server.url}/x/",
        ]
        for k, place in enumerate(places):
            into = tmp_path / f"out{k}"
            assert counts(draw(f"dataset.image_dir={place}", into=into)) == (PEOPLE, 0, 0)
            assert sheets(into) == of_folder
            # What is drawn from there is not drawn again from the folder.
            assert counts(draw(into=into)) == (0, PEOPLE, 0)
        assert len(server.requests) == len(files)


def test_what_is_drawn_stays_until_its_photo_changes(draw, small, out, tmp_path, monkeypatch):
    place = pack_zip(small, tmp_path / "a.zip")
    drawn = f"dataset.image_dir={place}"
    assert counts(draw(drawn)) == (PEOPLE, 0, 0)
    # Nothing is read to see that nothing has changed, not even after the zip was touched.
    os.utime(place, (1, 1))
    with monkeypatch.context() as patched:
        patched.setattr("render.photos.stored.zips.Zips.read_member", None)
        assert counts(draw(drawn)) == (0, PEOPLE, 0)
    photo = small.image_dir / small.entries[0]["imageName"]
    photo.write_bytes(photo.read_bytes() + b"\0")
    pack_zip(small, place)
    again = sum(entry["imageName"] == small.entries[0]["imageName"] for entry in small.entries)
    assert counts(draw(drawn)) == (again, PEOPLE - again, 0)


def test_a_photo_that_is_missing_or_damaged_costs_its_own_sheets(draw, small, out, tmp_path):
    names = list(dict.fromkeys(entry["imageName"] for entry in small.entries))
    (small.image_dir / names[0]).unlink()
    place = pack_zip(small, tmp_path / "a.zip")
    content = bytearray(place.read_bytes())
    with zipfile.ZipFile(place) as archive:
        start = archive.getinfo(f"train2014/{names[1]}").header_offset
    content[start + 300 : start + 310] = bytes(10)
    place.write_bytes(content)
    lost = sum(entry["imageName"] in names[:2] for entry in small.entries)
    assert counts(draw(f"dataset.image_dir={place}")) == (PEOPLE - lost, 0, lost)
    reasons = (out / "failures.csv").read_text()
    assert f"{place}/{names[0]}: there is no such photo" in reasons
    assert f"{place}/train2014/{names[1]}: expected a whole zip, found that its content" in reasons
