"""The frames of a clip: which part of the way each of them shows, and at what speed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.sheet.transition.course import (
    ease,
    list_moments,
    move_camera,
    speed_up,
    spread_ground,
    weigh_photo,
)


def test_without_a_transition_a_turn_has_one_speed():
    assert list_moments(4) == [(0.0, 1.0), (0.25, 1.0), (0.5, 1.0), (0.75, 1.0)]


@settings(deadline=None, max_examples=60)
@given(st.integers(2, 200), st.integers(1, 100))
def test_a_clip_begins_at_the_photo_turns_once_and_goes_back_as_it_came(frames, transition):
    turn, from_photo = np.array(list_moments(frames, transition)).T
    assert len(turn) == frames + 2 * transition
    assert from_photo[0] == 0
    assert (from_photo > 0).sum() == len(turn) - 1
    # There, and back; the turn lies between, and its first frame is the view's own.
    there, orbit, back = np.split(from_photo, [transition, transition + frames])
    assert (np.diff(there) > 0).all()
    assert (orbit == 1).all()
    assert back[0] == 1
    np.testing.assert_allclose(back[1:], there[:0:-1], atol=1e-12)
    assert turn[transition] == 0
    assert (np.diff(turn) >= 0).all()
    assert (turn[:transition] == 0).all()
    assert (turn[transition + frames :] == 1).all()


@pytest.mark.parametrize(("frames", "transition"), [(90, 24), (24, 24), (60, 6), (12, 40)])
def test_no_speed_jumps_from_one_frame_to_the_next(frames, transition):
    moments = list_moments(frames, transition)
    # Once more round: the clip is seen in a loop, where a turn is done and the next begins.
    turn = np.array([[number + moment.turn for moment in moments] for number in range(2)]).ravel()
    way = np.array([move_camera(moment.from_photo) for moment in moments] * 2)
    fade = np.array([weigh_photo(moment.from_photo) for moment in moments] * 2)
    # A turn of a cruising speed of 1 / (1 - ramp) gets there in half of a transition, the others in a whole.
    ramp = min(0.5 * transition / frames, 0.5)
    assert np.abs(np.diff(turn, 2)).max() <= 1.001 / (1 - ramp) / ramp / frames**2
    # The steepest change of speed of the cubic is 6 a unit of its time squared.
    assert np.abs(np.diff(way, 2)).max() <= 6.001 / (0.85 * transition) ** 2
    assert np.abs(np.diff(fade, 2)).max() <= 6.001 / (0.5 * transition) ** 2


@given(st.floats(0, 1), st.floats(0.001, 0.5))
def test_a_turn_speeds_up_as_it_slows_down(share, ramp):
    assert speed_up(share, ramp) + speed_up(1 - share, ramp) == pytest.approx(1, abs=1e-9)
    assert 0 <= speed_up(share, ramp) <= 1


def test_speeding_up_is_the_area_below_a_trapezoid():
    # Speed grows over a quarter of the time and falls over another: 4/3 between. By sums of its speed.
    time = (np.arange(4000) + 0.5) / 4000
    speed = np.minimum(np.minimum(time, 1 - time) / 0.25, 1) * 4 / 3
    for at in (0.1, 0.25, 0.6, 0.9, 1.0):
        assert speed_up(at, 0.25) == pytest.approx(speed[time < at].sum() / 4000, abs=1e-6)


def test_the_photo_is_gone_before_the_camera_is_half_way_and_the_ground_comes_after_it():
    shares = np.linspace(0, 1, 101)
    photo, camera, ground = (
        np.array([share_of(share) for share in shares])
        for share_of in (weigh_photo, move_camera, spread_ground)
    )
    for of_way, begin, end in ((photo, 1, 0), (camera, 0, 1), (ground, 0, 1)):
        assert (of_way[0], of_way[-1]) == (begin, end)
        assert (np.diff(of_way) * (end - begin) >= 0).all()
    assert (photo[camera >= 0.5] == 0).all()
    # Over a photo that is still well seen there is no plane.
    assert photo[ground > 0].max() < 0.15


@given(st.floats(-3, 3))
def test_easing_stays_between_its_ends(share):
    assert ease(share) == min(max(ease(share), 0), 1)
    assert (share <= 0) <= (ease(share) == 0)
