"""Joints within, before and behind balls and capsules, and a second way to decide: to walk to the viewer."""

import math

import numpy as np
import pytest
import torch

from render.labels.joint_kernels import MOST_CROSSINGS
from render.labels.keypoints import HIDDEN, OUTSIDE, VISIBLE, JointProbe
from render.rasterize.project import project
from render.rasterize.whole import rasterize_shots
from render.types.placements import Cameras
from tests.helpers.capsules import Capsule, make_ball, make_people

SIZE_PX = (120, 100)
# One centimetre a pixel without perspective, and about that with it.
PX_PER_M, FOCAL_PX, EYE_M = 100.0, 400.0, 4.0


def make_cameras(count: int, is_pinhole: bool) -> Cameras:
    """The origin is in the middle of the picture, 4 m away."""
    eye = torch.eye(3).repeat(count, 1, 1)
    middle = torch.tensor([[SIZE_PX[0] / 2, SIZE_PX[1] / 2]]).repeat(count, 1)
    away = torch.tensor([[0.0, 0.0, EYE_M]]).repeat(count, 1)
    return Cameras(
        matrix=eye if is_pinhole else PX_PER_M * eye,
        translation=away if is_pinhole else torch.cat([middle, away[:, 2:]], 1),
        focal_px=torch.full((count,), FOCAL_PX if is_pinhole else 0.0),
        center_px=middle,
        rotation=eye,
        cull=torch.ones(count, dtype=torch.int32),
        depth_shift=torch.zeros(count),
    )


def see(people: list[list[Capsule]], joints, is_pinhole: bool = False) -> np.ndarray:
    """(P, J, 3) keypoints of joints (P, J, 3) m, of people on one picture."""
    bodies = make_people(people, np.asarray(joints, float))
    count = len(people)
    cameras = make_cameras(count, is_pinhole)
    body = torch.arange(count, dtype=torch.int32)
    placements = project(bodies, cameras, body, torch.zeros_like(body), torch.zeros(1, dtype=torch.int32))
    layout, visibility = rasterize_shots(placements, [SIZE_PX])
    probe = JointProbe(bodies, cameras, placements, layout, count)
    for task in probe.list_tasks():
        task()
    probe.open(visibility.keys)(visibility.chunk)
    return probe.judge().numpy()


def seen(people: list[list[Capsule]], joints, **settings) -> list[int]:
    return see(people, joints, **settings)[..., 2].astype(int).flatten().tolist()


BOTH = pytest.mark.parametrize("is_pinhole", [False, True])
CHEST = Capsule((0, 0, 0), 0.25)


@BOTH
def test_a_joint_anywhere_within_its_own_limb_is_seen(is_pinhole):
    """Also near the back, as joints of a spine are, and beside the middle."""
    joints = [[(0, 0, 0), (0, 0, 0.24), (0, 0, -0.24), (0.2, 0.05, 0.05)]]
    assert seen([[CHEST]], joints, is_pinhole=is_pinhole) == [VISIBLE] * 4


@BOTH
def test_an_arm_before_the_chest_hides_what_is_in_the_chest(is_pinhole):
    arm = Capsule((-0.3, 0, -0.5), 0.05, (0.3, 0, -0.5))
    joints = [[(0, 0, 0.2), (0, 0.15, 0.1), (-0.3, 0, -0.5), (0, 0, -0.5)]]
    assert seen([[CHEST, arm]], joints, is_pinhole=is_pinhole) == [HIDDEN, VISIBLE, VISIBLE, VISIBLE]


@BOTH
def test_an_arm_that_reaches_into_the_chest_is_one_with_it(is_pinhole):
    arm = Capsule((-0.3, 0, -0.25), 0.05, (0.3, 0, -0.25))
    assert seen([[CHEST, arm]], [[(0, 0, 0.1), (0, 0, -0.25)]], is_pinhole=is_pinhole) == [VISIBLE] * 2


@BOTH
def test_an_arm_behind_the_back_is_hidden_where_the_back_is(is_pinhole):
    arm = Capsule((-0.4, 0, 0.5), 0.05, (0.4, 0, 0.5))
    assert seen([[CHEST, arm]], [[(0, 0, 0.5), (-0.4, 0, 0.5)]], is_pinhole=is_pinhole) == [HIDDEN, VISIBLE]


@BOTH
def test_legs_that_are_crossed(is_pinhole):
    left = Capsule((-0.3, -0.4, 0), 0.07, (0.3, 0.4, 0))
    right = Capsule((0.3, -0.4, 0.2), 0.07, (-0.3, 0.4, 0.2))
    joints = [[(0, 0, 0), (0, 0, 0.2), (-0.3, 0.4, 0.2), (0.3, -0.4, 0.2), (0.3, 0.4, 0)]]
    expected = [VISIBLE, HIDDEN, VISIBLE, VISIBLE, VISIBLE]
    assert seen([[left, right]], joints, is_pinhole=is_pinhole) == expected


@BOTH
def test_whoever_stands_before_another_hides_their_joints(is_pinhole):
    people = [[Capsule((-0.1, 0, 0.6), 0.2)], [Capsule((0.1, 0, 0), 0.2)]]
    joints = [[(-0.2, 0, 0.6), (0, 0, 0.6), (-0.1, 0, 0.7)], [(0.1, 0, 0), (-0.05, 0, 0), (0.1, 0, 0.15)]]
    expected = [VISIBLE, HIDDEN, HIDDEN, VISIBLE, VISIBLE, VISIBLE]
    assert seen(people, joints, is_pinhole=is_pinhole) == expected
    # It does not matter who comes first.
    again = seen(people[::-1], joints[::-1], is_pinhole=is_pinhole)
    assert again == expected[3:] + expected[:3]


