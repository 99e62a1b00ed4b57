"""Shadows on the ground: of plates, whose shadows are known, and of what is no body."""

import numpy as np
import pytest
import torch

from render.sheet.ground.shadows import CELLS, SLANT, cast_shadows
from render.sheet.ground.silhouettes import FloorMap, OnFloor
from tests.helpers.grounds import make_plates

HEIGHTS = [0.0, 0.1, 0.3, 0.8, 1.6]


def cast(verts: torch.Tensor, faces: torch.Tensor, ground: float = 0.0, unit: float = 1.0) -> FloorMap:
    count, wide = len(verts), torch.float64
    bodies = OnFloor(
        verts,
        torch.eye(3, dtype=wide).repeat(count, 1, 1),
        torch.zeros(count, 3, dtype=wide),
        torch.full((count,), ground, dtype=wide),
        torch.full((count,), unit, dtype=wide),
    )
    return cast_shadows(bodies, faces)


@pytest.fixture(scope="module")
def plates() -> FloorMap:
    return cast(*make_plates(*HEIGHTS))


def test_a_symmetric_body_on_the_ground_has_a_symmetric_shadow(plates):
    dark = 1 - plates.light[0].numpy()
    assert dark.max() > 0.5
    for other in (dark[::-1], dark[:, ::-1], dark.T):
        # Sums run from one side to the other, so they round differently.
        np.testing.assert_allclose(dark, other, atol=1e-5)


def test_the_shadow_of_what_lies_on_the_ground_is_where_it_is(plates):
    """Half of its dark at its border, all of it inside, nothing farther off than the least spread."""
    row = (1 - plates.light[0].numpy())[CELLS // 2]
    x = plates.corner[0, 0].item() + (np.arange(CELLS) + 0.5) * plates.cell[0].item()
    assert (row[np.abs(x) > 0.27] == 0).all()
    assert np.ptp(row[np.abs(x) < 0.13]) < 1e-5
    assert np.interp(-0.2, x[: CELLS // 2], row[: CELLS // 2]) == pytest.approx(row.max() / 2, rel=0.05)


def test_shadows_grow_wider_and_fainter_with_height(plates):
    dark = 1 - plates.light.numpy()
    deepest = dark.max((1, 2))
    assert (np.diff(deepest) < 0).all()
    cell = plates.cell.numpy()
    # How far its dark reaches about its middle, as a standard deviation, m.
    spread = [deviation_of(one) * side for one, side in zip(dark, cell, strict=True)]
    assert (np.diff(spread) > 0).all()


def deviation_of(dark: np.ndarray) -> float:
    along = dark.sum(0)
    at = np.arange(CELLS)
    middle = (along * at).sum() / along.sum()
    return float(np.sqrt((along * (at - middle) ** 2).sum() / along.sum()))


def test_shadows_fall_to_the_right_and_away_by_the_height(plates):
    dark = 1 - plates.light.numpy()
    at = np.arange(CELLS) + 0.5
    for k, height in enumerate(HEIGHTS):
        along = [dark[k].sum(axis) for axis in (0, 1)]
        middle = np.array([(one * at).sum() / one.sum() for one in along]) * plates.cell[k].item()
        # Half a cell, for a cell is covered or not.
        np.testing.assert_allclose(plates.corner[k].numpy() + middle, np.array(SLANT) * height, atol=0.0101)


def test_a_shadow_is_the_same_alone_and_among_others(plates):
    for k, height in enumerate(HEIGHTS):
        alone = cast(*make_plates(height))
        assert torch.equal(alone.light[0], plates.light[k])
        assert torch.equal(alone.corner[0], plates.corner[k])


def test_lengths_in_pixels_give_the_shadow_of_lengths_in_metres(plates):
    verts, faces = make_plates(*HEIGHTS, unit=128.0)
    in_pixels = cast(verts, faces, unit=128.0)
    assert torch.equal(in_pixels.light, plates.light)
    assert torch.equal(in_pixels.corner, plates.corner)


def test_what_lies_below_the_ground_casts_as_if_it_lay_on_it(plates):
    sunk = cast(make_plates(0.0)[0] + torch.tensor([0.0, 0.4, 0.0]), make_plates(0.0)[1])
    assert torch.equal(sunk.light[0], plates.light[0])


def test_maps_hold_large_bodies():
    """The cells are larger then; nothing of the shadow is cut off."""
    shadow = cast(*make_plates(1.0, half=30.0))
    light = shadow.light[0].numpy()
    assert shadow.cell[0].item() > 0.3
    assert all((side == 1).all() for side in (light[0], light[-1], light[:, 0], light[:, -1]))
    assert (light < 1).sum() * shadow.cell[0].item() ** 2 == pytest.approx(60**2, rel=0.2)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e30])
def test_vertices_that_are_nowhere_cast_no_shadow_and_do_no_harm(bad):
    verts, faces = make_plates(0.0, 0.0)
    verts[0, 1] = bad
    light = cast(verts, faces).light
    assert light.isfinite().all()
    assert light.min() >= 0
    assert torch.equal(light[1], cast(verts[1:], faces).light[0])


def test_nobody_has_no_shadow():
    verts, faces = make_plates(0.0)
    assert cast(verts[:0], faces).light.shape == (0, CELLS, CELLS)
