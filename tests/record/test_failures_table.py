"""The table of failures: what is read is what was written, and no cell is a formula."""

import csv

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.errors import OutputError
from render.files.output_dir import OutputDir
from render.files.readable_dir import ReadableDir
from render.record.failures import read_failures, write_failures

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5) | st.builds(
    "{}{}".format, st.text("'=+-@\t\r\n", max_size=3), st.text("'=1,\"", max_size=3)
)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1.jpg", "'=1+1.jpg"),
        ('=HYPERLINK("http://a","b")', '\'=HYPERLINK("http://a","b")'),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("\uff1d1", "'\uff1d1"),
        ("'=1", "''=1"),
        ("''-1", "'''-1"),
        ("a=1", "a=1"),
        ("'a", "'a"),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula(tmp_path, text, cell):
    rows = [("failed", 7, text, text), ("failed", 8, "a.jpg", "b")]
    write_failures(OutputDir(tmp_path), "failures.csv", rows)
    with (tmp_path / "failures.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file))[1] == ["failed", "7", cell, cell]
    assert read_failures(ReadableDir(tmp_path), "failures.csv") == rows


@settings(max_examples=60, deadline=None)
@given(image=TEXTS, reason=TEXTS)
def test_what_is_read_is_what_was_written(tmp_path_factory, image, reason):
    folder = tmp_path_factory.getbasetemp() / "table"
    rows = [("skipped", 3, image, reason)]
    for _ in range(2):
        write_failures(OutputDir(folder), "failures.csv", rows)
        assert read_failures(ReadableDir(folder), "failures.csv") == rows
    with (folder / "failures.csv").open(newline="", encoding="utf-8") as file:
        cells = list(csv.reader(file))[1][2:]
    assert not any(cell.startswith(tuple("=+-@\t\r\n")) for cell in cells)


@pytest.mark.parametrize(
    "row", ["9" * 5000, "9" * 19, "-1", "+1", "'1", "1.0", "1e3", " 1", "\u0661", "", "nan"]
)
def test_rows_that_are_no_numbers_are_refused(tmp_path, row):
    path = tmp_path / "failures.1of2.csv"
    path.write_text(f"outcome,row,image,reason\nfailed,{row},a.jpg,gone\n")
    with pytest.raises(OutputError, match=rf"{path}: expected the columns .* Run this shard again"):
        read_failures(ReadableDir(path.parent), path.name)


def test_a_long_cell_is_read(tmp_path):
    rows = [("failed", 1, "a.jpg", "x" * 200_000)]
    write_failures(OutputDir(tmp_path), "failures.csv", rows)
    assert read_failures(ReadableDir(tmp_path), "failures.csv") == rows


def test_a_path_that_is_no_text_is_written_all_the_same(tmp_path):
    """Of a folder whose name is not UTF-8."""
    write_failures(OutputDir(tmp_path), "failures.csv", [("failed", 1, "a.jpg", "/\udce9/a.jpg: gone")])
    assert read_failures(ReadableDir(tmp_path), "failures.csv") == [
        ("failed", 1, "a.jpg", r"/\udce9/a.jpg: gone")
    ]
