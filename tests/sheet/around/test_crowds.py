"""Crowds of weak perspective stand where a pinhole had them, on the ground that their feet tell."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from render.body.anatomy import find_anatomy
from render.fits.cameras import pinhole, weak_perspective
from render.sheet.around.scenes import Spaces, find_scenes, find_spaces, place_batch
from render.types.bodies import Bodies
from render.types.sheets import Framing
from tests.helpers.around_bodies import look, make_fits, pose

UPRIGHT = Framing(up="body", fit="bodies")
HW = (300, 400)
# Of the photo: what crowds are taken to be seen by.
DIAGONAL, MIDDLE = 500.0, np.array([200.0, 150.0])
# The camera is as high above the ground, and looks down by so much.
HEIGHT_M, DOWN_DEG = 1.6, 12.0
SEEN = Rotation.from_euler("x", DOWN_DEG, degrees=True).as_matrix()
# x and z on the ground.
PLACES = np.array([[-1.5, 4.0], [0.8, 5.0], [2.0, 7.0], [-0.5, 8.5], [0.2, 6.0]])
# On the floor, or on a table: with the legs ahead.
SITS = {"left_hip": (-1.5, 0, 0), "right_hip": (-1.5, 0, 0)}


class Crowd:
    """People on a level ground, as a pinhole sees them.

    Attributes:
        bodies: As their fits have them.
        truth: (M, 3) of their origins, in axes with y down along gravity.
        cameras: Weak perspective that draws each as large as the pinhole does.
    """

    def __init__(self, demo_body, raised_m, focal=DIAGONAL, sits=(), own_pinholes=False):
        count = len(raised_m)
        yaw = Rotation.from_euler("y", np.arange(count)[:, None] * 70.0, degrees=True).as_matrix()
        parts = [pose(demo_body, SEEN @ yaw[i : i + 1], SITS if i in sits else None) for i in range(count)]
        self.bodies = Bodies(
            *(torch.cat([getattr(part, name) for part in parts]) for name in ("verts", "normals", "joints")),
            parts[0].faces,
        )
        level = self.bodies.verts.double().numpy() @ SEEN
        self.lowest = level[..., 1].max(1)
        x, z = PLACES[:count].T
        self.truth = np.column_stack([x, HEIGHT_M - self.lowest - raised_m, z])
        seen = self.truth @ SEEN.T
        if own_pinholes:
            # Each of a crop of its own: as large on the photo, by a focal length of its own.
            factor = np.linspace(1, 2, count)
            place = np.column_stack([seen[:, :2], seen[:, 2] * factor])
            landed = MIDDLE + focal * seen[:, :2] / seen[:, 2:]
            own = focal * factor
            center = landed - own[:, None] * place[:, :2] / place[:, 2:]
            self.cameras = pinhole(own, center, place, is_metric=True)
        else:
            self.cameras = weak_perspective(focal / seen[:, 2], MIDDLE + focal * seen[:, :2] / seen[:, 2:])


def place(demo_body, crowd: Crowd, framing=UPRIGHT) -> tuple[Spaces, float]:
    fits = make_fits(crowd.bodies, crowd.cameras)
    anatomies = [find_anatomy(demo_body)] * len(fits)
    batch = look(demo_body, crowd.bodies, ["orbit:30:15"], framing, fits=fits, hw=HW).batch
    people, groups = place_batch(batch, crowd.bodies)
    spaces = find_spaces(batch, crowd.bodies, people, groups.center, anatomies)
    return spaces, find_scenes(batch, crowd.bodies, anatomies).ground[0]


def stand_on(crowd: Crowd, spaces: Spaces, ground: float) -> np.ndarray:
    """(M,) metres of each body's lowest vertex above the ground."""
    verts = crowd.bodies.verts.double().numpy()
    down = np.einsum("mvj,mj->mv", verts, spaces.matrix[:, 1].numpy()) + spaces.shift[:, 1:2].numpy()
    return (ground - down.max(1)) / spaces.units_per_m.numpy()


def distances(points: np.ndarray) -> np.ndarray:
    return np.linalg.norm(points[:, None] - points[None], axis=2)


def is_crowd(spaces: Spaces) -> bool:
    """Whether all have one scale, as people in one space do."""
    return len(set(spaces.units_per_m.tolist())) == 1


@pytest.mark.parametrize("own_pinholes", [False, True])
@pytest.mark.parametrize("count", [2, 3, 5])
def test_who_stands_on_a_plane_stands_on_it_at_true_distances(demo_body, count, own_pinholes):
    crowd = Crowd(demo_body, np.zeros(count), own_pinholes=own_pinholes)
    spaces, ground = place(demo_body, crowd)
    assert is_crowd(spaces)
    np.testing.assert_allclose(stand_on(crowd, spaces, ground), 0, atol=1e-6)
    found = (spaces.shift / spaces.units_per_m[:, None]).numpy()
    # Two tell no tilt, and by the lean of their bodies the ground may be a few degrees off over 4 m; the
    # pinholes' scale is that at the middle of the body, which is a little nearer or farther than its origin.
    np.testing.assert_allclose(distances(found), distances(crowd.truth), atol=0.3 if count == 2 else 0.15)
    # The camera looked down on the ground by 12 degrees; three or more tell that to 2.
    tilt = np.degrees(np.arccos(spaces.upright[0].numpy()[1] @ SEEN[:, 1]))
    assert tilt < (4 if count == 2 else 2)


