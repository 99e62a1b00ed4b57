"""Depths stay within those of their face: in what wins a pixel, in fragments and in pictures."""

import numpy as np
import pytest
import torch

from render import build_sheets, make_bodies, make_cameras, rasterize_sheets, shade_sheets
from render.rasterize.fragments import read_fragments
from render.rasterize.whole import rasterize_shots
from render.types.buffer import Visibility
from render.types.placements import Placements
from tests.helpers.drawing import make_placements

SIZE_PX = (40, 30)
# Left of the centres of a column of pixels by less than rounding takes away. Edges that run up there have the
# centres inside once their vertices are rounded; as given the face begins a hair to the right of them.
LEFT, RIGHT = 5.5 + 1.0e-4, 5.5 + 2.0e-4


def read_keys(placements: Placements) -> tuple[np.ndarray, np.ndarray]:
    """Of each covered pixel the depth in its key and the id, placement x F + face; a shot a placement."""
    shots = len(placements.shot.unique())
    _, visibility = rasterize_shots(placements, [SIZE_PX] * shots)
    keys = visibility.keys[visibility.keys != Visibility.EMPTY].numpy()
    order = (keys >> 32).astype(np.int32)
    bits = np.where(order < 0, order ^ np.int32(0x7FFFFFFF), order)
    return bits.view(np.float32), keys & 0xFFFFFFFF


def make_sliver(near: float, far: float) -> np.ndarray:
    """A face less than a thousandth of a pixel wide, whose depth goes from one side to the other."""
    return np.array([[LEFT, 2, near], [RIGHT, 2, far], [LEFT, 9, near]])


def make_soup(seed: int, perspective: bool, count: int = 250) -> np.ndarray:
    """Slivers and other triangles, steep in depth: (count, 3, 4) as in Placements."""
    rng = np.random.default_rng(seed)
    middle = rng.integers([0, 0], SIZE_PX, (count, 1, 2)) + 0.5
    along = rng.normal(size=(count, 3, 1)) * rng.normal(size=(count, 1, 2)) * 6
    across = rng.normal(size=(count, 3, 2)) * rng.choice([1e-4, 1e-2, 3], (count, 1, 1))
    z = rng.uniform(0.5, 500, (count, 3, 1)) if perspective else rng.normal(size=(count, 3, 1)) * 500
    return np.concatenate([middle + along + across, z, 1 / z if perspective else np.ones_like(z)], 2)


@pytest.mark.parametrize(("near", "far"), [(0.0, 100.0), (100.0, 0.0), (-70.0, -20.0), (-20.0, -70.0)])
def test_a_pixel_beside_a_sliver_has_a_depth_of_the_sliver(near, far):
    """Carried on over its side, its depth would be as far beyond its own as that is wide."""
    placements = make_placements(make_sliver(near, far)[None], [[0, 1, 2]])
    depth, _ = read_keys(placements)
    assert len(depth) == 7
    assert (depth == near).all()
    fragments = read_fragments(placements, *rasterize_shots(placements, [SIZE_PX]))
    np.testing.assert_allclose(fragments.depth, near, rtol=1e-6)
    # The nearest point of the face is on its side, and not at one corner.
    assert (fragments.bary[:, 1] == 0).all()
    assert (fragments.bary >= 0).all()


def test_a_sliver_behind_a_face_does_not_come_through():
    wall = np.array([[0, 0, -5], [30, 0, -5], [0, 30, -5.0]])
    behind = make_sliver(0.0, 100.0)
    placements = make_placements(np.concatenate([wall, behind])[None], [[0, 1, 2], [3, 4, 5]])
    _, ids = read_keys(placements)
    assert set(ids.tolist()) == {0}


@pytest.mark.parametrize("perspective", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_no_pixel_has_a_depth_that_its_face_has_not(seed, perspective):
    verts = make_soup(seed, perspective)
    count = len(verts)
    # Each on a shot of its own, or the nearer ones would hide the others.
    placements = make_placements(verts, [[0, 1, 2]], shot=list(range(count)))
    own = verts[:, :, 2].astype(np.float32)
    depth, ids = read_keys(placements)
    assert len(depth) > 1000
    assert (depth >= own.min(1)[ids]).all()
    assert (depth <= own.max(1)[ids]).all()
    # Of fragments up to what the weights' own rounding makes of it.
    fragments = read_fragments(placements, *rasterize_shots(placements, [SIZE_PX] * count))
    of_face, found = own[fragments.placement.numpy()], fragments.depth.numpy()
    slack = 1e-6 * np.abs(of_face).max(1)
    assert (found >= of_face.min(1) - slack).all()
    assert (found <= of_face.max(1) + slack).all()
    assert (fragments.bary >= 0).all()
    assert torch.allclose(fragments.bary.sum(1), torch.ones(len(found)), atol=1e-6)


def draw_depth(verts: np.ndarray, faces: list, focal_px: float, distance_m: float) -> np.ndarray:
    """The greys of what is covered, through one's own camera."""
    cameras = make_cameras(np.eye(3)[None], [[0, 0, distance_m]], [focal_px], [[20, 15]])
    sheets = build_sheets(make_bodies(verts[None], faces), ["camera/depth"], size_px=SIZE_PX, cameras=cameras)
    fragments = rasterize_sheets(sheets)
    (picture,) = shade_sheets(sheets, fragments)
    x, y = fragments.pixel.long().T
    return picture[y, x, 0]


def test_greys_of_depth_are_never_darker_than_the_farthest_point():
    """Far off, rounding takes a depth beyond the farthest by a great part of how deep the scene is."""
    rng = np.random.default_rng(0)
    steps = np.linspace(-0.5, 0.5, 9)
    y, x = np.meshgrid(steps, steps, indexing="ij")
    place = np.arange(81).reshape(9, 9)
    quads = np.stack([place[:-1, :-1], place[:-1, 1:], place[1:, 1:], place[1:, :-1]], 2).reshape(-1, 4)
    faces = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    # Two depths: all in the nearer plane or in the farther, so that many pixels are as far as can be.
    z = np.where(rng.random(81) < 0.2, 0.0, 0.002)
    verts = np.column_stack([x.ravel(), y.ravel(), z])
    grey = draw_depth(verts, faces.tolist(), focal_px=25 * 300, distance_m=300.0)
    assert grey.min() == 51
    assert grey.max() == 255
    assert (grey == 51).sum() > 100


@pytest.mark.parametrize("distance_m", [0.7, 3.3, 1000.7])
def test_what_lies_in_one_plane_facing_the_eye_is_all_nearest(distance_m):
    """Its depths differ by no more than rounding, which is not to be seen."""
    square = np.array([[-0.47, -0.48, 0], [0.5, -0.5, 0], [0.5, 0.51, 0], [-0.5, 0.5, 0]])
    grey = draw_depth(square, [[0, 2, 1], [0, 3, 2]], focal_px=25 * distance_m, distance_m=distance_m)
    assert len(grey) > 400
    assert (grey == 255).all()
