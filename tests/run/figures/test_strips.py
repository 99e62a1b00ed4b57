"""Strips of motion: a body every few frames, on one ground."""

import numpy as np
import pytest

from render.fits.read import read_fits
from render.run.figures.strips import find_frames, plan_strip, stand_in_line
from render.sheet.panels import parse_panel
from render.types.figure.spec import Strip
from render.types.fits import Fits
from tests.helpers.motion_files import make_amass

FRAMES = 12


@pytest.fixture
def motion(tmp_path) -> Fits:
    """A motion of SMPL in AMASS's layout, its roots on a line."""
    held = make_amass(frames=FRAMES)
    held["poses"] = held["poses"][:, :72]
    held["betas"] = held["betas"][:10]
    held["gender"] = np.array("neutral")
    held["trans"] = np.column_stack([np.linspace(0, 3, FRAMES), np.zeros(FRAMES), np.full(FRAMES, 0.9)])
    np.savez(tmp_path / "walk.npz", **held)
    return read_fits("amass", tmp_path / "walk.npz")[0]


def test_frames_follow_one_another(motion):
    assert find_frames(motion, 1, Strip(every=5, count=3)) == (1, 6, 11)
    assert find_frames(motion, 1, Strip(every=5, count=4)) == (
        "a strip of 4 bodies, 5 frames apart from frame 1, needs frame 16, and its sequence has no valid fit "
        "of that; it ends with frame 11"
    )


def test_a_picture_of_its_own_has_no_frames(fits):
    assert find_frames(fits, 4, Strip(5, 3)) == "its person is of no sequence; a strip shows frames of one"


def roots_of(observer, table, people) -> np.ndarray:
    _, roots = observer.pose(people)
    return np.einsum("fij,fj->fi", table.world_rotation[list(people)], roots) + table.world_m[list(people)]


def test_bodies_stand_beside_each_other_as_high_as_in_their_world(motion, observe):
    people, observer = (1, 6, 11), observe(motion)
    before = roots_of(observer, motion, people)
    moved = stand_in_line(motion, people, Strip(5, 3, spacing_m=0.7), observer)
    after = roots_of(observer, moved, people)
    np.testing.assert_allclose(after[:, 0], [0, 0.7, 1.4], atol=1e-6)
    np.testing.assert_allclose(after[:, 1], before[:, 1], atol=1e-6)
    np.testing.assert_allclose(after[:, 2], 0, atol=1e-6)
    # The table that was given is somebody else's.
    np.testing.assert_array_equal(roots_of(observer, motion, people), before)
    assert stand_in_line(motion, people, Strip(5, 3), observer) is motion


def test_without_a_world_they_stand_on_the_ground(fits, observe):
    people, observer = (0, 4), observe(fits)
    moved = stand_in_line(fits, people, Strip(1, 2), observer)
    verts, _ = observer.pose(people)
    lowest = [verts[i, :, 1].max() + moved.world_m[person, 1] for i, person in enumerate(people)]
    np.testing.assert_allclose(lowest, 0, atol=1e-6)


def test_a_strip_shows_all_of_its_bodies(motion, observe):
    people = (0, 4, 8)
    observer = observe(stand_in_line(motion, people, Strip(4, 3, spacing_m=1.5), observe(motion)), up="world")
    aspect, cell = plan_strip(people, parse_panel("orbit:0:8/clay/ground"), observer)
    low, high = observer.look(cell.view).corners
    left, top, width, height = cell.region
    assert left < low[0] < high[0] < left + width
    assert top < low[1] < high[1] < top + height
    assert aspect == pytest.approx(width / height)
    middles = observer.look(cell.view).verts_px[:, :, 0].mean(1)
    assert np.diff(middles) == pytest.approx(np.diff(middles).mean(), rel=0.3)
