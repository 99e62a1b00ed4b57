"""Joints in front of, behind and within spheres and capsules, and a second way to decide in plain Python."""

import math

import numpy as np
import pytest
import torch

from render.body.family.body import FamilyBody
from render.labels.keypoints import (
    HIDDEN,
    OUTSIDE,
    OWN_LIMB_RADII,
    VISIBLE,
    find_visibility,
    join_keypoints,
    measure_radii,
)

SIDE = 100


class Scene:
    """Capsules seen along z without perspective: whose is in front of each pixel's centre, and how deep."""

    def __init__(self) -> None:
        self.instance = np.zeros((SIDE, SIDE), np.int32)
        self.depth = np.full((SIDE, SIDE), np.inf, np.float32)

    def add(self, person: int, start: tuple, radius: float, end: tuple | None = None) -> "Scene":
        """A capsule, or a sphere where it has no end."""
        # Spheres along the axis, near enough to one another for a pixel.
        for share in np.linspace(0, 1, 200 if end else 1):
            x, y, z = np.array(start) + share * (np.array(end or start) - np.array(start))
            rows, columns = np.mgrid[:SIDE, :SIDE] + 0.5
            within = radius**2 - (columns - x) ** 2 - (rows - y) ** 2
            front = np.where(within > 0, z - np.sqrt(np.maximum(within, 0)), np.inf)
            self.instance[front < self.depth] = person
            self.depth = np.minimum(front, self.depth).astype(np.float32)
        return self

    def see(self, *joints: tuple, people: int = 1) -> list:
        """How joints x, y, z, radius are seen, of one person after the other."""
        table = torch.tensor(joints, dtype=torch.float32).reshape(people, -1, 4)
        planes = torch.from_numpy(self.instance), torch.from_numpy(self.depth)
        found = find_visibility(table[..., :2], table[..., 2], table[..., 3], *planes)
        assert found.dtype == torch.uint8
        return found.flatten().tolist()


def test_a_joint_within_its_own_limb_is_seen():
    scene = Scene().add(1, (50, 50, 500), 20)
    assert scene.see((50, 50, 500, 20), (62, 41, 500, 10)) == [VISIBLE, VISIBLE]


def test_whoever_stands_before_another_hides_their_joints():
    scene = Scene().add(1, (40, 50, 300), 20).add(2, (60, 50, 200), 20)
    # The first one's joint beside the second, the same behind them, and the second's.
    joints = (30, 50, 300, 20), (50, 50, 300, 20), (60, 50, 200, 20), (70, 50, 200, 20)
    assert scene.see(*joints, people=2) == [VISIBLE, HIDDEN, VISIBLE, VISIBLE]


def test_an_arm_before_the_chest_hides_what_is_in_the_chest():
    chest, arm = (50, 50, 500), ((20, 50, 430), (80, 50, 430))
    scene = Scene().add(1, chest, 25).add(1, arm[0], 6, arm[1])
    assert scene.see((*chest, 25), (*arm[0], 6), (50, 50, 430, 6)) == [HIDDEN, VISIBLE, VISIBLE]
    # Above the arm the chest is seen.
    assert scene.see((50, 40, 500, 15)) == [VISIBLE]


def test_an_arm_that_touches_the_chest_counts_as_its_skin():
    chest = (50, 50, 500)
    scene = Scene().add(1, chest, 25).add(1, (20, 50, 470), 5, (80, 50, 470))
    assert scene.see((*chest, 25)) == [VISIBLE]


def test_an_arm_behind_the_back_is_hidden():
    scene = Scene().add(1, (50, 50, 500), 25).add(1, (20, 50, 540), 6, (80, 50, 540))
    # Within the silhouette of the chest, and beside it.
    assert scene.see((50, 50, 540, 6), (22, 50, 540, 6)) == [HIDDEN, VISIBLE]


@pytest.mark.parametrize("radius", [0.0, 0.5])
def test_joints_on_the_skin(radius):
    scene = Scene().add(1, (50, 50, 500), 30)
    front = [(50, 50, 470), (50 + 18, 50, 500 - 24), (50, 50 - 24, 500 - 18)]
    back = [(50, 50, 530), (50 + 18, 50, 524), (50, 50 - 24, 518)]
    assert scene.see(*[(*joint, radius) for joint in front]) == [VISIBLE] * 3
    assert scene.see(*[(*joint, radius) for joint in back]) == [HIDDEN] * 3


