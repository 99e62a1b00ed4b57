"""The manifest: what it tells of, and that whatever is in one is no error."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from render.errors import OutputError
from render.files.output_dir import OutputDir
from render.files.readable_dir import ReadableDir
from render.record.ledger import Ledger
from render.record.manifest import read_records
from render.record.records import Record, format_record
from render.types.products import ProductFile
from tests.helpers.folders import files_below, sheets_below
from tests.helpers.manifests import (
    PEOPLE,
    PHOTO_ROWS,
    counts,
    delete,
    drawn,
    empty,
    read_manifest,
    rows_of,
    sha256,
    sheet,
)
from tests.helpers.runs import run
from tests.helpers.small_set import make_small_set

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow


def test_the_manifest_tells_of_every_sheet_in_the_order_of_the_file(small, draw, out):
    draw()
    entries = read_manifest(out)
    assert [entry["rows"] for entry in entries] == [[row] for row in range(PEOPLE)]
    assert {entry["sheet"] for entry in entries} == set(sheets_below(out))
    for entry, fit in zip(entries, small.entries, strict=True):
        assert list(entry) == ["sheet", "rows", "file", "settings", "people", "photo", "damage"]
        assert entry["file"] == {
            "bytes": (out / entry["sheet"]).stat().st_size,
            "sha256": sha256(out / entry["sheet"]),
        }
        path = small.image_dir / fit["imageName"]
        assert entry["photo"] == {
            "name": fit["imageName"],
            "bytes": path.stat().st_size,
            "sha256": sha256(path),
            "modified_ns": path.stat().st_mtime_ns,
        }
        assert entry["damage"] is None
        assert all(len(bytes.fromhex(entry[key])) == 32 for key in ("settings", "people"))
    assert len({entry["settings"] for entry in entries}) == 1
    assert len({entry["people"] for entry in entries}) == PEOPLE
    assert sorted(files_below(out).keys() - sheets_below(out).keys()) == ["manifest.jsonl"]


def test_the_manifest_has_the_order_of_the_file_whatever_the_sheets_are_called(small, draw, out):
    small.entries.reverse()
    small.save()
    draw("threads=2", "batch=1")
    assert rows_of(out) == list(range(PEOPLE))
    assert [entry["sheet"] for entry in read_manifest(out)] != sorted(drawn(out))


def test_a_manifest_of_sheets_without_photos_names_none(draw, out):
    draw("panels=[side/geo]", "size=photo")
    assert {entry["photo"] for entry in read_manifest(out)} == {None}


def test_the_sheet_of_a_crowd_names_all_its_rows(draw, out):
    draw("people=together")
    assert [entry["rows"] for entry in read_manifest(out)] == list(PHOTO_ROWS.values())


def garble(manifest: Path) -> None:
    manifest.write_bytes(np.random.default_rng(0).bytes(5000))


def empty_lines(manifest: Path) -> None:
    manifest.write_bytes(b"\n" * 5000)


def zeros(manifest: Path) -> None:
    """As file systems leave behind when the power fails."""
    manifest.write_bytes(bytes(manifest.stat().st_size))


def one_line(manifest: Path) -> None:
    manifest.write_text(json.dumps([json.loads(line) for line in manifest.read_text().splitlines()]))


@pytest.mark.parametrize("harm", [delete, empty, garble, empty_lines, zeros, one_line])
def test_without_its_manifest_all_is_drawn_again(draw, out, harm):
    draw()
    expected = files_below(out)
    harm(out / "manifest.jsonl")
    assert counts(draw()) == (PEOPLE, 0, 0)
    assert files_below(out) == expected


def test_a_folder_in_the_place_of_the_manifest_stops_with_advice(draw, out):
    draw()
    expected = files_below(out)
    (out / "manifest.jsonl").unlink()
    (out / "manifest.jsonl").mkdir()
    with pytest.raises(OutputError, match=r"manifest\.jsonl: .*folder of that name is in the way"):
        draw()
    (out / "manifest.jsonl").rmdir()
    draw()
    assert files_below(out) == expected


def read_ledger(folder: Path) -> set[str]:
    """What a run would find noted; it ends at once and writes the manifest."""
    ledger = Ledger(OutputDir(folder))
    found = {
        record.product
        for path in folder.rglob("*")
        for record in ledger.list_records(str(path.relative_to(folder)))
        if ledger.is_whole(record)
    }
    ledger.close(is_finished=True, takes_shards=True)
    return found


def test_a_manifest_cut_at_any_byte_tells_of_the_lines_that_are_whole(draw, out):
    draw("samples=0:3")
    manifest = (out / "manifest.jsonl").read_bytes()
    sheets = [json.loads(line)["sheet"] for line in manifest.splitlines()]
    assert read_ledger(out) == set(sheets)
    for length in range(0, len(manifest), 3):
        (out / "manifest.jsonl").write_bytes(manifest[:length])
        # The line break is no part of what is noted.
        whole = manifest[: length + 1].count(b"\n")
        assert read_ledger(out) == set(sheets[:whole])
        assert (out / "manifest.jsonl").read_bytes() == b"".join(manifest.splitlines(True)[:whole])


@pytest.mark.parametrize("share", [0.3, 0.8])
def test_a_manifest_cut_in_a_line_costs_the_sheets_behind(draw, out, share):
    draw()
    expected = files_below(out)
    os.truncate(out / "manifest.jsonl", int(share * len(expected["manifest.jsonl"])))
    assert 0 < draw().rendered < PEOPLE
    assert files_below(out) == expected


def test_foreign_lines_in_a_manifest_are_passed_over(draw, out, tmp_path):
    draw()
    expected = files_below(out)
    manifest = out / "manifest.jsonl"
    lines = manifest.read_bytes().splitlines(keepends=True)
    entry = json.loads(lines[0])
    foreign = [
        b"null\n",
        b"7\n",
        b'"text"\n',
        b"[]\n",
        b"{}\n",
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b'{"a":' * 50_000 + b"\n",
        b"9" * 10_000 + b"\n",
        b" " * 3_000_000 + b"\n",
        b"x" * 3_000_000 + b"\n",
        lines[1][:-1] + b" {}\n",
        *(
            json.dumps({**entry, "sheet": name}).encode() + b"\n"
            for name in ("", ".", "..", "a//b", "a/../b")
        ),
        json.dumps({**entry, "more": 1}).encode() + b"\n",
        json.dumps({key: value for key, value in entry.items() if key != "damage"}).encode() + b"\n",
        json.dumps({**entry, "rows": []}).encode() + b"\n",
        json.dumps({**entry, "rows": ["0"]}).encode() + b"\n",
        json.dumps({**entry, "rows": [True]}).encode() + b"\n",
        json.dumps({**entry, "sheet": "sheet that is not there.jpg"}).encode() + b"\n",
    ]
    mixed = [part for k, line in enumerate(foreign) for part in (line, lines[k % len(lines)])]
    manifest.write_bytes(b"".join([*lines, *mixed, foreign[0]]))
    assert counts(draw()) == (0, PEOPLE, 0)
    assert files_below(out) == expected


@pytest.mark.parametrize("name", ["../precious.jpg", "part0/../../precious.jpg", "{out}/../precious.jpg"])
def test_names_in_a_manifest_lead_nowhere(draw, out, tmp_path, name):
    """Not even to a file that is as it says."""
    draw()
    expected = files_below(out)
    precious = tmp_path / "precious.jpg"
    shutil.copyfile(sheet(out, 0), precious)
    manifest = out / "manifest.jsonl"
    entry = {**read_manifest(out)[0], "sheet": name.format(out=out)}
    manifest.write_text(manifest.read_text() + json.dumps(entry) + "\n")
    assert draw().rendered == 0
    assert files_below(out) == expected
    assert precious.exists()


DEEP = json.loads("[" * 400 + "]" * 400)


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["\ud800", "../a", 1e400, 10**40, -1, DEEP, [], {}, {"bytes": 1}]),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
)


@pytest.fixture(scope="module")
def drawn_once(demo_set, tmp_path_factory) -> Path:
    """A folder of sheets, not to be changed for good."""
    folder = tmp_path_factory.mktemp("drawn")
    made = make_small_set(demo_set.fit_file, folder / "set", 2)
    run(*made.settings, f"output.dir={folder}/out")
    return folder / "out"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    where=st.sampled_from(
        [
            ("sheet",),
            ("rows",),
            ("file",),
            ("settings",),
            ("people",),
            ("photo",),
            ("damage",),
            ("file", "bytes"),
            ("file", "sha256"),
            ("photo", "name"),
            ("photo", "bytes"),
            ("photo", "sha256"),
            ("photo", "modified_ns"),
        ]
    ),
    value=ODD,
)
def test_whatever_a_line_of_a_manifest_says_is_no_error(drawn_once, where, value):
    manifest = drawn_once / "manifest.jsonl"
    content = manifest.read_bytes()
    entry = read_manifest(drawn_once)[0]
    *path, key = where
    (entry[path[0]] if path else entry)[key] = value
    try:
        manifest.write_bytes(json.dumps(entry).encode() + b"\n" + content.splitlines(True)[1])
        read_ledger(drawn_once)
        # What is written is read again.
        for record in read_records(ReadableDir(manifest.parent), manifest.name):
            assert (drawn_once / record.product).is_file()
    finally:
        manifest.write_bytes(content)


@pytest.mark.parametrize(
    "change",
    [
        {"bytes": "many"},
        {"bytes": float("nan")},
        {"sha256": None},
        {"sha256": ["a"]},
        {"modified_ns": "yesterday"},
        {"modified_ns": None, "sha256": 7},
        {"name": ["a"]},
        {"name": "../../etc/passwd"},
    ],
    ids=str,
)
def test_whatever_is_noted_of_a_photo_is_no_error(draw, out, change):
    draw("samples=0:2")
    expected = files_below(out)
    entries = read_manifest(out)
    entries[0]["photo"] |= change
    (out / "manifest.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    draw("samples=0:2")
    found = files_below(out)
    if "name" not in change:
        assert found == expected
    assert sheets_below(out) == {name: data for name, data in expected.items() if name.endswith("jpg")}


def test_damage_that_no_file_can_hold_is_no_error(draw, out):
    draw("samples=0:2")
    entries = read_manifest(out)
    entries[0]["damage"] = "\ud800"
    (out / "manifest.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    draw("samples=0:2", "damaged_photos=draw")


def test_rows_of_a_long_clip_are_noted_as_spans_and_read_back(tmp_path):
    rows = (*range(3, 20_003), 20_010, *range(20_020, 20_025))
    record = Record("walk.mp4", rows, (ProductFile("walk.mp4", 1, "a"),), "s", "p", None, None)
    line = format_record(record)
    assert '"rows": [[3, 20003], [20010, 20011], [20020, 20025]]' in line
    path = tmp_path / "manifest.jsonl"
    path.write_text(line)
    assert list(read_records(ReadableDir(path.parent), path.name)) == [record]


@pytest.mark.parametrize("rows", [[[0, 10**12]], [[0]], [["a", "b"]], [[5, 3]], [[]], [[0, 1], 7]])
def test_spans_that_are_none_are_no_record(tmp_path, rows):
    path = tmp_path / "manifest.jsonl"
    record = json.loads(
        format_record(Record("walk.mp4", (1,), (ProductFile("walk.mp4", 1, "a"),), "s", "p", None, None))
    )
    path.write_text(json.dumps(record | {"rows": rows}) + "\n")
    assert list(read_records(ReadableDir(path.parent), path.name)) == []
