"""What merging says, where single numbers and ranges are easily mistaken."""

import logging

import pytest

from render.record import merge
from render.record.records import Record
from render.types.products import ProductFile
from tests.helpers.commands import call


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([3], "3"),
        ([1, 2], "1 to 2"),
        ([1, 2, 3, 5], "1 to 3, 5"),
        ([1, 3, 4, 9, 10, 11], "1, 3 to 4, 9 to 11"),
    ],
)
def test_shards_that_are_missing_are_named_by_ranges(numbers, said):
    assert merge._name_ranges(numbers) == said


class Ledger:
    """A ledger of whole sheets."""

    def __init__(self, settings: list[str]) -> None:
        files = (ProductFile("0", 1, "0"),)
        self._records = [Record(str(i), (i,), files, one, "", None, None) for i, one in enumerate(settings)]

    def list_shard_records(self) -> list[Record]:
        return self._records

    def is_missing(self, product: str) -> bool:
        return False


@pytest.mark.parametrize(("settings", "warns"), [(["a", "a"], False), (["a", "b"], True)])
def test_shards_of_two_settings_are_warned_of(caplog, settings, warns):
    with caplog.at_level(logging.WARNING, logger="render"):
        merge._check_sheets(None, Ledger(settings))
    assert ("of different settings" in caplog.text) is warns


@pytest.mark.parametrize("word", ["~/a b", "output.dir=~/a b", "output.dir='~/a b'", 'output.dir="~/a b"'])
def test_the_folder_may_be_written_as_the_setting_is(monkeypatch, tmp_path, word):
    monkeypatch.setenv("HOME", str(tmp_path))
    done = call("merge", word)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"ERROR: {tmp_path}/a b: expected the manifests of shards")
