"""Edge pixels against areas, and which pixels are on edges."""

import numpy as np
import pytest
import torch

from render.rasterize.backends.warp import Rasterizer
from render.rasterize.buffer import allocate_visibility
from render.rasterize.buffer_layout import ShotRows, lay_out
from render.rasterize.edge_pixels.edge_pixels import EdgePixels, Slots
from render.rasterize.edge_pixels.samples import ROWS, SAMPLES
from render.types.buffer import Visibility
from render.types.placements import Cameras, Placements
from tests.helpers.drawing import make_placements

SIDE = 40
MIDDLE = SIDE / 2


def find_edges(placements: Placements, focal_px: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Of one shot: the covered share of each edge pixel, -1 elsewhere, and whose centres are covered."""
    count = len(placements.verts)
    eye = torch.eye(3).repeat(count, 1, 1)
    cameras = Cameras(
        eye,
        torch.zeros(count, 3),
        torch.full((count,), focal_px),
        torch.zeros(count, 2),
        eye,
        placements.cull,
        torch.zeros(count),
    )
    rows = ShotRows(
        np.array([[SIDE, SIDE]]), np.zeros(1, int), placements.shot.numpy(), len(placements.faces)
    )
    layout = lay_out(placements, rows)
    (chunk,) = rows.split(range(1), 10**6, 10**6)
    keys = allocate_visibility(chunk, torch.device("cpu")).keys
    Rasterizer(placements, layout).open(False, keys)(chunk)
    covered = (keys.view(SIDE, -1)[:, :SIDE] != Visibility.EMPTY).numpy()
    slots: Slots = EdgePixels(placements, layout, rows, cameras).open(keys)
    share = np.full((SIDE, SIDE), -1.0)
    for part in slots.fill(chunk):
        at = slots.places[part.start : part.stop].numpy()
        samples = slots.samples[: len(part) * SAMPLES].view(-1, SAMPLES)
        share[at[:, 0], at[:, 1]] = (samples != Visibility.EMPTY).float().mean(1).numpy()
    return share, covered


def half_plane(angle: float, shift: float, size: float = 100.0) -> np.ndarray:
    """A quad whose left side runs through the middle of the shot, moved by `shift`; (1, 4, 3)."""
    across, along = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    corners = [
        shift * across + s * along + w * across
        for s, w in [(-1, 0), (-1, 1), (1, 1), (1, 0)]
        for s, w in [(s * size, w * size)]
    ]
    return np.concatenate([np.array(corners) + MIDDLE, np.full((4, 1), 5.0)], 1)[None]


QUAD = [[0, 2, 1], [0, 3, 2]]


@pytest.mark.parametrize("size", [100.0, 3000.0])
def test_half_planes_cover_what_their_areas_are(size):
    """0.025 is the mean error of the pattern; 64 x 64 points a pixel see areas to a thousandth."""
    rng = np.random.default_rng(2)
    points = (np.arange(64 * SIDE) + 0.5) / 64 - MIDDLE
    errors = []
    for angle in rng.uniform(0, 2 * np.pi, 12):
        shift = rng.uniform(-0.5, 0.5)
        share, covered = find_edges(make_placements(half_plane(angle, shift, size), QUAD))
        inside = points * np.cos(angle) + points[:, None] * np.sin(angle) > shift
        area = inside.reshape(SIDE, 64, SIDE, 64).mean((1, 3))
        partly = (area > 0.001) & (area < 0.999)
        # No pixel that the edge runs through is missed; the others are as they were.
        assert (share[partly] >= 0).all()
        np.testing.assert_array_equal(covered[~partly], area[~partly] > 0.5)
        errors.append((share - area)[partly])
    assert np.abs(np.concatenate(errors)).mean() < 0.03


def test_the_pattern_is_a_net():
    """Each box of 1/16 of the pixel, whatever its sides, has one sample."""
    assert sorted(ROWS) == list(range(SAMPLES))
    for cut in range(5):
        assert len({(i >> cut, row >> (4 - cut)) for i, row in enumerate(ROWS)}) == SAMPLES


def test_the_inside_of_a_plane_has_no_edges():
    """However steep: it does not bend. Seen in perspective, depth bends, but by little."""
    for steepness in (0.0, 1.0, 30.0):
        verts = half_plane(0.3, -15.0)
        verts[..., 2] = 500 + steepness * verts[..., 0]
        share, covered = find_edges(make_placements(verts, QUAD))
        inner = covered.copy()
        for axis in (0, 1):
            inner &= np.roll(covered, 1, axis) & np.roll(covered, -1, axis)
        assert (share[1:-1, 1:-1][inner[1:-1, 1:-1]] < 0).all()
        assert (share >= 0).any()


@pytest.mark.parametrize("people", ["two", "one"])
def test_what_lies_before_another_has_edges(people):
    """A quad before a wall: another person's, or far enough before the same one's."""
    wall, front = half_plane(0.0, -100.0, 200.0), half_plane(0.0, 0.25)
    wall[..., 2] = 9
    if people == "two":
        placements = make_placements(np.concatenate([wall, front]), QUAD)
    else:
        faces = QUAD + [[i + 4 for i in face] for face in QUAD]
        placements = make_placements(np.concatenate([wall, front], 1), faces)
    share, _ = find_edges(placements)
    columns = np.flatnonzero((share >= 0).any(0))
    assert columns.tolist() == [19, 20]
    # All is covered by one or the other.
    assert (share[share >= 0] == 1).all()


@pytest.mark.parametrize(("jump_px", "is_edge"), [(0.5, False), (3.0, True)])
@pytest.mark.parametrize("focal_px", [0.0, 500.0])
def test_jumps_are_measured_in_pixels(jump_px, is_edge, focal_px):
    """In perspective a pixel is 1 / focal of the distance."""
    distance = 4.0
    unit = distance / focal_px if focal_px else 1.0
    wall, front = half_plane(0.0, -100.0, 200.0), half_plane(0.0, 0.25)
    wall[..., 2], front[..., 2] = distance, distance - jump_px * unit
    verts = np.concatenate([wall, front], 1)
    if focal_px:
        verts = np.concatenate([verts, 1 / verts[..., 2:]], 2)
    faces = QUAD + [[i + 4 for i in face] for face in QUAD]
    share, _ = find_edges(make_placements(verts, faces), focal_px)
    assert (share >= 0).any() == is_edge
