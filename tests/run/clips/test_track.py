"""Where views look in each frame of a clip."""

from dataclasses import replace

import numpy as np
import pytest

from render.run.clips.track import follow_bodies, follow_up, hold_up, level_ground, stand_still
from render.types.scenes import Scenes

COUNT = 100
STARTS_S = np.arange(COUNT + 1) / 25


def make_scenes(center=(0.0, 0.0, 0.0), radius=0.5, half_height=0.9, ground=0.9):
    return Scenes(
        np.tile(np.array(center, float), (COUNT, 1)),
        np.full(COUNT, radius),
        np.full(COUNT, half_height),
        np.full(COUNT, ground),
        np.tile([0.0, -1.0, 0.0], (COUNT, 1)),
    )


def make_walk(seed=0):
    """Somebody who walks, trembles, and is not there in some frames."""
    rng = np.random.default_rng(seed)
    scenes = make_scenes()
    center = np.cumsum(rng.normal(0.02, 0.03, (COUNT, 3)), 0)
    radius, half_height = rng.uniform(0.3, 0.6, COUNT), rng.uniform(0.7, 1.0, COUNT)
    for values in (center, radius, half_height, scenes.ground):
        values[20:25] = np.nan
    return replace(scenes, center=center, radius=radius, half_height=half_height)


@pytest.mark.parametrize("track", [lambda scenes: follow_bodies(scenes, STARTS_S), stand_still])
@pytest.mark.parametrize("seed", range(5))
def test_all_that_is_in_any_frame_stays_in_the_cylinder(track, seed):
    scenes = make_walk(seed)
    found = track(scenes)
    moved = scenes.center - found.center
    there = ~np.isnan(scenes.radius)
    # Rounding alone.
    assert (np.hypot(moved[:, 0], moved[:, 2]) + scenes.radius - found.radius)[there].max() <= 1e-9
    assert (np.abs(moved[:, 1]) + scenes.half_height - found.half_height)[there].max() <= 1e-9
    assert len(set(found.radius)) == len(set(found.half_height)) == 1
    assert np.isfinite(found.center).all()


def test_who_stands_still_is_looked_at_as_closely_as_possible():
    scenes = make_scenes((1.0, 2.0, 3.0))
    for found in (follow_bodies(scenes, STARTS_S), stand_still(scenes)):
        np.testing.assert_allclose(found.center, scenes.center, atol=1e-12)
        np.testing.assert_allclose(found.radius, 0.5, atol=1e-12)
        np.testing.assert_allclose(found.half_height, 0.9, atol=1e-12)


def test_a_view_that_follows_goes_where_the_body_goes_and_smoothly():
    scenes = make_scenes()
    scenes.center[:, 0] = np.arange(COUNT) * 0.04
    jitter = np.random.default_rng(0).normal(0, 0.02, (COUNT, 3))
    found = follow_bodies(replace(scenes, center=scenes.center + jitter), STARTS_S)
    # Away from the ends, where there is less to take the mean of.
    middle = slice(35, 65)
    assert np.abs(found.center - scenes.center)[middle].max() < 0.02
    shaken = np.diff(scenes.center + jitter, 2, axis=0)
    assert np.diff(found.center, 2, axis=0).std() < 0.05 * shaken.std()


def test_a_view_that_stands_still_has_one_middle():
    found = stand_still(make_walk())
    assert (found.center == found.center[0]).all()


def test_ground_is_where_feet_mostly_are():
    scenes = make_scenes(ground=1.0)
    # A jump, and a foot that sinks in.
    scenes.ground[10:20] = 0.6
    scenes.ground[30:33] = 1.1
    np.testing.assert_allclose(level_ground(scenes).ground, 1.0)


def test_where_nobody_stands_there_is_no_ground():
    assert np.isnan(level_ground(make_scenes(ground=np.nan)).ground).all()


def test_a_clip_of_one_frame():
    one = Scenes(np.zeros((1, 3)), np.ones(1), np.ones(1), np.ones(1), np.array([[0.0, -1.0, 0.0]]))
    assert follow_bodies(one, np.array([0.0, 0.04])).center.tolist() == [[0, 0, 0]]


def test_frames_of_no_time_at_all_are_smoothed_with_all_others_and_no_more():
    scenes = make_walk()
    # Longer by far than the clip, so that a kernel of that length would not end.
    found = follow_bodies(scenes, STARTS_S * 1e-12)
    assert np.isfinite(found.center).all()


def make_sway(degrees):
    """An up that sways twice a second, of somebody who is not there in some frames."""
    angle = np.radians(degrees) * np.sin(2 * np.pi * 2 * STARTS_S[:-1])
    up = np.column_stack([np.sin(angle), -np.cos(angle), np.zeros(COUNT)])
    up[40:50] = np.nan
    return replace(make_scenes(), up=up)


def test_an_up_that_sways_is_steadied():
    followed, held = follow_up(make_sway(8), STARTS_S).up, hold_up(make_sway(8)).up
    # A Gaussian of 0.4 s leaves a thousandth of it. The gap begins where the sway is at its side, and lies
    # there under a fifth of the Gaussian.
    assert np.degrees(np.arccos(-followed[:, 1])).max() < 0.2 * 8
    assert (held == held[0]).all()
    assert np.degrees(np.arccos(-held[0, 1])) < 0.5
    for up in (followed, held):
        np.testing.assert_allclose(np.linalg.norm(up, axis=1), 1)


def test_ups_that_cancel_tell_nothing():
    scenes = make_scenes()
    scenes.up[::2] *= -1
    assert hold_up(scenes).up.tolist() == [[0, -1, 0]] * COUNT