def test_a_wrong_focal_length_stretches_depths_and_keeps_the_ground(demo_body):
    crowd = Crowd(demo_body, np.zeros(5), focal=1.4 * DIAGONAL)
    spaces, ground = place(demo_body, crowd)
    assert is_crowd(spaces)
    np.testing.assert_allclose(stand_on(crowd, spaces, ground), 0, atol=1e-6)


def test_who_floats_stays_in_the_air(demo_body):
    raised = np.array([0, 0, 0.8, 0, 0])
    crowd = Crowd(demo_body, raised)
    spaces, ground = place(demo_body, crowd)
    assert is_crowd(spaces)
    # Of the others each is on the ground; of the one above it what the tilt of four people is off by.
    found = stand_on(crowd, spaces, ground)
    np.testing.assert_allclose(found[raised == 0], 0, atol=1e-6)
    np.testing.assert_allclose(found[2], 0.8, atol=0.15)


def test_who_sits_tells_no_ground_and_stays_above_it(demo_body):
    raised = np.array([0, 0.0, 0, 0.5, 0])
    crowd = Crowd(demo_body, raised, sits=(1, 3))
    spaces, ground = place(demo_body, crowd)
    assert is_crowd(spaces)
    found = stand_on(crowd, spaces, ground)
    np.testing.assert_allclose(found[[0, 2, 4]], 0, atol=1e-6)
    np.testing.assert_allclose(found[[1, 3]], [0, 0.5], atol=0.15)
    assert (found > -1e-6).all()


@pytest.mark.parametrize(
    ("raised", "sits"),
    [
        ((0, 0, 0, 0, -1.0), ()),
        ((0, 0.9, -0.9, 0.5), ()),
        ((0, 0.9), ()),
        ((0, 0, 0), (0, 1)),
    ],
)
def test_without_a_common_ground_people_stand_one_behind_the_other(demo_body, raised, sits):
    """One is beneath it, each is elsewhere, two disagree, or only one stands."""
    crowd = Crowd(demo_body, np.array(raised), sits=sits)
    spaces, _ = place(demo_body, crowd)
    assert not is_crowd(spaces)
    # In slabs: nobody is within another's depths, as the camera sees them.
    verts = crowd.bodies.verts.double().numpy() @ spaces.matrix.numpy().transpose(0, 2, 1)
    verts = (verts + spaces.shift.numpy()[:, None]) @ spaces.upright[0].numpy()
    order = np.argsort(verts[..., 2].min(1))
    assert (verts[order[1:], :, 2].min(1) > verts[order[:-1], :, 2].max(1)).all()


@pytest.mark.parametrize("framing", [Framing(fit="bodies"), Framing(up="body")])
def test_other_settings_leave_people_in_their_slabs(demo_body, framing):
    assert not is_crowd(place(demo_body, Crowd(demo_body, np.zeros(3)), framing)[0])


def test_the_order_over_the_photo_is_what_it_was(demo_body):
    crowd = Crowd(demo_body, np.zeros(4))
    fits = make_fits(crowd.bodies, crowd.cameras)
    views = ["camera", "orbit:30"]
    seen, before = (
        look(demo_body, crowd.bodies, views, framing, fits=fits, hw=HW).framed.cameras
        for framing in (UPRIGHT, Framing())
    )
    for name in seen.SHAPES:
        assert torch.equal(getattr(seen, name)[:4], getattr(before, name)[:4])
    assert not torch.equal(seen.matrix[4:], before.matrix[4:])


def test_crowds_are_the_same_in_any_batch_and_whole(demo_body):
    crowd = Crowd(demo_body, np.array([0, 0, 0, 0, 0.3]))
    fits = make_fits(crowd.bodies, crowd.cameras)
    groups = [(0, 1), (2,), (3, 4, 2), (4, 0)]
    framing = replace(UPRIGHT, margin=0.05)
    together = look(demo_body, crowd.bodies, ["orbit:30:15"], framing, fits=fits, sheets=groups)
    begin = 0
    for people in groups:
        alone = look(demo_body, crowd.bodies, ["orbit:30:15"], framing, fits=fits, sheets=[people])
        rows = slice(begin, begin + len(people))
        for name in alone.framed.cameras.SHAPES:
            assert torch.equal(
                getattr(alone.framed.cameras, name), getattr(together.framed.cameras, name)[rows]
            )
        begin += len(people)
    for xy in together.xy:
        assert (xy > 0.049 * 300).all()
        assert (xy < np.array([400, 300]) - 0.049 * 300).all()
