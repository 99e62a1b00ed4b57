"""Pipes, sockets and devices with the names of records: named and refused, and never waited for."""

import pytest

from render.errors import OutputError
from render.files.output_dir import OutputDir
from render.files.readable_dir import ReadableDir
from render.record.failures import failures_name, read_failures, write_failures
from render.record.ledger import Ledger
from render.record.manifest import journal_name, manifest_name
from render.record.merge import merge_shards
from render.record.records import Record
from render.write.products import ProductWriter
from tests.helpers.in_the_way import IRREGULAR, limit_seconds, make_pipe

LOOKS = r"(a pipe, a socket or a device|a symbolic link) is in the way\. Remove it"


def write_shard(folder, number):
    """A shard of one sheet and one failure."""
    tag, output = f"{number}of2", OutputDir(folder)
    ledger = Ledger(output, tag)
    files = ProductWriter(output).write(f"{number}", {".jpg": f"sheet {number}".encode()})
    ledger.add(Record(f"{number}.jpg", (number,), files, "s", "p", None, None))
    write_failures(output, failures_name(tag), [("failed", 10 + number, "a.jpg", "gone")])
    ledger.close(is_finished=True, takes_shards=False)


@pytest.fixture
def shards(tmp_path):
    folder = tmp_path / "out"
    for number in (1, 2):
        write_shard(folder, number)
    return folder


NAMES = (
    manifest_name("1of2"),
    manifest_name(""),
    journal_name(""),
    failures_name("1of2"),
    ".probe",
)


@pytest.mark.parametrize("make", IRREGULAR)
@pytest.mark.parametrize("name", NAMES)
def test_merging_names_what_is_in_the_way(shards, name, make):
    (shards / name).unlink(missing_ok=True)
    make(shards / name)
    with limit_seconds(), pytest.raises(OutputError, match=LOOKS) as caught:
        merge_shards(shards)
    assert str(caught.value).startswith(f"{shards if name == '.probe' else shards / name}: ")


@pytest.mark.parametrize("make", IRREGULAR)
@pytest.mark.parametrize("name", [manifest_name("1of2"), journal_name("1of2"), journal_name("")])
def test_a_shard_names_what_is_in_the_way(shards, name, make):
    (shards / name).unlink(missing_ok=True)
    make(shards / name)
    with limit_seconds(), pytest.raises(OutputError, match=rf"{name}.*{LOOKS}"):
        Ledger(OutputDir(shards), "1of2")


def test_a_journal_of_a_shard_that_is_a_pipe_is_of_one_that_has_not_ended(shards):
    make_pipe(shards / journal_name("2of2"))
    with limit_seconds(), pytest.raises(OutputError, match=r"these have not: 2\. "):
        merge_shards(shards)


@pytest.mark.parametrize("make", IRREGULAR)
def test_what_has_the_name_of_the_failures_of_all_is_replaced(shards, make):
    make(shards / "failures.csv")
    with limit_seconds():
        assert merge_shards(shards) == 2
    assert read_failures(ReadableDir(shards), "failures.csv") == [
        ("failed", 11, "a.jpg", "gone"),
        ("failed", 12, "a.jpg", "gone"),
    ]


def test_temporary_files_that_are_pipes_are_removed(shards):
    make_pipe(shards / ".1of2.0123456789abcdef.tmp")
    with limit_seconds():
        OutputDir(shards).remove_temporaries(["1of2"])
    assert not list(shards.glob("*.tmp"))
