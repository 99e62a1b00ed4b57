"""The ground behind people of the demo set: under their feet, and the same in any batch."""

import numpy as np
import pytest

from render.body.fit_bodies import FitBodies
from render.fits.read import read_fits
from render.library.renderer import BatchRenderer
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import parse_panel, stage_panel
from render.types.scenes import Scenes
from render.types.sheets import Framing, Sheet
from tests.helpers.drawing import draw_sheets

SIZE_HW = (150, 120)
UPRIGHT = Framing(up="body", fit="bodies")
# Rows of the demo set: who stands, and two people of one photo.
STANDING, TOGETHER = (1,), (2, 3)


@pytest.fixture(scope="module")
def draw(demo_body, demo_set):
    renderer, fits = BatchRenderer(FitBodies((demo_body,))), read_fits("eft", demo_set.fit_file)[0]

    def draw_people(
        *groups: tuple[int, ...],
        panels=("orbit:30:15/silhouette/ground",),
        framing: Framing = UPRIGHT,
        scenes: Scenes | None = None,
    ) -> list[np.ndarray]:
        specs = tuple(parse_panel(text) for text in panels)
        sheets: list[Sheet] = [
            lay_out_sheet(f"{i}", None, SIZE_HW, specs, who, columns=99) for i, who in enumerate(groups)
        ]
        return draw_sheets(renderer, fits, sheets, [None] * len(sheets), framing, scenes)

    return draw_people


def test_feet_stand_in_their_shadow(draw):
    """Just beside the lowest pixels of the body it is darker than lines are; above the head is the page."""
    ground, plain = draw(STANDING)[0], draw(STANDING, panels=("orbit:30:15/silhouette/white",))[0]
    body = plain[:, :, 0] == 0
    np.testing.assert_array_equal(ground[:, :, 0] == 0, body)
    lowest = np.flatnonzero(body.any(1)).max()
    column = int(np.flatnonzero(body[lowest]).mean())
    around = np.s_[lowest - 2 : lowest + 3, column - 8 : column + 9]
    # Lines are 204.
    assert ground[around][~body[around]].min() < 200
    head = np.flatnonzero(body.any(1)).min()
    assert (ground[:head] == 255).all()


def test_sheets_are_the_same_in_any_batch(draw):
    together = draw(STANDING, TOGETHER, (), STANDING)
    for i, who in enumerate([STANDING, TOGETHER, ()]):
        np.testing.assert_array_equal(draw(who)[0], together[i])
    np.testing.assert_array_equal(together[0], together[3])


def test_other_panels_and_alpha_have_nothing_to_do_with_it(draw):
    panels = ("side/geo/transparent", "orbit:30:15/geo/ground", "side/geo/white")
    sheet, alone = draw(STANDING, panels=panels)[0], draw(STANDING, panels=panels[1:2])[0]
    width = SIZE_HW[1]
    np.testing.assert_array_equal(sheet[:, width : 2 * width, :3], alone)
    assert (sheet[:, width : 2 * width, 3] == 255).all()
    assert set(np.unique(sheet[:, :width, 3])) == {0, 255}
    np.testing.assert_array_equal(sheet[:, 2 * width :, :3], draw(STANDING, panels=panels[2:])[0])


def test_where_nobody_knows_a_ground_there_is_none(draw):
    as_the_photo_has_it = Framing(fit="bodies")
    plain = draw(STANDING, panels=("orbit:30:15/silhouette/white",), framing=as_the_photo_has_it)[0]
    np.testing.assert_array_equal(draw(STANDING, framing=as_the_photo_has_it)[0], plain)
    assert (draw(())[0] == 255).all()


@pytest.mark.parametrize("length", [1.0, 200.0])
def test_clips_have_their_ground_where_nobody_is(draw, length):
    """In metres, and in pixels of the photo."""
    scenes = Scenes(
        *(length * one for one in (np.zeros((1, 3)), np.full(1, 1.0), np.full(1, 0.9), np.ones(1))),
        np.array([[0.0, -1.0, 0.0]]),
    )
    picture = draw((), scenes=scenes)[0]
    assert (picture < 255).any()
    if length > 1:
        in_metres = draw((), scenes=Scenes(*(column / length for column in vars(scenes).values())))[0]
        # Their cameras are rounded at other lengths.
        assert np.abs(picture.astype(int) - in_metres).max() <= 3


def test_the_camera_of_a_photo_sees_the_ground_where_there_is_no_photo(demo_body, demo_set):
    """Below the body's feet is a grid, above it the page, and beside the feet it is darker than lines are."""
    renderer, fits = BatchRenderer(FitBodies((demo_body,))), read_fits("eft", demo_set.fit_file)[0]
    specs = (stage_panel("camera/silhouette"), parse_panel("camera/silhouette/white"))
    sheet = lay_out_sheet("0", None, (480, 640), specs, STANDING, columns=2)
    (picture,) = draw_sheets(renderer, fits, [sheet], [None], UPRIGHT, None)
    ground, plain = picture[:, :640, 0], picture[:, 640:, 0]
    body = plain == 0
    np.testing.assert_array_equal(ground == 0, body)
    lowest = np.flatnonzero(body.any(1)).max()
    column = int(np.flatnonzero(body[lowest]).mean())
    around = np.s_[lowest - 4 : lowest + 6, column - 20 : column + 21]
    assert ground[around][~body[around]].min() < 200
    assert (ground[lowest + 8 :] < 255).all()
