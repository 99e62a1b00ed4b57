"""How fast work goes, and how long the rest takes: worked out by hand."""

import pytest

from render.watch.standing import Pace


class Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_nothing_is_known_before_something_is_made(clock):
    pace = Pace(10, "sheet", clock)
    clock.now_s += 5
    pace.advance("kept")
    pace.advance("failed")
    standing = pace.look()
    assert (standing.settled, standing.rate, standing.left_s) == (2, None, None)


def test_what_was_there_is_no_speed(clock):
    """900 of 1,000 are found in 9 s, then one is made each 2 s: the other 90 take 180 s, not 2."""
    pace = Pace(1000, "sheet", clock)
    for _ in range(900):
        clock.now_s += 0.01
        pace.advance("kept")
    for _ in range(10):
        clock.now_s += 2
        pace.advance("done")
    standing = pace.look()
    assert standing.rate == pytest.approx(0.5)
    assert standing.left_s == pytest.approx(180)
    assert standing.elapsed_s == pytest.approx(29)
    assert (standing.done, standing.kept, standing.failed) == (10, 900, 0)


def test_what_is_found_between_what_is_made_takes_its_time(clock):
    pace = Pace(8, "sheet", clock)
    for outcome in ("done", "kept", "done", "failed"):
        clock.now_s += 1
        pace.advance(outcome)
    assert pace.look().rate == pytest.approx(2 / 4)
    assert pace.look().left_s == pytest.approx(4 / 0.5)


def test_more_frames_than_were_guessed_leave_nothing(clock):
    pace = Pace(3, "frame", clock)
    pace.expect(-1)
    for _ in range(4):
        clock.now_s += 1
        pace.advance("done")
    assert pace.look("finished").left_s == 0
    assert pace.look("finished").total == 2