@BOTH
def test_vertices_of_a_ball_are_seen_from_their_side(is_pinhole):
    """Each vertex as a joint: on the near side it is in front, on the far side behind all of the ball."""
    unit, _ = make_ball()
    normals = unit
    points = 0.3 * unit
    keypoints = see([[Capsule((0, 0, 0), 0.3)]], points[None], is_pinhole)[0]
    to_eye = np.array([0, 0, -EYE_M]) - points if is_pinhole else np.array([[0.0, 0, -1]])
    facing = (normals * to_eye).sum(1) / np.linalg.norm(to_eye, axis=1)
    # Faces are up to 7.5 degrees wide. On the rim it depends on how they are cut.
    is_clear = np.abs(facing) > math.sin(math.radians(8))
    assert is_clear.sum() > 500
    np.testing.assert_array_equal(keypoints[is_clear, 2], np.where(facing > 0, VISIBLE, HIDDEN)[is_clear])


def test_joints_beside_their_body():
    joints = [[(0.4, 0, 0.3), (0, 0, -0.3), (0, 0, 0.3), (0, 0.251, 0.1)]]
    assert seen([[CHEST]], joints) == [VISIBLE, VISIBLE, HIDDEN, VISIBLE]


@pytest.mark.parametrize(
    "joint", [(-0.601, 0, 0), (0.601, 0, 0), (0, 0.501, 0), (0, -0.501, 0), (1e20, 0, 0)]
)
def test_joints_out_of_the_picture(joint):
    assert see([[CHEST]], [[joint]]).tolist() == [[[0, 0, OUTSIDE]]]


@pytest.mark.parametrize("joint", [(math.nan, 0, 0), (0, math.nan, 0), (0, 0, math.inf), (math.nan,) * 3])
@BOTH
def test_joints_that_are_nowhere(joint, is_pinhole):
    assert see([[CHEST]], [[joint]], is_pinhole).tolist() == [[[0, 0, OUTSIDE]]]


def test_joints_behind_the_camera():
    assert see([[CHEST]], [[(0, 0, -EYE_M - 1), (0, 0, -EYE_M)]], True)[0, :, 2].tolist() == [OUTSIDE] * 2


def test_places_are_those_of_the_camera():
    joint = np.array([0.11, -0.07, 0.05])
    (((x, y, _),),) = see([[CHEST]], [[joint]])
    np.testing.assert_allclose([x, y], [60 + 11, 50 - 7], atol=1e-4)
    (((x, y, _),),) = see([[CHEST]], [[joint]], True)
    np.testing.assert_allclose([x, y], [60 + 400 * 0.11 / 4.05, 50 - 400 * 0.07 / 4.05], atol=1e-4)


def test_who_is_crossed_too_often_is_hidden():
    """Balls around balls: as many ways out as are kept are looked at; of more, the joint is hidden."""
    balls = [Capsule((0, 0, 0), 0.1 + 0.01 * i) for i in range(MOST_CROSSINGS + 1)]
    assert seen([balls[:-1]], [[(0, 0, 0)]]) == [VISIBLE]
    assert seen([balls], [[(0, 0, 0)]]) == [HIDDEN]


def walk(people: list[list[Capsule]], who: int, joint: np.ndarray, is_pinhole: bool, grow: float) -> int:
    """How a joint is seen, by steps of 2 mm to the viewer; capsules are `grow` thicker."""
    step = np.array([0, 0, -1.0])
    if is_pinhole:
        step = np.array([0, 0, -EYE_M]) - joint
        step /= np.linalg.norm(step)
    way = joint + 0.002 * np.arange(450)[:, None] * step
    within = np.array(
        [np.min([part.measure_outside(way) for part in parts], 0) < grow for parts in people], bool
    )
    own = within[who]
    # Where it is left; at once where the joint is not within.
    way_out = int(np.argmin(own))
    if own[way_out:].any():
        return HIDDEN
    others = np.delete(within, who, 0).any(0)
    return HIDDEN if others[way_out:].any() else VISIBLE


@BOTH
def test_a_walk_to_the_viewer_finds_the_same(is_pinhole):
    rng = np.random.default_rng(5)
    joint_count, found = 30, {HIDDEN: 0, VISIBLE: 0}
    for _ in range(2):
        people = [
            [
                Capsule(
                    tuple(rng.uniform(-0.35, 0.35, 3)),
                    rng.uniform(0.05, 0.15),
                    tuple(rng.uniform(-0.35, 0.35, 3)),
                )
                for _ in range(3)
            ]
            for _ in range(3)
        ]
        # Half of them within a limb.
        joints = rng.uniform(-0.35, 0.35, (3, joint_count, 3))
        for who, parts in enumerate(people):
            for j in range(0, joint_count, 2):
                part = parts[j % 3]
                share = rng.uniform()
                joints[who, j] = (1 - share) * np.array(part.start) + share * np.array(part.end)
        keypoints = see(people, joints, is_pinhole)
        for who, j in np.ndindex(3, joint_count):
            # Meshes lie within capsules by up to 2 mm, and others are seen at the centre of the pixel only.
            expected = {
                walk(people, who, joints[who, j] + off, is_pinhole, grow)
                for grow in (-0.004, 0.0)
                for off in 0.006 * np.array([(0, 0, 0), (1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0)])
            }
            if len(expected) == 1:
                assert keypoints[who, j, 2] == expected.pop(), (who, j)
                found[int(keypoints[who, j, 2])] += 1
    assert min(found.values()) > 30
