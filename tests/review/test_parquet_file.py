"""Tables as Parquet, read back by PyArrow."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from render.errors import OutputError
from render.files.growing_file import GrowingFile
from render.files.output_dir import OutputDir
from render.review import parquet_file
from render.review.measure import Column
from render.review.parquet_file import write_parquet
from tests.helpers.audits import make_values

COLUMNS = (
    Column("people", "How many.", digits=0),
    Column("error", "How far.", "px", "high"),
    Column("body", "Which.", digits=0, choices=("male", "female")),
)
VALUES = make_values(
    COLUMNS,
    [[2, np.nan, 12345678901], [0.125, np.nan, -3], [1, np.nan, 7]],
    ["a.jpg", "=b\u202e.jpg", "c\udcff.jpg"],
)


def test_numbers_have_their_types_and_what_is_not_known_is_null(tmp_path, monkeypatch):
    # In pieces of two rows.
    monkeypatch.setattr(parquet_file, "_AT_ONCE", 2)
    write_parquet(OutputDir(tmp_path), "a.parquet", VALUES)
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.to_pydict() == {
        "row": [3, 4, 5],
        "image": ["a.jpg", "=b\u202e.jpg", "c\\udcff.jpg"],
        "people": [2, None, 12345678901],
        "error": [0.125, None, -3.0],
        # There is no eighth choice.
        "body": ["female", None, None],
    }
    assert table.schema.types[1:4] == [pa.string(), pa.int64(), pa.float64()]
    assert pa.types.is_dictionary(table.schema.field("body").type)
    assert table.schema.field("error").metadata == {b"unit": b"px", b"about": b"How far.", b"worst": b"high"}
    assert pq.ParquetFile(tmp_path / "a.parquet").num_row_groups == 2


def test_the_same_numbers_give_the_same_bytes_and_nobody_a_table(tmp_path):
    output = OutputDir(tmp_path)
    for name in ("a.parquet", "b.parquet"):
        write_parquet(output, name, VALUES)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    write_parquet(output, "none.parquet", make_values(COLUMNS, [[], [], []]))
    assert pq.read_table(tmp_path / "none.parquet").num_rows == 0


def test_a_file_that_cannot_be_written_is_not_there(tmp_path, monkeypatch):
    def fail(self, data):
        raise OutputError("the disk is full")

    monkeypatch.setattr(GrowingFile, "write", fail)
    with pytest.raises(OutputError, match="the disk is full"):
        write_parquet(OutputDir(tmp_path), "a.parquet", VALUES)
    assert list(tmp_path.iterdir()) == []
