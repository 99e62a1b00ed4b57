"""What becomes of numbers in manifests that anybody may have written."""

import csv

import numpy as np

from render.files.output_dir import OutputDir
from render.record.records import Record
from render.record.whole.review_files import write_review_files
from render.review.audit import write
from render.review.measure import Column
from render.review.table import Table, make_audit_table


def describe(row: int, table: Table) -> Record:
    measured = table.pack("a.jpg", np.ones((1, len(table.columns))))
    return Record(f"a_{row}", (row,), (), "s", "p", None, None, measured)


def test_whoever_is_missing_in_the_tables_is_told(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(write, "write_plots", lambda *_: [])
    other = Table("audit", (Column("first", ""),))
    records = [describe(3, make_audit_table()), describe(4, other)]
    write_review_files(OutputDir(tmp_path), records[:1], {"s"})
    assert "of no table" not in caplog.text
    write_review_files(OutputDir(tmp_path), records, {"s"})
    assert "the numbers of 1 people in the manifests of" in caplog.text
    with (tmp_path / "audit.csv").open(newline="") as file:
        assert [line["row"] for line in csv.DictReader(file)] == ["3"]