def test_two_radii_are_the_limit():
    depth = torch.full((1, 1), 100.0)
    instance = torch.ones(1, 1, dtype=torch.int32)
    joint_depth = torch.tensor([[100.0, 119.0, 120.0, 121.0]])
    found = find_visibility(
        torch.full((1, 4, 2), 0.5), joint_depth, torch.full((1, 4), 10.0), instance, depth
    )
    assert found.tolist() == [[VISIBLE, VISIBLE, VISIBLE, HIDDEN]]
    assert OWN_LIMB_RADII == 2


def test_where_nobody_is_nothing_hides_a_joint():
    scene = Scene().add(1, (50, 50, 500), 20)
    assert scene.see((5, 5, 500, 1), (50, 29.6, 500, 1)) == [VISIBLE, VISIBLE]


@pytest.mark.parametrize(
    "joint",
    [
        *((-0.01, 50, 500), (50, -0.01, 500), (SIDE, 50, 500), (50, SIDE, 500), (1e30, -1e30, 500)),
        *((math.nan, 50, 500), (50, math.inf, 500), (50, 50, math.nan), (50, 50, math.inf)),
    ],
)
def test_joints_that_are_not_in_the_picture(joint):
    assert Scene().add(1, (50, 50, 500), 20).see((*joint, 20.0)) == [OUTSIDE]


def test_the_corners_of_the_picture_are_in_it():
    last = float(np.nextafter(np.float32(SIDE), np.float32(0)))
    assert Scene().see((0, 0, 1, 1), (last, last, 1, 1)) == [VISIBLE, VISIBLE]


def decide(x: float, y: float, z: float, radius: float, person: int, scene: Scene) -> int:
    if not (0 <= x < SIDE and 0 <= y < SIDE and math.isfinite(z)):
        return OUTSIDE
    row, column = int(y), int(x)
    if scene.instance[row, column] != person:
        return VISIBLE if scene.instance[row, column] == 0 else HIDDEN
    around = [
        scene.depth[r, c]
        for r in range(max(row - 1, 0), min(row + 2, SIDE))
        for c in range(max(column - 1, 0), min(column + 2, SIDE))
        if scene.instance[r, c] == person
    ]
    return VISIBLE if max(around) >= np.float32(z) - np.float32(2) * np.float32(radius) else HIDDEN


def test_a_second_way_to_decide():
    rng = np.random.default_rng(4)
    scene, people = Scene(), 5
    for person in range(1, people + 1):
        for _ in range(3):
            scene.add(person, (*rng.uniform(0, SIDE, 2), rng.uniform(100, 200)), rng.uniform(8, 20))
    joints = np.concatenate(
        [rng.uniform(-5, SIDE + 5, (people, 300, 2)), rng.uniform(90, 220, (people, 300, 1))], 2
    )
    joints = np.concatenate([joints, rng.uniform(0, 20, (people, 300, 1))], 2).astype(np.float32)
    found = np.reshape(scene.see(*joints.reshape(-1, 4).tolist(), people=people), (people, -1))
    expected = [
        [decide(*joint, person, scene) for joint in joints[person - 1]] for person in range(1, people + 1)
    ]
    np.testing.assert_array_equal(found, expected)
    assert set(np.unique(found)) == {OUTSIDE, HIDDEN, VISIBLE}


def test_nobody():
    none = torch.zeros(0, 17)
    planes = torch.zeros(8, 9, dtype=torch.int32), torch.full((8, 9), torch.inf)
    assert find_visibility(torch.zeros(0, 17, 2), none, none, *planes).shape == (0, 17)


def test_radii_of_a_tube():
    # Rings of 12 vertices, 0.1 apart, around a bone off the middle: 2 from one side, 4 from the other.
    angles = torch.arange(12) * (2 * math.pi / 12)
    ring = torch.stack([3 * angles.cos() + 1, 3 * angles.sin(), torch.zeros(12)], 1)
    verts = torch.cat([ring + torch.tensor([0, 0, z / 10]) for z in range(41)])[None]
    joints = torch.tensor([[[0.0, 0.0, 1.0], [0.0, 0.0, 3.0], [4.0, 0.0, 2.0]]])
    # Each of the two has half of the rings. The third joint is a vertex, with two rings on both sides of it.
    expected = [
        np.median([math.dist(vert, joint) for vert in verts[0, part].tolist()])
        for joint, part in (([0, 0, 1], slice(0, 20 * 12)), ([0, 0, 3], slice(21 * 12, None)))
    ]
    (radii,) = measure_radii(joints, verts, 2)
    # The ring in the middle is as near to both.
    np.testing.assert_allclose(radii, [*expected, 0.2], atol=0.02)
    assert 2 < expected[0] < 4


