import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.errors import ConfigError
from render.figure.place.ticks import choose_ticks
from render.types.figure.content import BarContent


def always(ticks):
    return True


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0, 100, ["0", "20", "40", "60", "80", "100"]),
        (0, 0.03, ["0", "0.005", "0.01", "0.015", "0.02", "0.025", "0.03"]),
        (-50, 50, ["\N{MINUS SIGN}50", "\N{MINUS SIGN}25", "0", "25", "50"]),
        # Not 80, which would stand too near to the end.
        (0, 87, ["0", "20", "40", "60", "87"]),
        (0, 1e6, ["0", "200000", "400000", "600000", "800000", "1000000"]),
    ],
)
def test_ticks_are_round_numbers(low, high, labels):
    assert [label for _, label in choose_ticks(BarContent(low, high, "mm"), always)] == labels


def test_a_clamped_end_says_so():
    ticks = choose_ticks(BarContent(0, 100, "mm", is_clamped=True), always)
    assert ticks[-1] == (1.0, "≥ 100")


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 9))
def test_ticks_are_few_and_ordered_and_where_their_numbers_are(low, span, most):
    bar = BarContent(low, low + span, "mm")
    ticks = choose_ticks(bar, lambda ticks: len(ticks) <= most)
    places = [place for place, _ in ticks]
    assert places == sorted(places)
    assert (places[0], places[-1]) == (0.0, 1.0)
    assert 2 <= len(ticks) <= min(most, 7)


@pytest.mark.parametrize(
    ("low", "high"), [(1, 1), (2, 1), (0, float("inf")), (float("nan"), 1), (-1e308, 1e308)]
)
def test_a_bar_without_a_length_is_refused(low, high):
    with pytest.raises(ConfigError, match="low end below"):
        choose_ticks(BarContent(low, high, "mm"), always)


def test_a_short_bar_shows_its_ends_alone():
    ticks = choose_ticks(BarContent(0, 87, "mm"), lambda ticks: len(ticks) == 2)
    assert [label for _, label in ticks] == ["0", "87"]


def test_numbers_without_room_are_refused():
    with pytest.raises(ConfigError, match="no room"):
        choose_ticks(BarContent(0, 1, "mm"), lambda ticks: False)
