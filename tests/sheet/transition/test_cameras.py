"""Cameras between a photo's and a view's: both ends exact, all between even, nearer people before others."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation, Slerp

from render.rasterize.project import project_points
from render.sheet.transition.cameras import LEAST_PULL, blend_cameras, turn_between
from render.sheet.view_cameras import make_cameras
from render.types.placements import Cameras

COUNT = 8
SEEDS = st.integers(0, 10_000)


def make_photo_cameras(rng: np.random.Generator, middle: np.ndarray, is_pinhole: np.ndarray) -> Cameras:
    """As `over_photo` makes them: without rotations, of both kinds, with pixels that are not square."""
    scale = rng.uniform(40, 400, COUNT)
    place = rng.uniform(-100, 900, (COUNT, 2))
    depth = rng.uniform(1.5, 12, COUNT)
    focal, wide = rng.uniform(300, 3000, COUNT), rng.uniform(0.8, 1.25, COUNT)
    center = rng.uniform(100, 500, (COUNT, 2))
    row = np.where(is_pinhole[:, None], np.column_stack([scale * wide, scale, scale]), scale[:, None])
    # Where the middle is to be, by the formulas of `Cameras`.
    seen = (place - center) * (scale * depth / focal)[:, None]
    at = np.where(
        is_pinhole[:, None], np.column_stack([seen, scale * depth]), np.column_stack([place, depth * 90])
    )
    return make_cameras(
        matrix=torch.from_numpy(row[:, :, None] * np.eye(3)),
        translation=torch.from_numpy(at - row * middle),
        focal_px=torch.from_numpy(np.where(is_pinhole, focal, 0.0)),
        center_px=torch.from_numpy(np.where(is_pinhole[:, None], center, 0.0)),
        rotation=torch.eye(3, dtype=torch.float64).expand(COUNT, 3, 3),
        depth_shift=torch.from_numpy(np.where(is_pinhole, rng.uniform(-300, 300, COUNT), 0.0)),
    )


def make_view_cameras(rng: np.random.Generator, middle: np.ndarray, is_flat: bool) -> Cameras:
    """As views around bodies are: one rotation and one lens for all, lengths of a space of their own."""
    turn = Rotation.random(random_state=int(rng.integers(1 << 30))).as_matrix()
    unit = rng.choice([1.0, 180.0])
    focal = rng.uniform(300, 1500)
    at = np.column_stack([rng.uniform(-1, 1, (COUNT, 2)), rng.uniform(2.5, 7, COUNT)])
    if is_flat:
        at, unit, focal = np.column_stack([rng.uniform(0, 600, (COUNT, 2)), at[:, 2] * 150]), 150.0, 0.0
    else:
        at = unit * at
    matrix = np.broadcast_to(unit * turn, (COUNT, 3, 3))
    return make_cameras(
        matrix=torch.from_numpy(matrix.copy()),
        translation=torch.from_numpy(at - (matrix @ middle[:, :, None])[:, :, 0]),
        focal_px=torch.full((COUNT,), focal, dtype=torch.float64),
        center_px=torch.full((COUNT, 2), 256.0, dtype=torch.float64),
        rotation=torch.from_numpy(np.broadcast_to(turn, (COUNT, 3, 3)).copy()),
    )


def make_ends(seed: int) -> tuple[Cameras, Cameras, torch.Tensor, torch.Tensor]:
    """Both ends, the middles of bodies, and points of each body, 25 cm around its middle."""
    rng = np.random.default_rng(seed)
    middle = rng.uniform(-0.5, 0.5, (COUNT, 3))
    photo = make_photo_cameras(rng, middle, rng.random(COUNT) < 0.5)
    view = make_view_cameras(rng, middle, is_flat=bool(seed % 3 == 0))
    points = middle[:, None] + rng.uniform(-0.25, 0.25, (COUNT, 6, 3))
    return photo, view, torch.from_numpy(middle), torch.from_numpy(points).float()


def blend(photo: Cameras, view: Cameras, middle: torch.Tensor, share: float) -> Cameras:
    column = torch.full((COUNT,), share, dtype=torch.float64)
    return blend_cameras(photo, view, middle, column, torch.zeros(COUNT, dtype=torch.long))


def find_depths(cameras: Cameras, points: torch.Tensor) -> torch.Tensor:
    q = (cameras.matrix[:, None].double() @ points.double()[..., None])[..., 0]
    return q[..., 2] + (cameras.translation[:, 2] + cameras.depth_shift).double()[:, None]


@settings(deadline=None, max_examples=12)
@given(SEEDS)
def test_both_ends_are_the_cameras_themselves(seed):
    photo, view, middle, _ = make_ends(seed)
    for share, end in ((0.0, photo), (1.0, view)):
        found = blend(photo, view, middle, share)
        for name in Cameras.SHAPES:
            assert torch.equal(getattr(found, name), getattr(end, name))


@settings(deadline=None, max_examples=12)
@given(SEEDS)
def test_nothing_jumps_at_either_end(seed):
    photo, view, middle, points = make_ends(seed)
    for share, end in ((1e-6, photo), (1 - 1e-6, view)):
        found = project_points(points, blend(photo, view, middle, share))
        # A millionth of ways of a thousand pixels; the rest are 32 bits, and perspective that is left out.
        torch.testing.assert_close(found, project_points(points, end), atol=0.02, rtol=1e-4)


@settings(deadline=None, max_examples=12)
@given(SEEDS)
def test_all_goes_evenly_and_nothing_is_lost(seed):
    photo, view, middle, _ = make_ends(seed)
    shares = np.linspace(0, 1, 11)
    met = [blend(photo, view, middle, share) for share in shares]
    for cameras in met:
        assert all(getattr(cameras, name).isfinite().all() for name in Cameras.SHAPES)
    # The middle goes straight, at an even pace.
    places = torch.stack([project_points(middle[:, None].float(), one)[:, 0] for one in met]).double().numpy()
    straight = places[0] + shares[:, None, None] * (places[-1] - places[0])
    # Of 32 bits, where a far eye is 10 km off.
    np.testing.assert_allclose(places, straight, atol=0.05)
    # Rotations turn evenly, by SciPy's.
    ends = np.stack([photo.rotation.numpy(), view.rotation.numpy()], 1)
    for i in range(COUNT):
        between = Slerp([0, 1], Rotation.from_matrix(ends[i]))(shares).as_matrix()
        np.testing.assert_allclose([one.rotation[i].numpy() for one in met], between, atol=1e-5)
    # Sizes, at the middle and across what is seen, grow or shrink all the way.
    up = torch.from_numpy(np.array([one.rotation[:, 1].numpy() for one in met]) * 1e-2)
    sizes = []
    for one, step in zip(met, up, strict=True):
        pair = torch.stack([middle - step, middle + step], 1).float()
        sizes.append((project_points(pair, one).double().diff(dim=1)[:, 0, 1]).numpy())
    steps = np.diff(np.log(sizes), axis=0)
    np.testing.assert_allclose(steps, steps.mean(0, keepdims=True).repeat(len(steps), 0), atol=0.02)


@settings(deadline=None, max_examples=8)
@given(SEEDS)
def test_between_a_camera_and_itself_is_that_camera(seed):
    photo, view, middle, points = make_ends(seed)
    for end in (photo, view):
        found = blend(end, end, middle, 0.4)
        torch.testing.assert_close(
            project_points(points, found), project_points(points, end), atol=0.01, rtol=1e-5
        )
        torch.testing.assert_close(find_depths(found, points), find_depths(end, points), atol=0.01, rtol=1e-5)


@settings(deadline=None, max_examples=12)
@given(SEEDS)
def test_who_is_nearer_at_both_ends_is_nearer_all_the_way(seed):
    photo, view, middle, _ = make_ends(seed)
    at = middle[:, None].float()
    order = [find_depths(one, at)[:, 0] for one in (photo, view)]
    nearer = torch.stack([one[:, None] < one[None] - 1e-3 for one in order]).all(0)
    for share in (0.001, 0.3, 0.8, 0.999):
        depth = find_depths(blend(photo, view, middle, share), at)[:, 0]
        # 32 bits of an eye that is 10 km off.
        assert (depth[:, None] < depth[None] + 0.2)[nearer].all()


def test_perspective_comes_without_a_jump():
    middle = np.zeros((COUNT, 3))
    rng = np.random.default_rng(3)
    photo = make_photo_cameras(rng, middle, np.zeros(COUNT, bool))
    view = make_view_cameras(rng, middle, is_flat=False)
    points = torch.from_numpy(rng.uniform(-1, 1, (COUNT, 20, 3))).float()
    # Where it is told of each body for the first time; the view is of one unit for all.
    unit = view.matrix[0].double().norm(dim=1)[2]
    first = LEAST_PULL * view.translation[:, 2].double() / unit
    still = torch.zeros(COUNT, 3, dtype=torch.float64), torch.zeros(COUNT, dtype=torch.long)
    before, after = (blend_cameras(photo, view, still[0], s * first, still[1]) for s in (0.9999, 1.0001))
    assert (before.focal_px == 0).all()
    assert (after.focal_px > 0).all()
    # A point a metre behind its middle, at 400 px a metre, and as far aside: 0.04 px, and what 32 bits lose.
    moved = project_points(points, after) - project_points(points, before)
    assert moved.abs().max() < 0.08


def test_half_a_turn_goes_the_same_way_whatever_the_noise():
    half = np.diag([-1.0, 1.0, -1.0])
    noise = Rotation.from_rotvec(np.random.default_rng(0).normal(size=(COUNT, 3)) * 1e-7).as_matrix()
    begin = torch.eye(3, dtype=torch.float64).expand(COUNT, 3, 3)
    turned = turn_between(begin, torch.from_numpy(half @ noise), torch.full((COUNT,), 0.5).double())
    np.testing.assert_allclose(turned, turned[:1].expand(COUNT, 3, 3), atol=1e-6)
    # About the vertical, a quarter.
    assert turned[0, 1, 1] == pytest.approx(1, abs=1e-6)
    assert abs(turned[0, 0, 2]) == pytest.approx(1, abs=1e-6)
