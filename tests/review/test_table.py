"""Numbers on their way through the manifest: rounded, packed, gathered."""

import numpy as np
import pytest

from render.record.records import Record, format_record, parse_record
from render.review.measure import Column
from render.review.table import Table, gather_values
from render.types.products import Measured

TABLE = Table("audit", (Column("first", "", digits=1), Column("second", "", digits=0)))


def describe(rows: tuple[int, ...], values: list[list[float]], table: Table = TABLE) -> Record:
    measured = table.pack("a.jpg", np.array(values, np.float64))
    return Record("a_0", rows, (), "s", "p", None, None, measured)


def test_numbers_come_through_the_manifest_rounded_as_their_columns():
    record = describe((3, 5), [[1.26, np.nan], [-0.04, np.inf]])
    line = format_record(record)
    assert '"values": [[1.3, null], [0.0, null]]' in line
    assert parse_record(line.encode()) == record
    values = gather_values(TABLE, [(record.rows, record.measured)])
    assert values.row.tolist() == [3, 5]
    assert values.image == ["a.jpg", "a.jpg"]
    np.testing.assert_array_equal(values.take("first"), [1.3, 0.0])
    assert np.isnan(values.take("second")).all()


def test_tables_of_other_columns_are_passed_over():
    other = Table("audit", (Column("first", ""), Column("third", "")))
    listed = [((1,), other.pack("b.jpg", np.ones((1, 2))))]
    assert len(gather_values(TABLE, listed)) == 0


def test_of_a_row_that_was_measured_twice_the_one_beside_most_others_counts():
    alone, together = describe((4,), [[1, 1]]), describe((3, 4), [[2, 2], [3, 3]])
    values = gather_values(TABLE, [(one.rows, one.measured) for one in (alone, together)])
    assert values.row.tolist() == [3, 4]
    assert values.take("first").tolist() == [2, 3]


@pytest.mark.parametrize(
    "measured",
    [
        {"table": "t", "image": "i", "values": []},
        {"table": "t", "image": "i", "values": [[1], [2]]},
        {"table": "t", "image": "i", "values": [["1"]]},
        {"table": "t", "image": "i", "values": [[True]]},
        {"table": "t", "image": "i", "values": [[10**400]]},
        {"table": "t", "image": "i", "values": [[1] * 2000]},
        {"table": 3, "image": "i", "values": [[1]]},
        {"table": "t", "image": "i"},
        [],
    ],
    ids=lambda measured: str(measured)[:60],
)
def test_a_line_of_something_else_is_no_record(measured):
    import json

    good = json.loads(format_record(describe((3,), [[1, 2]])))
    assert parse_record(json.dumps(good).encode()) is not None
    assert parse_record(json.dumps(good | {"measured": measured}).encode()) is None


def test_a_record_without_files_has_measured_something():
    record = Record("a_0", (1,), (), "s", "p", None, None, Measured("t", "i", b"\0" * 8))
    assert parse_record(format_record(record).encode()) == record
    without = Record("a_0", (1,), (), "s", "p", None, None)
    assert parse_record(format_record(without).encode()) is None


def test_columns_that_nobody_has_a_number_in_are_left_out():
    values = gather_values(TABLE, [((1, 2), describe((1, 2), [[1, np.nan], [np.nan, np.nan]]).measured)])
    left = values.leave_out_empty()
    assert [column.name for column in left.table.columns] == ["first"]
    np.testing.assert_array_equal(left.take("first"), [1, np.nan])