def test_radii_far_from_the_origin():
    verts = torch.rand(1, 500, 3, generator=torch.Generator().manual_seed(1))
    joints = verts[:, :6] + 0.01
    near, far = (measure_radii(joints + offset, verts + offset, 4) for offset in (0, 1000))
    # So far away positions are good to 6e-5.
    torch.testing.assert_close(near, far, atol=3e-4, rtol=0)


def test_radii_of_joints_without_skin_of_their_own():
    joints = torch.tensor([[[0.0, 0, 0], [0.0, 0, 0], [1.0, 1, 1]]])
    radii = measure_radii(joints, torch.ones(1, 1, 3), 2)
    # Of two joints in one place the first has the skin; the other takes the nearest.
    torch.testing.assert_close(radii, torch.tensor([[3**0.5, 3**0.5, 0.0]]))


def see_body(body: FamilyBody, yaw_deg: float) -> dict[str, int]:
    """The body in the T-pose seen from the front, or turned: how each of its joints is seen."""
    rest = body.pose(torch.eye(3).repeat(1, 24, 1, 1), torch.zeros(1, 10))
    radius = measure_radii(rest.joints, rest.verts, body.weights.shape[1])[0].numpy()
    yaw = math.radians(yaw_deg)
    # The model's y is up and its z out of the chest.
    turned = [[math.cos(yaw), 0, math.sin(yaw)], [0, -1, 0], [math.sin(yaw), 0, -math.cos(yaw)]]
    to_px = 45 * np.array(turned).T
    middle = (rest.verts[0].amin(0) + rest.verts[0].amax(0)) / 2
    verts, joints = ((points[0] - middle).numpy() @ to_px + 50 for points in (rest.verts, rest.joints))
    # Many points of each face, the farthest first.
    shares = np.array([(a, b, 6 - a - b) for a in range(7) for b in range(7 - a)]) / 6
    points = np.einsum("kc,fcx->fkx", shares, verts[body.faces.numpy()]).reshape(-1, 3)
    points = points[np.argsort(-points[:, 2])]
    scene = Scene()
    columns, rows = points[:, :2].astype(int).T
    scene.depth[rows, columns] = points[:, 2]
    scene.instance[rows, columns] = 1
    found = scene.see(*np.column_stack([joints, 45 * radius]).tolist())
    return dict(zip(body.joint_names, found, strict=True))


@pytest.mark.parametrize(("yaw_deg", "has_face"), [(0, True), (180, False)])
def test_a_body_from_the_front_and_from_behind(demo_body, yaw_deg, has_face):
    seen = see_body(demo_body, yaw_deg)
    # Nothing is in front of the skeleton, but from behind the heels hide the feet.
    hidden = {name for name in demo_body.joint_names[:24] if seen[name] != VISIBLE}
    assert hidden == (set() if has_face else {"left_foot", "right_foot"})
    assert {seen[name] for name in ("nose", "left_eye", "right_eye")} == {VISIBLE if has_face else HIDDEN}
    assert {seen["left_heel"], seen["right_heel"]} == {HIDDEN if has_face else VISIBLE}


@pytest.mark.parametrize(("yaw_deg", "near", "far"), [(90, "right", "left"), (-90, "left", "right")])
def test_a_body_from_the_side(demo_body, yaw_deg, near, far):
    seen = see_body(demo_body, yaw_deg)
    assert {seen[f"{near}_{joint}"] for joint in ("ear", "hip", "knee", "wrist")} == {VISIBLE}
    assert {seen[f"{far}_{joint}"] for joint in ("ear", "elbow", "wrist")} == {HIDDEN}


def test_keypoints_as_coco_has_them():
    xy = torch.tensor([[[1.5, 2.5], [math.nan, 3.0], [7.0, 8.0]]])
    found = join_keypoints(xy, torch.tensor([[VISIBLE, OUTSIDE, HIDDEN]], dtype=torch.uint8))
    assert found.tolist() == [[[1.5, 2.5, 2.0], [0.0, 0.0, 0.0], [7.0, 8.0, 1.0]]]
