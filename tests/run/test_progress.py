"""How far a run has come: lines where there is no terminal, a bar where there is one."""

import sys

import pytest

from render.run.progress import ProgressBar, ProgressLines, open_progress


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_a_line_every_half_minute(caplog, capsys):
    caplog.set_level("INFO")
    clock = Clock()
    lines = ProgressLines(1000, "sheet", clock)
    # A sheet a second.
    for _ in range(100):
        clock.now_s += 1
        lines.advance()
    assert caplog.messages == [
        "30 of 1000 sheets, 1 sheets/s, 16:10 left",
        "60 of 1000 sheets, 1 sheets/s, 15:40 left",
        "90 of 1000 sheets, 1 sheets/s, 15:10 left",
    ]
    lines.close()
    assert capsys.readouterr() == ("", "")


def test_a_short_run_and_the_last_sheet_say_nothing(caplog):
    caplog.set_level("INFO")
    clock = Clock()
    lines = ProgressLines(2, "sheet", clock)
    for _ in range(2):
        clock.now_s += 29
        lines.advance()
    assert caplog.messages == []


def test_what_is_to_be_done_may_change_meanwhile(caplog):
    caplog.set_level("INFO")
    clock = Clock()
    lines = ProgressLines(10, "frame", clock)
    lines.expect(50)
    lines.expect(-20)
    for _ in range(30):
        clock.now_s += 1
        lines.advance()
    assert caplog.messages == ["30 of 40 frames, 1 frames/s, 00:10 left"]


@pytest.mark.parametrize(
    ("is_terminal", "term", "kind"),
    [
        (True, "xterm", ProgressBar),
        (True, "dumb", ProgressLines),
        (False, "xterm", ProgressLines),
        (False, "dumb", ProgressLines),
    ],
)
def test_only_a_terminal_that_draws_over_lines_has_a_bar(monkeypatch, is_terminal, term, kind):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal, raising=False)
    monkeypatch.setenv("TERM", term)
    progress = open_progress(3, "sheet")
    progress.close()
    assert type(progress) is kind


def test_what_was_there_already_is_no_speed(caplog):
    """900 are found at once; then one is made each second, so the other 60 take a minute."""
    caplog.set_level("INFO")
    clock = Clock()
    lines = ProgressLines(1000, "sheet", clock)
    for _ in range(900):
        lines.advance("kept")
    for _ in range(40):
        clock.now_s += 1
        lines.advance()
    assert caplog.messages == ["930 of 1000 sheets, 1 sheets/s, 01:10 left"]


def test_of_what_was_there_alone_no_speed_is_said(caplog):
    caplog.set_level("INFO")
    clock = Clock()
    lines = ProgressLines(1000, "sheet", clock)
    for _ in range(40):
        clock.now_s += 1
        lines.advance("kept")
    assert caplog.messages == ["30 of 1000 sheets"]


def test_the_bar_counts_what_was_there_and_not_its_speed():
    """As tqdm computes it when it has no other: what is made, in the time since the beginning."""
    bar = ProgressBar(1000, "sheet")
    for _ in range(900):
        bar.advance("kept")
    for _ in range(50):
        bar.advance()
    told = bar._bar.format_dict
    bar.close()
    assert (told["n"], told["n"] - told["initial"], told["total"]) == (950, 50, 1000)
