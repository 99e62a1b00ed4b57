"""Zoom, margins, and bodies of no size or with cameras of their own, in views around bodies."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from render.fits.cameras import pinhole
from render.types.bodies import Bodies
from render.types.sheets import Framing
from tests.helpers.around_bodies import look, make_fits, pitch, pose

UPRIGHT = Framing(up="body", fit="bodies")
VIEWS = ["side", "orbit:30:15", "side:ortho"]
# Of look's panels.
MIDDLE, SIZE = np.array([200.0, 150.0]), np.array([400.0, 300.0])


@pytest.mark.parametrize("fit", ["bodies", "original"])
@pytest.mark.parametrize("zoom", [0.5, 3.0])
def test_zoom_magnifies_about_the_panel_s_middle(demo_body, fit, zoom):
    bodies = pose(demo_body, pitch(10))
    framing = Framing(up="body", fit=fit)
    plain = look(demo_body, bodies, VIEWS, framing)
    near = look(demo_body, bodies, VIEWS, replace(framing, zoom=zoom))
    for before, after in zip(plain.xy, near.xy, strict=True):
        # Of float32, at hundreds of pixels.
        np.testing.assert_allclose(after - MIDDLE, zoom * (before - MIDDLE), atol=1e-3 * zoom)


@pytest.mark.parametrize("margin", [0.0, 0.06, 0.4])
def test_a_margin_is_left_free_and_no_more(demo_body, margin):
    bodies = pose(demo_body, pitch(10))
    for xy in look(demo_body, bodies, VIEWS, replace(UPRIGHT, margin=margin)).xy:
        free = np.concatenate([xy.min(0), SIZE - xy.max(0)])
        # A thousandth of the body's size is left, as flat bodies need it.
        assert margin * 300 - 1e-3 < free.min() < margin * 300 + 1.5


@pytest.mark.parametrize(
    "verts",
    [
        np.zeros((1, 3)),
        np.array([[0.0, 0, 0], [0, 1, 0]]),
        np.array([[-1.0, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]),
    ],
)
@pytest.mark.parametrize("frames", [1, 3])
def test_meshes_without_volume_are_seen_whole(verts, frames):
    """A vertex, a line, and a square, which the side sees on its edge."""
    points = torch.from_numpy(verts).float()[None]
    bodies = Bodies(
        points, torch.zeros_like(points), torch.zeros(1, 0, 3), torch.zeros(1, 3, dtype=torch.int32)
    )
    seen = look(None, bodies, [*VIEWS, "top"], Framing(up="body", fit="bodies"), frames=frames)
    for xy in seen.xy:
        assert np.isfinite(xy).all()
        assert (xy > 0).all()
        assert (xy < SIZE).all()
    assert len(verts) == 1 or np.ptp(seen.xy[0], axis=0).max() > 100


def test_people_who_share_a_pinhole_stand_upright_at_their_true_distance(demo_body):
    bodies = pose(demo_body, np.concatenate([pitch(20)] * 2))
    place = np.array([[-1.0, 0.2, 4.0], [1.5, -0.4, 6.0]])
    cameras = pinhole(np.full(2, 500.0), np.tile([200.0, 150.0], (2, 1)), place, is_metric=True)
    seen = look(demo_body, bodies, ["orbit:90:0:ortho", "orbit:60"], UPRIGHT, fits=make_fits(bodies, cameras))
    names = demo_body.joint_names
    framed = seen.framed.cameras
    origins = []
    for d in range(2):
        joints = bodies.joints[0].double().numpy()
        feet = (joints[names.index("left_ankle")] + joints[names.index("right_ankle")]) / 2
        line = framed.matrix[d].double().numpy() @ (joints[names.index("head")] - feet)
        # The head is a little ahead of the ankles.
        assert np.degrees(np.arctan2(np.hypot(line[0], line[2]), -line[1])) < 4
        origins.append(framed.translation[d].double().numpy())
    apart = np.linalg.norm(origins[1] - origins[0]) / np.linalg.norm(framed.matrix[0, 0].double().numpy())
    np.testing.assert_allclose(apart, np.linalg.norm(place[1] - place[0]), rtol=1e-5)
    for xy in seen.xy:
        assert (xy > 0.059 * 300).all()
        assert (xy < SIZE - 0.059 * 300).all()


def test_cameras_are_the_same_in_any_batch(demo_body):
    bodies = pose(demo_body, np.concatenate([pitch(angle) for angle in (5, -20, 30, 12)]))
    framing = Framing(up="body", fit="bodies", zoom=1.3, margin=0.1)
    groups = [(0,), (1, 2), (), (3,)]
    together = look(demo_body, bodies, VIEWS, framing, sheets=groups)
    shown = np.array([shot.sheet for shot in together.batch.shots])
    listed = np.repeat(shown, np.diff(together.batch.first)[shown])
    for i, people in enumerate(groups):
        alone = look(demo_body, bodies, VIEWS, framing, sheets=[people])
        for name in alone.framed.cameras.SHAPES:
            own = getattr(together.framed.cameras, name)[torch.from_numpy(listed == i)]
            assert torch.equal(getattr(alone.framed.cameras, name), own)
            of_shots = getattr(together.framed.shots, name)[torch.from_numpy(shown == i)]
            assert torch.equal(getattr(alone.framed.shots, name).nan_to_num(), of_shots.nan_to_num())
