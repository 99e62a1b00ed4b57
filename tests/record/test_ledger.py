"""The ledger: sheets that are not what they were are drawn again, and what is done is never lost."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from render.errors import OutputError
from render.files.output_dir import OutputDir
from render.record.ledger import Ledger
from render.write.writer import SheetWriter
from tests.helpers.folders import files_below
from tests.helpers.manifests import (
    PEOPLE,
    assert_true,
    counts,
    delete,
    empty,
    look,
    read_manifest,
    redrawn,
    rows_of,
    sheet,
    truncate,
)

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow


def lengthen(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"\0")


def flip_bit(path: Path) -> None:
    status = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def link_to_copy(path: Path) -> None:
    copy = path.parents[2] / "copy.jpg"
    path.rename(copy)
    path.symlink_to(copy)


def link_to_nowhere(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere.jpg")


def link_to_itself(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def exchange(path: Path) -> None:
    shutil.copyfile(sheet(path.parents[1], 6), path)


@pytest.mark.parametrize(
    "harm",
    [
        delete,
        truncate,
        empty,
        lengthen,
        flip_bit,
        link_to_copy,
        link_to_nowhere,
        link_to_itself,
        exchange,
    ],
)
def test_a_sheet_that_is_not_whole_is_drawn_again(draw, out, harm):
    draw()
    expected, before = files_below(out), look(out)
    harmed = sheet(out, 3)
    harm(harmed)
    assert counts(draw()) == (1, PEOPLE - 1, 0)
    assert redrawn(out, before) == [3]
    assert files_below(out) == expected
    assert not harmed.is_symlink()


def test_the_file_that_a_linked_sheet_leads_to_is_left_alone(draw, out, tmp_path):
    draw()
    other = tmp_path / "mine.jpg"
    other.write_bytes(b"not a sheet")
    sheet(out, 3).unlink()
    (out / "part0" / "demo_000001_3.jpg").symlink_to(other)
    draw()
    assert other.read_bytes() == b"not a sheet"


def test_a_folder_in_the_place_of_a_sheet_stops_with_advice_and_costs_nothing_else(draw, out):
    draw()
    expected = files_below(out)
    blocked = sheet(out, 3)
    blocked.unlink()
    blocked.mkdir()
    with pytest.raises(OutputError, match=rf"{blocked}: .*folder of that name is in the way. Remove it"):
        draw()
    assert_true(out)
    assert set(rows_of(out)) == set(range(PEOPLE)) - {3}
    blocked.rmdir()
    assert counts(draw()) == (1, PEOPLE - 1, 0)
    assert files_below(out) == expected


def test_sheets_whose_whole_folder_is_gone_are_drawn_again(draw, out):
    draw()
    expected = files_below(out)
    shutil.rmtree(out / "part0")
    assert counts(draw()) == (PEOPLE, 0, 0)
    assert files_below(out) == expected


def test_sheets_that_are_gone_are_not_in_the_manifest(draw, out):
    """Nor those of which no run asks any more."""
    draw()
    sheet(out, 0).unlink()
    truncate(sheet(out, 1))
    draw("samples=5:")
    assert rows_of(out) == list(range(2, PEOPLE))


def test_what_follows_a_line_that_a_run_was_killed_in_is_not_lost(draw, out):
    """Not even if the next run is killed too."""
    draw("samples=0:4")
    *lines, last = (out / "manifest.jsonl").read_bytes().splitlines(keepends=True)
    (out / "manifest.jsonl").unlink()
    (out / ".manifest.journal").write_bytes(b"".join(lines) + last[:-20])
    output = OutputDir(out)
    ledger = Ledger(output)
    (record,) = ledger.list_records(json.loads(lines[0])["sheet"])
    ledger.add(replace(record, damage="as it is noted now"))
    # As if it had been killed.
    ledger.abandon()
    ledger = Ledger(output)
    assert [found.damage for found in ledger.list_records(record.product)] == ["as it is noted now", None]
    ledger.abandon()


@pytest.mark.parametrize(
    "when", [OutputError("disk"), ZeroDivisionError(), MemoryError(), KeyboardInterrupt()]
)
def test_whatever_ends_a_run_what_is_done_is_in_the_manifest(draw, out, monkeypatch, when, tmp_path):
    write, calls = SheetWriter.write, []

    def fail_in_the_middle(self, sheet, pixels):
        calls.append(sheet)
        if len(calls) > 3:
            raise when
        return write(self, sheet, pixels)

    with monkeypatch.context() as patched:
        patched.setattr(SheetWriter, "write", fail_in_the_middle)
        if isinstance(when, MemoryError):
            draw("threads=1")
        else:
            with pytest.raises(type(when)):
                draw("threads=1")
    assert_true(out)
    assert len(read_manifest(out)) == 3
    assert counts(draw())[:2] == (PEOPLE - 3, 3)
    draw(into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")
