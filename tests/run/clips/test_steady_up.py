"""Clips of people without a world: one up that does not sway, and nothing is cut off by it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.body.anatomy import find_anatomy
from render.run.clips.track import follow_bodies, follow_up, hold_up, stand_still
from render.sheet.around.scenes import find_scenes
from render.types.sheets import Framing
from tests.helpers.around_bodies import look, pose

FRAMES = 12
STARTS_S = np.arange(FRAMES + 1) / 10
UPRIGHT = Framing(up="body", fit="bodies")
VIEWS = ["orbit:40:20", "side:ortho"]


@pytest.mark.parametrize("follows", [True, False])
def test_what_sways_is_seen_by_one_up_and_whole(demo_body, follows):
    degrees = 15 * np.sin(np.arange(FRAMES) * 2.1)
    bodies = pose(demo_body, Rotation.from_euler("z", degrees[:, None], degrees=True).as_matrix())
    sheets = [(i,) for i in range(FRAMES)]
    anatomies = [find_anatomy(demo_body)] * FRAMES
    batch = look(demo_body, bodies, VIEWS, UPRIGHT, sheets=sheets).batch
    told = find_scenes(batch, bodies, anatomies)
    # The estimate turns with the body, up to its own lean.
    tilt = np.degrees(np.arctan2(told.up[:, 0], -told.up[:, 1]))
    np.testing.assert_allclose(tilt - tilt.mean(), degrees - degrees.mean(), atol=0.5)
    ups = follow_up(told, STARTS_S) if follows else hold_up(told)
    measured = find_scenes(replace(batch, scenes=ups), bodies, anatomies)
    np.testing.assert_allclose(measured.up, ups.up, atol=1e-12)
    scenes = follow_bodies(measured, STARTS_S) if follows else stand_still(measured)
    seen = look(demo_body, bodies, VIEWS, UPRIGHT, sheets=sheets, scenes=scenes)
    for xy in seen.xy:
        # Of the margin of 0.06 of 300 pixels, less what float32 rounds.
        assert (xy > 0.059 * 300).all()
        assert (xy < np.array([400, 300]) - 0.059 * 300).all()
    turned = seen.framed.cameras.rotation.view(FRAMES, len(VIEWS), 3, 3).numpy()
    steps = np.degrees(np.linalg.norm(np.diff(turned, axis=0), axis=(2, 3)))
    # By their own estimates frames would turn by up to 25 degrees.
    assert steps.max() < (2.5 if follows else 1e-4)
