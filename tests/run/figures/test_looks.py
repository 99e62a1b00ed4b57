"""Where people and their joints are in a view is where they are drawn."""

import numpy as np
import pytest

from render.body.fit_bodies import FitBodies
from render.library.renderer import BatchRenderer
from render.run.figures.insets import InsetPlanner
from render.run.figures.looks import View
from render.run.figures.pictures import Cell
from render.run.figures.regions import Region
from render.sheet.panels import parse_panel
from render.types.figure.spec import Zoom
from render.types.sheets import Framing, Panel, Rect, Sheet, Viewpoint
from tests.helpers.demo_pictures import body_verts_px
from tests.helpers.drawing import draw_sheets

HW, PX = (480, 640), (640, 480)


def make_cell(view: str, region=None) -> Cell:
    viewpoint = parse_panel(f"{view}/clay").viewpoint
    return Cell(View((4,), viewpoint, PX, HW), "clay", "white", None, region or Region(0, 0, *PX))


def test_in_the_view_over_the_photo_vertices_are_where_the_formula_has_them(observe, fits, demo_body):
    look = observe(fits).look(View((4,), Viewpoint("camera"), PX, HW))
    expected = body_verts_px(demo_body, fits, 4)[:, :2]
    np.testing.assert_allclose(look.verts_px[0], expected, atol=1e-3)


@pytest.mark.parametrize("view", ["side", "orbit:30:20", "top:ortho"])
def test_around_a_body_its_bounds_are_those_of_its_picture(observe, fits, demo_body, view):
    viewpoint = parse_panel(f"{view}/silhouette").viewpoint
    low, high = observe(fits).look(View((4,), viewpoint, PX, HW)).corners
    panel = Panel(viewpoint, "silhouette", "white", Rect(0, 0, *PX))
    sheet = Sheet("a", *HW, None, HW, (panel,), (4,))
    renderer = BatchRenderer(FitBodies((demo_body,)))
    (drawn,) = draw_sheets(renderer, fits, [sheet], [None], Framing(fit="bodies"))
    rows, columns = np.nonzero((drawn != 255).any(2))
    # A pixel is drawn where its centre is covered.
    found = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
    assert np.abs(found - np.concatenate([low, high])).max() <= 1


@pytest.mark.parametrize("view", ["camera", "side"])
def test_an_inset_shows_its_joint_in_the_middle(observe, fits, demo_body, view):
    observer, cell = observe(fits), make_cell(view)
    planner = InsetPlanner((Zoom("neck", 0.1),), observer)
    (inset,) = planner.plan({0: cell})[0]
    look = observer.look(cell.view)
    joint = look.joints_px[0, demo_body.joint_names.index("neck")]
    middle = [PX[0] * (inset.left + inset.width / 2), PX[1] * (inset.top + inset.height / 2)]
    assert middle == pytest.approx(joint.tolist(), abs=1e-6)
    assert planner.problems == []


def test_an_inset_lies_where_nobody_is(observe, fits):
    observer = observe(fits)
    low, high = observer.look(make_cell("camera").view).corners
    # The person in the upper left quarter of what is shown, so that three corners are free.
    size = 2.5 * (high - low)
    cell = make_cell("camera", Region(*(low - 0.02 * size).tolist(), *size.tolist()))
    (inset,) = InsetPlanner((Zoom("head", 0.1, "tl", 0.4, finds_corner=True),), observer).plan({0: cell})[0]
    assert inset.corner in ("tr", "br", "bl")
    (inset,) = InsetPlanner((Zoom("head", 0.1, "tl", 0.4),), observer).plan({0: cell})[0]
    assert inset.corner == "tl"


def test_a_joint_that_is_not_on_the_picture_has_no_inset(observe, fits):
    cell = make_cell("camera", Region(0, 0, 4, 4))
    assert InsetPlanner((Zoom("left_hand"),), observe(fits)).plan({0: cell}) == {0: ()}
