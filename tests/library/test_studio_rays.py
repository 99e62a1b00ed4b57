"""The studio by rays beside the studio by depth maps, on the demo body."""

import numpy as np
import pytest

from render import build_sheets, pose_bodies, rasterize_sheets, shade_sheets
from render.library.kernels import Shading, list_shadings
from tests.helpers.lit_scenes import lit_mode
from tests.helpers.runs import configure

__all__ = ["lit_mode"]


@pytest.fixture
def sheets(demo_body, lit_mode):
    rotmat = np.tile(np.eye(3), (1, 24, 1, 1))
    # One arm before the chest.
    rotmat[0, 16] = [[0.0, 0.6, 0.8], [-1.0, 0.0, 0.0], [0.0, -0.8, 0.6]]
    bodies = pose_bodies(demo_body, rotmat, np.zeros((1, 10)), up="y")
    panels = [f"orbit:30:10/{lit_mode}/black"]
    return build_sheets(bodies, panels, size_px=(160, 160), fit="bodies", up="body", body=demo_body)


def test_maps_and_rays_find_the_same_light(sheets):
    """Maps have 96 directions and find the light at vertices, so they may be off where it changes."""
    fragments = rasterize_sheets(sheets)
    maps, rays = (shade_sheets(sheets, fragments, rays=count)[0].astype(float) / 255 for count in (0, 256))
    is_on = rays.any(2)
    off = np.abs(maps - rays)[is_on]
    assert is_on.sum() > 2000
    # Of sky and floor 0.010 and 0.013, of the key light 0.024: its shadows have sharp borders.
    assert (off[:, :2].mean(0) < 0.015).all()
    assert off[:, 2].mean() < 0.03
    # Both see the shadows.
    is_dark = rays[is_on][:, 2] < 0.3
    assert is_dark.sum() > 200
    assert maps[is_on][is_dark][:, 2].mean() < 0.4


def test_smooth_edges_have_the_same_light(sheets):
    """Inside of a body nothing changes, and at its outline there are colours between."""
    fragments = rasterize_sheets(sheets)
    hard, smooth = (shade_sheets(sheets, fragments, rays=16, edges=edges)[0] for edges in ("hard", "smooth"))
    is_same = (smooth == hard).all(2)
    assert 0.95 < is_same.mean() < 1
    assert is_same[hard.any(2)].mean() > 0.6


def test_kernels_with_rays_are_made_for_modes_with_light_alone():
    config = configure("panels=[camera/studio, camera/geo]", "rays=16", "edges=hard")
    found = list_shadings(config.panel_specs(), config.supersample, config.edges, config.rays)
    assert found == [Shading("studio", 3, has_rays=True), Shading("geo", 3)]
    assert found[0].describe() == "studio by rays"
