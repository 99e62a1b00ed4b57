"""Failures: listed, tried again, and the same after a resumed run."""

import pytest

from render.errors import OutputError
from tests.helpers.folders import files_below
from tests.helpers.manifests import PEOPLE, counts, damage, look, photo, read_failures, read_manifest, redrawn


def test_a_folder_in_the_place_of_the_failures_stops_with_advice(small, draw, out):
    draw()
    expected = files_below(out)
    (out / "failures.csv").mkdir()
    with pytest.raises(OutputError, match=r"failures\.csv: .*folder of that name is in the way"):
        draw()
    photo(small, 0).rename(photo(small, 0).with_suffix(".away"))
    with pytest.raises(OutputError, match=r"failures\.csv: .*folder of that name is in the way"):
        draw()
    photo(small, 0).with_suffix(".away").rename(photo(small, 0))
    (out / "failures.csv").rmdir()
    assert draw().rendered == 0
    assert files_below(out) == expected


def test_failures_of_an_earlier_run_are_tried_again(small, draw, out, tmp_path):
    photo(small, 1).rename(tmp_path / "away.jpg")
    assert counts(draw()) == (PEOPLE - 2, 0, 2)
    before = look(out)
    assert [failure["row"] for failure in read_failures(out)] == ["2", "3"]
    assert counts(draw()) == (0, PEOPLE - 2, 2)
    assert [failure["row"] for failure in read_failures(out)] == ["2", "3"]
    (tmp_path / "away.jpg").rename(photo(small, 1))
    assert counts(draw()) == (2, PEOPLE - 2, 0)
    assert redrawn(out, before) == [2, 3]
    assert not (out / "failures.csv").exists()
    draw(into=tmp_path / "fresh")
    assert files_below(out) == files_below(tmp_path / "fresh")


def test_photos_that_fail_cost_no_sheet_that_was_drawn_before(small, draw, out, tmp_path):
    draw()
    expected, before = files_below(out), look(out)
    photo(small, 1).rename(tmp_path / "away.jpg")
    content = photo(small, 3).read_bytes()
    photo(small, 3).write_bytes(b"<html>gone</html>")
    assert counts(draw()) == (0, 3, 5)
    assert look(out) == before
    assert (out / "manifest.jsonl").read_bytes() == expected["manifest.jsonl"]
    assert [failure["row"] for failure in read_failures(out)] == ["2", "3", "5", "6", "7"]
    (tmp_path / "away.jpg").rename(photo(small, 1))
    photo(small, 3).write_bytes(content)
    assert counts(draw()) == (0, PEOPLE, 0)
    assert look(out) == before


def test_damaged_photos_are_drawn_refused_and_drawn_again_as_asked(small, draw, out):
    damage(photo(small, 0))
    report = draw("damaged_photos=draw")
    assert counts(report) == (PEOPLE, 0, 0)
    assert sorted(problem.row for problem in report.damaged) == [0, 1]
    expected, before = files_below(out), look(out)
    assert [bool(entry["damage"]) for entry in read_manifest(out)] == [True] * 2 + [False] * 6

    report = draw("damaged_photos=fail")
    assert counts(report) == (0, PEOPLE - 2, 2)
    assert {(failure["outcome"], failure["row"]) for failure in read_failures(out)} == {
        ("failed", "0"),
        ("failed", "1"),
    }
    assert look(out) == before

    report = draw("damaged_photos=draw")
    assert counts(report) == (0, PEOPLE, 0)
    assert sorted(problem.row for problem in report.damaged) == [0, 1]
    assert files_below(out) == expected


def test_failures_are_the_same_after_a_resumed_run(small, draw, out, tmp_path):
    """Rows that are no fits, photos that are missing and photos that are damaged."""
    damage(photo(small, 0))
    photo(small, 2).unlink()
    small.entries[6]["parm_pose"] = None
    small.save()
    draw("damaged_photos=draw", into=tmp_path / "whole")
    expected = files_below(tmp_path / "whole")
    table = read_failures(tmp_path / "whole")
    assert [(failure["outcome"], failure["row"]) for failure in table] == [
        ("skipped", "6"),
        ("failed", "4"),
        ("damaged", "0"),
        ("damaged", "1"),
    ]
    for samples in ("0:2", "4:7", "1:5"):
        draw("damaged_photos=draw", f"samples={samples}")
    assert draw("damaged_photos=draw").kept == 5
    draw("damaged_photos=draw")
    assert files_below(out) == expected
