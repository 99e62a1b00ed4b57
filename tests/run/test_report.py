"""The closing line of a run, and its list of failures."""

import csv

import pytest

from render.files.output_dir import OutputDir
from render.run.report import Report
from render.types.fits import RowProblem


@pytest.fixture
def report(tmp_path) -> Report:
    return Report(OutputDir(tmp_path / "out", ""), rendered=6, seconds=2.0)


def problem(row: int) -> RowProblem:
    return RowProblem(row, f"{row}.jpg", f"reason {row}")


def test_a_run_that_went_well_says_little(report):
    assert report.summarize() == (
        f"6 rendered, 0 skipped, 0 failed in 2.0 s (3 sheets/s): {report.output.path}"
    )


def test_what_else_there_is_follows(report):
    report.kept, report.others = 4, 9
    report.damaged = [problem(1), problem(2)]
    line = report.summarize()
    assert line.startswith("6 rendered, 4 already there, 0 skipped, 0 failed")
    assert "; 9 more of other rows, settings or inputs are there from earlier runs; " in line
    assert line.endswith(f"; 2 over damaged photos; reasons in {report.output.path / 'failures.csv'}")


def test_of_clips_frames_tell_the_speed(report):
    report.frames = 300
    report.damaged = [problem(1)]
    assert report.summarize().startswith("6 clips rendered, 0 skipped, 0 failed in 2.0 s (150 frames/s): ")
    assert "; remarks on frames: 1; " in report.summarize()
    report.rendered = 1
    assert report.summarize().startswith("1 clip rendered, ")


@pytest.mark.parametrize(("rendered", "seconds"), [(6, 0.0), (6, 0.01), (0, 2.0), (0, 0.0)])
def test_a_run_that_made_nothing_or_took_no_time_has_no_speed(report, rendered, seconds):
    report.rendered, report.seconds = rendered, seconds
    assert f" in {seconds:.1f} s: " in report.summarize()


@pytest.mark.parametrize(("seconds", "said"), [(0.5, "12"), (7.0, "0.857"), (6000.0, "0.001"), (0.1, "60")])
def test_a_speed_has_three_figures(report, seconds, said):
    report.seconds = seconds
    assert f"({said} sheets/s)" in report.summarize()


def test_failures_are_listed_by_outcome_and_row(report):
    report.failed = [problem(7), problem(3)]
    report.skipped = [problem(5)]
    report.damaged = [problem(4)]
    report.write_failures()
    with (report.output.path / "failures.csv").open(newline="") as file:
        rows = [(row["outcome"], row["row"], row["image"], row["reason"]) for row in csv.DictReader(file)]
    assert rows == [
        ("skipped", "5", "5.jpg", "reason 5"),
        ("failed", "3", "3.jpg", "reason 3"),
        ("failed", "7", "7.jpg", "reason 7"),
        ("damaged", "4", "4.jpg", "reason 4"),
    ]
