"""Depth maps of bodies whose depths are known, and of what is no body."""

import numpy as np
import pytest
import torch

from render.light.depth_maps import BORDER, CELLS, LEAST_CELLS, STEPS, DepthMapper, count_cells, sum_boundary
from render.light.directions import frame_directions
from tests.helpers.round_bodies import make_ball, place

NOTHING = -(2**31)


def draw(verts, faces, ways, block=None):
    bodies = place(verts)
    frames = torch.from_numpy(frame_directions(np.array(ways, float))).float()[None]
    body = torch.arange(len(verts), dtype=torch.int32)
    none = torch.zeros(len(verts), dtype=torch.int32)
    mapper = DepthMapper(bodies, faces, sum_boundary(faces), body, none, block or len(ways))
    return mapper.draw(frames.contiguous())


def test_a_ball_is_as_high_as_a_ball():
    verts, faces = make_ball()
    maps = draw(0.5 * verts[None] + 3.0, faces, [(0, 0, 1), (0.6, 0, 0.8)])
    for direction in range(2):
        per_m = maps.scale[0, direction].numpy()
        # The box around a ball is seen from its edge in the second map.
        x, y = (np.arange(CELLS) + 0.5 - CELLS / 2) / per_m[:, None]
        beyond = np.hypot(*np.meshgrid(x, y))
        height = maps.nearest[0, direction].numpy() / float(STEPS) * maps.reach[0].item()
        is_there = maps.nearest[0, direction].numpy() != NOTHING
        # Flat faces are inside of the ball by up to a thousandth of its radius, and by more at its outline.
        assert is_there[beyond < 0.498].all()
        assert not is_there[beyond > 0.5].any()
        inner = beyond < 0.4
        np.testing.assert_allclose(height[inner], np.sqrt(0.25 - beyond[inner] ** 2), atol=1.5e-3)
    # The longer side of a box fills its map but for the border.
    assert maps.scale[0, 0, 0].item() == pytest.approx((CELLS / 2 - BORDER) / 0.5)


def test_the_back_of_an_open_body_is_seen():
    verts, faces = make_ball(3)
    upper = faces[verts[faces.long()].mean(1)[:, 1] < 0]
    for shown, boundary in ((faces, True), (upper, False)):
        assert (sum_boundary(shown).item() == 0) == boundary
    # From below one looks into it: at its inside, which is above its middle.
    maps = draw(verts[None], upper, [(0, 1, 0)])
    there = maps.nearest[0, 0] != NOTHING
    assert there.float().mean() > 0.7
    assert (maps.nearest[0, 0][there] < 0.5 * float(STEPS)).all()


def test_maps_are_the_same_alone_and_among_others():
    verts, faces = make_ball(4)
    several = torch.stack([verts, 0.3 * verts + 1.0, verts * torch.tensor([0.2, 1.0, 0.4])])
    ways = [(0, 0, 1), (0.48, 0.6, 0.64)]
    together = draw(several, faces, ways)
    for k in range(3):
        alone = draw(several[k : k + 1], faces, ways)
        assert torch.equal(alone.nearest[0], together.nearest[k])
        assert torch.equal(alone.scale[0], together.scale[k])
    assert torch.equal(draw(several, faces, ways[1:], block=2).nearest[:, 0], together.nearest[:, 1])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
def test_vertices_that_are_nowhere_do_no_harm(bad):
    verts, faces = make_ball(3)
    broken = torch.stack([verts, verts])
    broken[0, 5, 1] = bad
    maps = draw(broken, faces, [(0, 0, 1), (0, 1, 0)])
    assert maps.scale.isfinite().all()
    assert maps.reach.isfinite().all()
    assert torch.equal(maps.nearest[1], draw(verts[None], faces, [(0, 0, 1), (0, 1, 0)]).nearest[0])


def test_bodies_of_no_extent_are_not_there():
    verts, faces = make_ball(1)
    maps = draw(torch.zeros_like(verts)[None] + 2.0, faces, [(0, 0, 1)])
    assert (maps.nearest == NOTHING).all()
    assert draw(verts[None, :, :][:0], faces, [(0, 0, 1)]).nearest.shape == (0, 1, CELLS, CELLS)


def test_maps_of_crowds_take_no_more_memory():
    sizes = [count * count_cells(count) ** 2 for count in (1, 30, 256, 257, 1000, 4000)]
    assert count_cells(256) == CELLS
    assert max(sizes) <= 256 * CELLS**2
    assert count_cells(10**9) == LEAST_CELLS
