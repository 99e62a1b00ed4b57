"""Lines of records: of one file they are what they always were, and whatever one says is no error."""

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.record.records import (
    PhotoId,
    Record,
    format_begun,
    format_record,
    parse_begun,
    parse_record,
)
from render.types.products import MOST_FILES, Measured, ProductFile

HASHES = ("ab...", "cd...", "ef...")
# As version 0.2.0 wrote it.
LINE = (
    '{"sheet": "part0/demo_000001_3.jpg", "rows": [3], "file": {"bytes": 71, "sha256": "ab..."}, '
    '"settings": "cd...", "people": "ef...", "photo": {"name": "part0/demo_000001.jpg", "bytes": 9, '
    '"sha256": "ab...", "modified_ns": 1500000000123456789}, "damage": null}\n'
)
NAME = "part0/demo_000001_3.jpg"
PHOTO = PhotoId("part0/demo_000001.jpg", 9, HASHES[0], 1_500_000_000_123_456_789)
OF_ONE = Record(NAME, (3,), (ProductFile(NAME, 71, HASHES[0]),), *HASHES[1:], PHOTO, None)
FILES = (ProductFile("a/b_3.iuv.png", 71, HASHES[0]), ProductFile("a/b_3.json", 0, HASHES[1]))
OF_SEVERAL = Record("a/b_3", (3, 4), FILES, *HASHES[1:], None, "cut off")


def test_a_line_of_one_file_is_what_it_was_before_there_were_others():
    assert format_record(OF_ONE) == LINE
    assert parse_record(LINE.encode()) == OF_ONE


@pytest.mark.parametrize("record", [OF_ONE, OF_SEVERAL])
def test_what_is_written_is_read_again(record):
    assert parse_record(format_record(record).encode()) == record


MEASURED = Record(
    "a/b_3",
    (3,),
    (),
    *HASHES[1:],
    None,
    None,
    Measured("audit-1a2b3c4d", "a.jpg", struct.pack("<2d", 1, 2.5)),
)


def test_what_was_measured_is_read_again():
    assert parse_record(format_record(MEASURED).encode()) == MEASURED


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("2.5", "Infinity"),
        ("2.5", "-Infinity"),
        ("2.5", "NaN"),
        ("2.5", "1e999"),
        ("2.5", "1" + "0" * 400),
        ("[3]", "[9223372036854775808]"),
        ("[3]", "[-1]"),
    ],
)
def test_numbers_that_no_table_can_hold_are_no_record(written, instead):
    line = format_record(MEASURED)
    assert written in line
    assert parse_record(line.replace(written, instead).encode()) is None


def test_the_line_of_a_product_that_is_begun_is_no_record():
    line = format_begun("a/b_3", ["a/b_3.iuv.png", "a/b_3.json"]).encode()
    assert parse_record(line) is None
    assert parse_begun(line) == ("a/b_3", ["a/b_3.iuv.png", "a/b_3.json"])
    assert parse_begun(LINE.encode()) is None


def list_changes() -> list[dict]:
    file = json.loads(format_record(OF_SEVERAL))["files"][0]
    many = [{**file, "name": f"a/b_3.{number}.obj"} for number in range(MOST_FILES + 1)]
    return [
        {"product": "a/b"},
        {"product": "../a/b_3"},
        {"product": None},
        {"product": ""},
        {"sheet": "a/b_3.jpg"},
        {"files": []},
        {"files": None},
        {"files": {}},
        {"files": "a/b_3.json"},
        {"files": [file, file]},
        {"files": [[file]]},
        {"files": many},
        *(
            {"files": [file | change]}
            for change in (
                {"name": "a/c_3.json"},
                {"name": "a/b_3"},
                {"name": "a/b_3.x/../../../c"},
                {"name": "a/b_3.\ud800"},
                {"name": "a/b_3." + "x" * 300},
                {"name": 7},
                {"bytes": True},
                {"bytes": "71"},
                {"bytes": None},
                {"sha256": 7},
                {"more": 1},
            )
        ),
        {"files": [{"name": "a/b_3.json", "bytes": 1}]},
    ]


@pytest.mark.parametrize("change", list_changes(), ids=lambda change: str(change)[:60])
def test_what_is_no_product_is_no_record(change):
    line = json.loads(format_record(OF_SEVERAL)) | change
    assert parse_record(json.dumps(line).encode()) is None


KEYS = st.sampled_from(["product", "begun", "files", "rows", "photo", "sheet", "file"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner),
)


@given(st.binary(max_size=200) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_whatever_a_line_says_is_no_error(line):
    parse_record(line)
    parse_begun(line)
