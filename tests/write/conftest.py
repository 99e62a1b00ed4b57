"""People of the demo set who turn."""

from collections.abc import Callable

import numpy as np
import pytest

from render.body.fit_bodies import FitBodies
from render.fits.read import read_fits
from render.library.renderer import BatchRenderer
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import parse_panel
from tests.helpers.drawing import draw_sheets


@pytest.fixture(scope="session")
def draw_turntable(demo_set, demo_body) -> Callable[[str, int, int], np.ndarray]:
    """Draws a person of the demo set turning: (N, side, side, 3) uint8."""
    fits, _ = read_fits("eft", demo_set.fit_file)
    renderer = BatchRenderer(FitBodies((demo_body,)))

    def draw(mode: str, count: int, side_px: int) -> np.ndarray:
        hw = (side_px, side_px)
        panel = parse_panel(f"side/{mode}/white")
        sheet = lay_out_sheet("turn", None, hw, (panel,), (0,), columns=1, free_hw=hw, frames=count)
        return draw_sheets(renderer, fits, [sheet], [None])[0].reshape(count, side_px, side_px, 3)

    return draw


@pytest.fixture(scope="session")
def turntable(draw_turntable) -> np.ndarray:
    frames = draw_turntable("geo", 30, 256)
    assert 0.05 < (frames != 255).mean() < 0.5
    return frames


@pytest.fixture(scope="session")
def normals(draw_turntable) -> np.ndarray:
    frames = draw_turntable("normal", 6, 256)
    assert (frames.std((0, 1, 2)) > 10).all()
    return frames
