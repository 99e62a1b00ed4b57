"""What merging says, where single numbers and ranges are easily mistaken."""

import logging

import pytest

from render.files.digest import FileId
from render.record import merge
from render.record.manifest import Record


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
        file = FileId(1, "0")
        self._records = [Record(str(i), (i,), file, one, "", None, None) for i, one in enumerate(settings)]

    def list_shard_records(self) -> list[Record]:
        return self._records

    def is_missing(self, sheet: str) -> bool:
        return False


@pytest.mark.parametrize(("settings", "warns"), [(["a", "a"], False), (["a", "b"], True)])
def test_shards_of_two_settings_are_warned_of(caplog, settings, warns):
    with caplog.at_level(logging.WARNING, logger="render"):
        merge._check_sheets(None, Ledger(settings))
    assert ("of different settings" in caplog.text) is warns
