"""A job from Python: what it makes, what it refuses, and what it says of rows that fail."""

import signal

import pytest

from render import RenderError, run_job
from render.errors import ConfigError
from render.run.calls.run_job import JobResult
from render.run.report import Report
from tests.helpers.runs import ORIGINAL

SMALL = (ORIGINAL, "panels=[camera/geo]", "samples=0:2", "device=cpu")


def test_what_is_made_is_kept_the_next_time(demo, tmp_path):
    words = [*demo, *SMALL]
    assert run_job(words) == JobResult(f"{tmp_path}/out", made=2)
    assert run_job(tuple(words)) == JobResult(f"{tmp_path}/out", made=0, kept=2)
    assert len(list((tmp_path / "out").glob("*.jpg"))) == 2


def test_rows_that_fail_are_told_and_raise_nothing(fit_set):
    _, folder, settings = fit_set
    (folder / "images/demo_000000.jpg").unlink()
    result = run_job([*settings, *SMALL[:1], "samples=0:3"])
    assert result.made + len(result.failed) == 3
    assert {problem.image_name for problem in result.failed} == {"demo_000000.jpg"}
    assert "no such photo" in result.failed[0].reason


@pytest.mark.parametrize(
    ("words", "kind", "said"),
    [
        ("job=figure", TypeError, "expected a list of words"),
        (["job=figure", 3], TypeError, "expected words, such as 'job=figure', found 3"),
        (["--multirun"], ConfigError, "'--multirun', which is for the command line"),
        (["dry_run=true"], ConfigError, "for the command line"),
        (["no_such_key=1"], RenderError, "no_such_key"),
        (["samples=0", "opacity=7"], RenderError, "opacity"),
    ],
)
def test_what_is_no_job_is_refused(words, kind, said):
    with pytest.raises(kind, match=said):
        run_job(words)


def test_a_signal_is_raised_when_what_was_under_way_is_finished(demo, tmp_path, monkeypatch):
    stopped = Report(None, rendered=1, stopped_by=signal.SIGTERM)
    monkeypatch.setattr(Report, "summarize", lambda report: "")
    monkeypatch.setattr("render.run.render_dataset.render_dataset", lambda config: stopped)
    with pytest.raises(KeyboardInterrupt) as interrupt:
        run_job([*demo, *SMALL])
    assert interrupt.value.args == (signal.SIGTERM,)
    # Where nothing was left to do, all is there.
    stopped.is_finished = True
    assert run_job([*demo, *SMALL]).made == 1
