"""Views around bodies stand upright and show all that is there."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from render.body.anatomy import find_anatomy
from render.sheet.around.scenes import find_scenes, find_spaces, place_batch
from render.types.sheets import Framing
from tests.helpers.around_bodies import look, make_fits, pitch, pose, see

UPRIGHT = Framing(up="body", fit="bodies")


def middle_line(demo_body, bodies, seen, row: int) -> np.ndarray:
    """From the middle of the feet to the head on a panel."""
    joints = bodies.joints[0].double().numpy()
    names = demo_body.joint_names
    feet = (joints[names.index("left_ankle")] + joints[names.index("right_ankle")]) / 2
    head = joints[names.index("head")]
    ends = see(seen.framed.cameras, row, np.stack([feet, head]))
    return ends[1] - ends[0]


@pytest.mark.parametrize("degrees", [-30, 15, 30])
@pytest.mark.parametrize("fit", ["bodies", "original"])
def test_who_stands_before_a_pitched_camera_stands_upright_in_views_around(demo_body, degrees, fit):
    bodies = pose(demo_body, pitch(degrees))
    views = ["side:ortho", "orbit:90", "orbit:30:0:ortho", "orbit:-60:10"]
    seen = look(demo_body, bodies, views, Framing(up="body", fit=fit))
    leaning = look(demo_body, bodies, views, Framing(fit=fit))
    for row in range(len(views)):
        line = middle_line(demo_body, bodies, seen, row)
        # The head is a little ahead of the ankles: 3 degrees at most.
        assert line[1] < 0
        assert abs(np.degrees(np.arctan2(line[0], -line[1]))) < 4
    line = middle_line(demo_body, bodies, leaning, 1)
    assert abs(np.degrees(np.arctan2(line[0], -line[1]))) > 0.7 * abs(degrees)


@pytest.mark.parametrize("up", ["picture", "body"])
@pytest.mark.parametrize("fit", ["bodies", "original"])
def test_a_shot_s_camera_sees_its_space_as_placements_see_bodies(demo_body, up, fit):
    bodies = pose(demo_body, np.concatenate([pitch(20), pitch(25)]))
    views = ["side", "orbit:20:30:ortho", "camera"]
    seen = look(demo_body, bodies, views, Framing(up=up, fit=fit))
    scenes = find_scenes(seen.batch, bodies, [find_anatomy(demo_body)] * 2)
    assert np.isnan(scenes.ground[0]) == (up == "picture")
    np.testing.assert_allclose(
        seen.framed.stage.ground[0], scenes.ground[0] if fit == "bodies" or up != "picture" else np.nan
    )
    people, groups = place_batch(seen.batch, bodies)
    spaces = find_spaces(seen.batch, bodies, people, groups.center, [find_anatomy(demo_body)] * 2)
    for d in range(4):
        i, k = d % 2, d // 2
        verts = bodies.verts[i].double().numpy() @ spaces.matrix[i].numpy().T + spaces.shift[i].numpy()
        np.testing.assert_allclose(see(seen.framed.shots, k, verts), seen.xy[d], atol=2e-3)
        assert verts[:, 1].max() <= scenes.center[0, 1] + scenes.half_height[0] + 1e-6
    assert torch.isnan(seen.framed.shots.matrix[2]).all()


@pytest.mark.parametrize("view", ["orbit:0", "orbit:0:35", "side", "orbit:0:-20:ortho", "top"])
def test_nothing_is_cut_off_at_any_frame_of_a_turn(demo_body, view):
    rng = np.random.default_rng(5)
    turns = Rotation.random(4, rng=rng).as_matrix()
    bodies = pose(demo_body, turns, {"left_shoulder": (0, 0, 1), "right_hip": (-1.4, 0, 0.4)})
    seen = look(demo_body, bodies, [view], UPRIGHT, sheets=[(0,), (1, 2), (3,)], frames=12)
    for xy in seen.xy:
        assert (xy > 0.05 * 300).all()
        assert (xy < np.array([400, 300]) - 0.05 * 300).all()


def test_sheets_of_nobody_are_seen_as_their_scenes_say(demo_body):
    bodies = pose(demo_body, pitch(10))
    alone = look(demo_body, bodies, ["orbit:40:10"], UPRIGHT)
    scenes = find_scenes(alone.batch, bodies, [find_anatomy(demo_body)])
    twice = type(scenes)(**{name: np.repeat(getattr(scenes, name), 2, 0) for name in scenes.SHAPES})
    seen = look(demo_body, bodies, ["orbit:40:10"], UPRIGHT, sheets=[(), (0,)], scenes=twice)
    shots = seen.framed.shots
    assert torch.isfinite(shots.matrix).all()
    for name in shots.SHAPES:
        assert torch.equal(getattr(shots, name)[0], getattr(shots, name)[1])


def test_people_with_a_world_are_where_the_world_has_them(demo_body):
    """In metres and in its own axes, whatever the camera is turned by."""
    bodies = pose(demo_body, np.concatenate([pitch(25)] * 2))
    world = Rotation.from_euler("YX", [50, -25], degrees=True).as_matrix()
    place = np.array([[1.0, 0.5, 3.0], [-2.0, 0.5, 4.0]])
    fits = make_fits(bodies)
    fits = type(fits)(
        **{name: getattr(fits, name) for name in fits.SHAPES if not name.startswith("world")},
        world_rotation=np.tile(world, (2, 1, 1)),
        world_m=place,
        sources=fits.sources,
    )
    seen = look(demo_body, bodies, ["side:ortho"], Framing(up="world", fit="bodies"), fits=fits)
    scenes = find_scenes(seen.batch, bodies)
    verts = bodies.verts.double().numpy() @ world.T + place[:, None]
    low, high = verts.min((0, 1)), verts.max((0, 1))
    np.testing.assert_allclose(scenes.center[0], (low + high) / 2, atol=1e-9)
    np.testing.assert_allclose(scenes.half_height[0], (high - low)[1] / 2, atol=1e-9)
    aside = np.linalg.norm((verts - scenes.center[0])[..., [0, 2]], axis=2).max()
    np.testing.assert_allclose(scenes.radius[0], aside, atol=1e-9)
    # And still sheets are seen from the camera's own side, where what is away from it is on the left.
    bearing = seen.framed.shots.rotation[0].double().numpy() @ world @ np.array([0.0, 0, 1.0])
    np.testing.assert_allclose(bearing[0], -np.cos(np.radians(25)), atol=1e-6)
    for k in range(2):
        np.testing.assert_allclose(see(seen.framed.shots, 0, verts[k]), seen.xy[k], atol=1e-3)
