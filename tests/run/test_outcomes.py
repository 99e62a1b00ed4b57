"""`on_error=stop`: a run stops at the first fault, and the next one goes on."""

import pytest

from render.errors import RenderError, SheetError
from render.write.writer import SheetWriter
from tests.helpers.commands import call
from tests.helpers.folders import files_below
from tests.helpers.manifests import (
    PEOPLE,
    assert_true,
    counts,
    damage,
    drawn,
    photo,
    read_failures,
    read_manifest,
)

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow


def test_it_stops_at_a_photo_that_is_missing_and_goes_on(small, draw, out, tmp_path):
    photo(small, 2).rename(tmp_path / "away.jpg")
    with pytest.raises(RenderError, match=r"row 4 \(part0/demo_000002\.jpg\): .*no such photo") as caught:
        draw("on_error=stop", "batch=1", "threads=1")
    assert "on_error=skip" in str(caught.value)
    assert_true(out)
    assert {(failure["outcome"], failure["row"]) for failure in read_failures(out)} == {("failed", "4")}
    done = len(read_manifest(out))
    assert done == len(drawn(out)) < PEOPLE
    assert counts(draw("on_error=skip")) == (PEOPLE - 1 - done, done, 1)
    (tmp_path / "away.jpg").rename(photo(small, 2))
    assert counts(draw("on_error=stop")) == (1, PEOPLE - 1, 0)
    draw(into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


def test_it_stops_at_a_row_that_is_no_fit_before_anything_is_drawn(small, draw, out, tmp_path):
    small.entries[6]["parm_pose"] = None
    small.save()
    with pytest.raises(RenderError, match=r"row 6 \(part0/demo_000003\.jpg\): parm_pose"):
        draw("on_error=stop")
    assert drawn(out) == set()
    assert read_manifest(out) == []
    assert [failure["row"] for failure in read_failures(out)] == ["6"]
    draw("on_error=skip")
    draw("on_error=skip", into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


def test_it_does_not_stop_at_rows_outside_the_selection(small, draw):
    small.entries[6]["parm_pose"] = None
    small.save()
    assert counts(draw("on_error=stop", "samples=0:6")) == (6, 0, 0)


def test_it_stops_at_a_sheet_that_cannot_be_encoded(draw, out, monkeypatch, tmp_path):
    write = SheetWriter.write

    def fail_at_row_5(self, sheet, pixels):
        if sheet.name.endswith("_5"):
            raise SheetError("80000 x 8 pixels are too many for jpg")
        return write(self, sheet, pixels)

    monkeypatch.setattr(SheetWriter, "write", fail_at_row_5)
    with pytest.raises(RenderError, match=r"row 5 \(part0/demo_000003\.jpg\): .*too many for jpg"):
        draw("on_error=stop", "batch=2")
    assert_true(out)
    done = len(read_manifest(out))
    assert done == len(drawn(out)) < PEOPLE
    assert counts(draw("on_error=skip")) == (PEOPLE - 1 - done, done, 1)
    monkeypatch.undo()
    draw("on_error=stop")
    draw(into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


def test_it_stops_at_a_damaged_photo_unless_that_is_to_be_drawn(small, draw):
    damage(photo(small, 3))
    with pytest.raises(RenderError, match=r"row [567] \(part0/demo_000003\.jpg\): .*damaged"):
        draw("on_error=stop")
    assert draw("on_error=stop", "damaged_photos=draw").failed == []


def test_the_command_line_stops_at_the_first_fault(small, out):
    photo(small, 2).unlink()
    done = call(*small.settings, f"output.dir={out}", "on_error=stop")
    assert done.code == 1
    assert "row 4 (part0/demo_000002.jpg)" in done.err
    assert "Traceback" not in done.err
