"""All files of an audit, and what is there without the packages that only some of them need."""

import csv
import logging

import pyarrow.parquet as pq
import pytest

from render.files.output_dir import OutputDir
from render.review import plots
from render.review.audit import write
from render.review.audit.write import AUDIT_CSV, AUDIT_PARQUET, write_audit
from tests.helpers.audits import make_audit

VALUES = make_audit(12, {"reprojection": [k / 8 for k in range(12)], "limbs_m": [1 + k for k in range(12)]})


@pytest.fixture
def without(monkeypatch):
    monkeypatch.setattr(write, "can_write_parquet", lambda: False)
    monkeypatch.setattr(plots, "can_plot", lambda: False)


def test_all_files_have_the_same_columns(tmp_path):
    names = write_audit(OutputDir(tmp_path), VALUES)
    assert sorted(names) == sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == 5
    (header, *lines) = csv.reader((tmp_path / AUDIT_CSV).open())
    table = pq.read_table(tmp_path / AUDIT_PARQUET)
    assert table.column_names == header
    # Of those that are compared, the comparison too.
    assert header[header.index("limbs_m") + 1] == "limbs_m_z"
    assert len(lines) == table.num_rows == 12
    for name in ("reprojection", "limbs_m_z"):
        assert table[name].to_pylist() == [float(line[header.index(name)]) for line in lines]


def test_without_the_packages_the_table_is_written_and_nothing_old_stays(tmp_path, caplog, without):
    for name in (AUDIT_PARQUET, "audit.png", "audit.pdf"):
        (tmp_path / name).write_bytes(b"of an earlier run")
    with caplog.at_level(logging.WARNING, "render"):
        names = write_audit(OutputDir(tmp_path), VALUES)
    assert sorted(names) == sorted(path.name for path in tmp_path.iterdir()) == [AUDIT_CSV, "audit.json"]
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    for line in said:
        assert "pip install 'smpl-render[audit]'" in line
