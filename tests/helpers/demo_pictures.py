"""Fixtures that draw people of the demo set; see conftest.py where they are used."""

import numpy as np
import pytest
import torch

from render.body.charts import read_charts
from render.body.fit_bodies import FitBodies
from render.fits.read import read_fits
from render.library.renderer import BatchRenderer
from render.library.style import Style
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import parse_panel
from render.types.fits import Fits
from tests.helpers.drawing import draw_sheets
from tests.helpers.painting import compare_with_next, make_colors, make_texture


@pytest.fixture(scope="module")
def fits(demo_set) -> Fits:
    return read_fits("eft", demo_set.fit_file)[0]


@pytest.fixture(scope="module")
def charts(demo_set, demo_body):
    return read_charts(demo_set.charts_file, demo_body.faces, len(demo_body.v_template))


@pytest.fixture
def draw_people(demo_body, charts, fits):
    """Draws people on one sheet of the size of a demo photo, without the photo."""

    def draw_sheet(
        people, *panels, table=fits, size_hw=(480, 640), frames=1, supersample=1, **style
    ) -> np.ndarray:
        colors = torch.from_numpy(make_colors(demo_body.v_template.numpy()))
        bodies = FitBodies((demo_body,), colors=[colors])
        texture = make_texture(charts, demo_body.faces)
        specs = tuple(parse_panel(panel, "white") for panel in panels)
        reference = compare_with_next(fits, demo_body, [spec.mode for spec in specs])
        renderer = BatchRenderer(bodies, Style(**style), charts, texture=texture, reference=reference)
        sheet = lay_out_sheet("a", None, size_hw, specs, tuple(people), columns=99, frames=frames)
        return draw_sheets(renderer, table, [sheet], [None], supersample=supersample)[0]

    return draw_sheet


def body_verts_px(demo_body, fits: Fits, row: int) -> np.ndarray:
    """The camera view's vertices, by the formula of weak perspective."""
    poses = fits.sources[0].bodies
    bodies = demo_body.pose(torch.from_numpy(poses.rotmat[[row]]), torch.from_numpy(poses.betas[[row]]))
    verts = bodies.verts[0].double().numpy()
    return np.column_stack([fits.origin[row] + fits.scale[row] * verts[:, :2], fits.scale[row] * verts[:, 2]])


def silhouette(picture: np.ndarray) -> np.ndarray:
    return picture[:, :, 0] == 0
