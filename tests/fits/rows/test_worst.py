"""The worst people of an audit."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.errors import ConfigError
from render.files.cells import spell_cell
from render.fits.rows import worst
from render.fits.rows.samples import select_samples
from render.types.fits import RowProblem
from tests.helpers.fit_tables import make_table

NAMES = ["a.jpg", "=b, c.jpg", 'd".jpg', "\udcff.jpg", "漢.jpg", "f.jpg"]
# Entry 2 is no valid fit.
ROWS = [0, 1, 3, 4, 5, 6]
FITS = make_table(6, row=np.array(ROWS), image_name=np.array(NAMES, object))
PROBLEMS = [RowProblem(2, "a.jpg", "no fit")]
COLUMNS = {"miss": "high", "pck": "low", "people": ""}
NUMBERS = {"miss": ["1.5", "", "7", "7", "nan", "0"], "pck": ["0.2", "0.1", "", "0.1", "0.9", "1"]}


def write(
    folder: Path,
    numbers: dict[str, list[str]] = NUMBERS,
    columns: dict[str, str] = COLUMNS,
    job: str = "audit",
) -> Path:
    folder.mkdir(exist_ok=True)
    listed = [{"name": name, "unit": "", "about": "", "worst": end} for name, end in columns.items()]
    (folder / f"{job}.json").write_text(json.dumps({"version": 1, "columns": listed}))
    lines = [",".join(["row", "image", *columns])]
    for k, (row, name) in enumerate(zip(ROWS, NAMES, strict=True)):
        cell = spell_cell(name).replace('"', '""')
        lines.append(",".join([str(row), f'"{cell}"', *(numbers.get(one, ["1"] * 6)[k] for one in columns)]))
    (folder / f"{job}.csv").write_bytes("\r\n".join([*lines, ""]).encode(errors="backslashreplace"))
    return folder


def select(samples: str, folder: Path | str = "nowhere") -> list[int]:
    fits, _ = select_samples(FITS, PROBLEMS, samples, str(folder))
    return fits.row.tolist()


@pytest.mark.parametrize(
    ("samples", "rows"),
    [
        # Of equal ones the first; and what is not known is not bad.
        ("worst:1:miss", [3]),
        ("worst:2:miss", [3, 4]),
        ("worst:3:miss", [0, 3, 4]),
        ("worst:99:miss", [0, 3, 4, 6]),
        ("worst:1:pck", [1]),
        ("worst:3:pck", [0, 1, 4]),
        ("worst:1:pck, worst:1:miss, 6", [1, 3, 6]),
    ],
)
def test_the_worst_are_at_the_bad_end(samples, rows, tmp_path):
    assert select(samples, write(tmp_path)) == rows
    assert select(samples.replace(",", f":{tmp_path},") + f":{tmp_path}" * ("6" not in samples[-1:])) == rows


def test_a_comparison_is_a_table_too(tmp_path):
    folder = write(tmp_path, {"gain": ["0.1", "0.3", "", "0.2", "0", "0"]}, {"gain": "high"}, "compare")
    assert select(f"worst:2:gain:{folder}") == [1, 4]
    with pytest.raises(ConfigError, match="the comparison has no such column; there are gain"):
        select(f"worst:2:miss:{folder}")
    (folder / "compare.csv").write_text("row,image,gain\r\n0,b.jpg,1\r\n")
    with pytest.raises(ConfigError, match="make the comparison again with job=compare"):
        select(f"worst:2:gain:{folder}")


@given(
    st.lists(st.sampled_from(["", "0", "1", "-2", "3.5", "nan"]), min_size=6, max_size=6), st.integers(1, 7)
)
def test_no_other_is_worse(tmp_path_factory, cells, count):
    known = {row: float(cell) for row, cell in zip(ROWS, cells, strict=True) if cell not in ("", "nan")}
    folder = write(tmp_path_factory.getbasetemp() / "audit", {"miss": cells})
    if not known:
        with pytest.raises(ConfigError, match="knows no number of this column"):
            select(f"worst:{count}:miss", folder)
        return
    taken = select(f"worst:{count}:miss", folder)
    assert len(taken) == min(count, len(known))
    left = set(known) - set(taken)
    assert all((-known[one], one) < (-known[other], other) for one in taken for other in left)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("mis", "the audit has no such column; did you mean miss? there are miss, pck"),
        ("zzz", "the audit has no such column; there are miss, pck"),
        ("people", "neither end of this column is bad; there are miss, pck"),
    ],
)
def test_columns_that_have_no_worst_are_refused(column, message, tmp_path):
    with pytest.raises(ConfigError) as caught:
        select(f"worst:3:{column}", write(tmp_path))
    assert f"'worst:3:{column}': {message}" in str(caught.value)


def test_an_audit_at_a_url_is_refused_without_saying_the_password(tmp_path):
    with pytest.raises(ConfigError, match=r"'worst:3:miss:s3://...@bucket': .* found a URL") as caught:
        select("worst:3:miss:s3://name:password@bucket", write(tmp_path))
    assert "password" not in str(caught.value)


def test_a_message_names_only_the_first_of_many_columns(tmp_path):
    folder = write(tmp_path, columns={f"c{k}": "high" for k in range(50)})
    with pytest.raises(ConfigError, match=r"there are c0, .*, c39 and 10 more, in .*audit\.json$"):
        select("worst:3:miss", folder)


def test_an_audit_of_other_fits_is_refused(tmp_path):
    folder = write(tmp_path)
    good = (folder / "audit.csv").read_bytes()
    for before, after, message in (
        (
            b'"f.jpg',
            b'"g.jpg',
            r"line 7: row 6 is of 'g\.jpg', which the fit file .* there it is of 'f\.jpg'",
        ),
        (b"\r\n6,", b"\r\n2,", "line 7: row 2 is of .*: there is no such valid fit there"),
        (b"\r\n6,", b"\r\n99,", "line 7: row 99 is .*: there is no such valid fit there"),
    ):
        (folder / "audit.csv").write_bytes(good.replace(before, after))
        with pytest.raises(ConfigError, match=f"{message}; make the audit again with job=audit"):
            select("worst:3:miss", folder)


HOSTILE = {
    "no columns": (b"", b"{}", "tells of no columns with a bad end"),
    "a list": (b"", b"[1, 2]", "tells of no columns"),
    "columns of nothing": (b"", b'{"columns": [1, null, {"name": 3, "worst": []}]}', "tells of no columns"),
    "no JSON": (b"", b"<html>", "audit.json is damaged"),
    "deep": (b"", b"[" * 100_000, "audit.json is damaged"),
    "an empty table": (b"", None, "does not have the columns row, image and miss"),
    "another table": (b"row,miss\n1,2\n", None, "does not have the columns"),
    "a picture": (b"\xff\xd8\xff", None, "audit.csv is damaged"),
    "zero bytes": (b"row,image,miss\r\n0,\0,1\r\n", None, "row 0 is of|damaged"),
    "few cells": (b"row,image,miss\r\n0,a.jpg\r\n", None, "line 2: expected 3 cells, a row first"),
    "no row": (b"row,image,miss\r\n-1,a.jpg,3\r\n", None, "line 2: expected 3 cells, a row first"),
    "a word": (b"row,image,miss\r\n0,a.jpg,left\r\n", None, "line 2: expected a number, found 'left'"),
    "an open quote": (b'row,image,miss\r\n0,"' + b"a,\n" * 99_999, None, "audit.csv is damaged"),
    "one long line": (b"row,image,miss\r\n" + b"9" * (2 << 20), None, "damaged .a line is too long"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_damaged_audits(name, tmp_path):
    write(tmp_path)
    table, told, message = HOSTILE[name]
    (tmp_path / "audit.csv").write_bytes(table)
    if told is not None:
        (tmp_path / "audit.json").write_bytes(told)
    with pytest.raises(ConfigError, match=f"^samples: 'worst:3:miss': .*{message}"):
        select("worst:3:miss", tmp_path)


def test_audits_that_cannot_be_read(tmp_path, monkeypatch):
    write(tmp_path)
    monkeypatch.setattr(worst, "MOST_BYTES", 10)
    with pytest.raises(ConfigError, match="has more than"):
        select("worst:3:miss", tmp_path)
    (tmp_path / "audit.csv").unlink()
    with pytest.raises(ConfigError, match=r"audit.csv cannot be read \(No such file"):
        select("worst:3:miss", tmp_path)
