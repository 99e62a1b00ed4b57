"""Products of several files: what hinders one of them leaves none, or what was there before."""

import errno
import os

import pytest

from render.errors import OutputError, SheetError
from render.files import output_dir as atomic
from render.files.digest import hash_bytes
from render.files.output_dir import OutputDir
from render.files.placing import write_new
from render.types.products import MOST_FILES, ProductFile
from render.write.products import ProductWriter
from tests.helpers.folders import files_below

OLD = {".iuv.png": b"old iuv", ".json": b"old"}
NEW = {".iuv.png": b"iuv", ".json": memoryview(b"{}")}


@pytest.fixture
def writer(tmp_path) -> ProductWriter:
    return ProductWriter(OutputDir(tmp_path))


def test_all_files_have_their_names_and_are_known_by_their_contents(writer, tmp_path):
    assert writer.write("a/b_3", NEW) == (
        ProductFile("a/b_3.iuv.png", 3, hash_bytes(b"iuv")),
        ProductFile("a/b_3.json", 2, hash_bytes(b"{}")),
    )
    assert files_below(tmp_path) == {"a/b_3.iuv.png": b"iuv", "a/b_3.json": b"{}"}


def test_a_product_is_begun_before_it_changes_anything(tmp_path):
    found = []

    def begin(key: str, names: list[str]) -> None:
        there = [name for name in names if (tmp_path / name).exists()]
        found.append((key, names, {name: (tmp_path / name).read_bytes() for name in there}))

    writer = ProductWriter(OutputDir(tmp_path), begin)
    ProductWriter(OutputDir(tmp_path)).write("a/b_3", OLD)
    writer.write("a/b_3", NEW)
    writer.write("a/c_4", {".jpg": b"one"})
    names = ["a/b_3.iuv.png", "a/b_3.json"]
    assert found == [
        ("a/b_3", names, dict(zip(names, OLD.values(), strict=True))),
        # One of a file alone is called as that is.
        ("a/c_4.jpg", ["a/c_4.jpg"], {}),
    ]


def test_a_product_that_cannot_be_begun_leaves_what_was_there(writer, tmp_path):
    def fail(*_):
        raise OutputError("the journal is full")

    writer.write("b_3", OLD)
    with pytest.raises(OutputError, match="journal"):
        ProductWriter(OutputDir(tmp_path), fail).write("b_3", NEW)
    assert files_below(tmp_path) == {"b_3.iuv.png": b"old iuv", "b_3.json": b"old"}


def fail_at(monkeypatch, name: str, number: int, code: int = errno.ENOSPC) -> None:
    """The call of this number of a function of the system is refused, and those after it."""
    call, left = getattr(os, name), number

    def refuse(*args):
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(code, os.strerror(code))
        return call(*args)

    monkeypatch.setattr(atomic.os, name, refuse)


@pytest.mark.parametrize("number", [0, 1])
def test_a_file_that_cannot_take_its_name_takes_the_others_with_it(writer, tmp_path, monkeypatch, number):
    with monkeypatch.context() as patched:
        fail_at(patched, "replace", number)
        with pytest.raises(OutputError, match=r"b_3\..*: cannot be written: the disk or the quota"):
            writer.write("b_3", NEW)
    assert files_below(tmp_path) == {}


def test_a_disk_that_is_full_half_way_through_leaves_what_was_there(writer, tmp_path, monkeypatch):
    writer.write("b_3", OLD)
    calls = []

    def write_full(path, data):
        calls.append(path)
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write_new(path, data)

    monkeypatch.setattr(atomic, "write_new", write_full)
    with pytest.raises(OutputError, match=r"b_3\.json: cannot be written: the disk or the quota is full"):
        writer.write("b_3", NEW)
    assert len(calls) == 2
    assert files_below(tmp_path) == {"b_3.iuv.png": b"old iuv", "b_3.json": b"old"}


def test_a_name_that_is_too_long_for_one_file_alone_costs_its_own_product(writer, tmp_path):
    key = "x" * 249
    with pytest.raises(SheetError, match="the path is too long"):
        writer.write(key, {".json": b"{}", ".iuv.png": b"iuv"})
    assert files_below(tmp_path) == {}
    writer.write(key, {".json": b"{}"})


def test_a_folder_in_the_way_of_one_file_leaves_what_was_there(writer, tmp_path):
    writer.write("b_3", {".iuv.png": b"old iuv"})
    (tmp_path / "b_3.json").mkdir()
    with pytest.raises(OutputError, match=r"b_3\.json: cannot be written: a folder of that name"):
        writer.write("b_3", NEW)
    assert files_below(tmp_path) == {"b_3.iuv.png": b"old iuv"}


def test_a_folder_that_comes_into_the_way_at_the_last_moment_leaves_nothing(tmp_path):
    writer = ProductWriter(OutputDir(tmp_path), lambda *_: (tmp_path / "b_3.json").mkdir())
    with pytest.raises(OutputError, match=r"b_3\.json: cannot be written: a folder of that name"):
        writer.write("b_3", NEW)
    assert files_below(tmp_path) == {}


def test_a_link_in_the_place_of_one_file_is_replaced_not_followed(writer, tmp_path):
    (tmp_path / "mine").write_bytes(b"keep")
    (tmp_path / "b_3.json").symlink_to("mine")
    writer.write("b_3", NEW)
    assert not (tmp_path / "b_3.json").is_symlink()
    assert files_below(tmp_path) == {"mine": b"keep", "b_3.iuv.png": b"iuv", "b_3.json": b"{}"}


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path):
    folder, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    elsewhere.mkdir()
    writer = ProductWriter(OutputDir(folder))
    (folder / "a").symlink_to(elsewhere)
    with pytest.raises(OutputError, match="expected a place below"):
        writer.write("a/b_3", NEW)
    assert files_below(elsewhere) == {}


def test_a_folder_that_is_removed_meanwhile_is_made_again(writer, tmp_path):
    writer.write("a/b_3", OLD)
    for path in (tmp_path / "a").iterdir():
        path.unlink()
    (tmp_path / "a").rmdir()
    writer.write("a/b_3", NEW)
    assert files_below(tmp_path) == {"a/b_3.iuv.png": b"iuv", "a/b_3.json": b"{}"}


def test_an_interrupt_between_two_names_leaves_nothing(writer, tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic.os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        writer.write("b_3", NEW)
    assert files_below(tmp_path) == {}


def test_more_files_than_a_record_can_list_are_refused(writer, tmp_path):
    files = {f".{number}.obj": b"" for number in range(MOST_FILES + 1)}
    with pytest.raises(SheetError, match=r"expected at most 1000 files of a product, found 1001\."):
        writer.write("a", files)
    assert files_below(tmp_path) == {}
    files.popitem()
    assert len(writer.write("a", files)) == len(files_below(tmp_path)) == MOST_FILES
