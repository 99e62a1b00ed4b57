"""Which frame of a sequence is seen when, while it plays."""

import pytest

from render.viewer.live_page.clock import FrameClock

# Not all frames are as long as the others.
STARTS_S = (2.0, 2.5, 2.75, 4.0)


@pytest.fixture
def now():
    return [100.0]


@pytest.fixture
def clock(now):
    return FrameClock(STARTS_S, lambda: now[0])


def test_each_frame_is_seen_for_its_time_and_then_the_first_again(clock, now):
    clock.play(0)
    seen = []
    for at_s in (0, 0.49, 0.51, 0.74, 0.76, 1.99, 2.01, 2.6):
        now[0] = 100.0 + at_s
        seen.append(clock.find_frame())
    assert seen == [0, 0, 1, 1, 2, 2, 0, 1]


def test_it_goes_on_from_where_it_stands_and_from_the_end_anew(clock):
    clock.play(1)
    assert clock.find_frame() == 1
    clock.play(2)
    assert clock.find_frame() == 0


def test_it_says_how_long_a_frame_is_still_to_be_seen(clock, now):
    clock.play(0)
    now[0] += 0.2
    assert clock.find_wait_s(0) == pytest.approx(0.3)
    now[0] += 10
    assert clock.find_wait_s(0) == 0


def test_a_sequence_without_length_has_one_frame():
    assert FrameClock((0.0, 0.0)).find_frame() == 0
