"""Whole clips with a transition: they begin as the photo with its bodies, and turn as without one."""

from dataclasses import replace

import numpy as np
import pytest

from render.body.fit_bodies import FitBodies
from render.fits.cameras import pinhole, weak_perspective
from render.library.renderer import BatchRenderer
from render.library.style import Style
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import leave_photo, parse_panel
from render.types.fits import Fits
from render.types.sheets import ORIGINAL, Framing, Sheet
from tests.helpers.drawing import draw_sheets

PHOTO = np.random.default_rng(0).integers(0, 256, (120, 160, 3), dtype=np.uint8)
HW = PHOTO.shape[:2]
LIKE_USERS = Framing("body", "bodies")
FRAMES, TRANSITION = 2, 2
# The first two people of the demo set are on one photo.
TWO = (0, 1)


@pytest.fixture
def people(fits) -> dict[str, Fits]:
    """Two people under each kind of camera, on a small photo."""
    two = fits.take(np.array(TWO))
    middle = np.array([[50.0, 60.0], [115.0, 62.0]])
    weak = weak_perspective([55.0, 48.0], middle)
    transl_m = np.array([[-0.5, 0.1, 3.4], [0.7, 0.0, 4.1]])
    center = [[75.0, 66.0]] * 2
    near = pinhole([[190.0, 200.0]] * 2, center, transl_m, is_metric=True)
    farther = transl_m * [[1, 1, 1], [1, 1, 1.6]]
    own = pinhole([[190.0, 200.0], [320.0, 320.0]], center, farther, is_metric=False)
    found = {"weak": weak, "near": near, "own": own}
    return {name: replace(two, **vars(cameras)) for name, cameras in found.items()}


def lay_out(panel: str, who: tuple[int, ...], transition: int = 0, frames: int = FRAMES, **told) -> Sheet:
    specs = (parse_panel(panel),)
    if transition:
        specs = leave_photo(specs)
    told |= {"columns": 1, "frames": frames, "transition": transition}
    return lay_out_sheet(f"{panel}{transition}{frames}", None, HW, specs, who, **told)


def split(picture: np.ndarray, frames: int) -> np.ndarray:
    return picture.reshape(frames, -1, *picture.shape[1:])


@pytest.mark.parametrize(
    ("cameras", "who", "framing", "mode", "over", "around"),
    [
        # In the studio, where most of the time goes into light, one of them.
        pytest.param(
            "weak", (1,), LIKE_USERS, "studio", "photo+shadow", "white+shadow", marks=pytest.mark.slow
        ),
        ("weak", (1,), LIKE_USERS, "clay", "photo", "ground"),
        ("weak", TWO, ORIGINAL, "colorclay", "photo", "white"),
        ("near", TWO, LIKE_USERS, "clay", "photo", "ground"),
        ("near", (1,), ORIGINAL, "colorclay", "photo", "white"),
        ("own", TWO, LIKE_USERS, "clay", "photo", "ground"),
        ("own", TWO, ORIGINAL, "colorclay", "photo", "white"),
    ],
)
def test_the_first_frame_is_the_photo_s_and_the_turn_begins_as_without(
    demo_body, people, cameras, who, framing, mode, over, around
):
    sheets = [
        lay_out(f"orbit:20:15/{mode}/{around}", who, TRANSITION),
        lay_out(f"camera/{mode}/{over}", who, frames=1),
        lay_out(f"orbit:20:15/{mode}/{around}", who),
    ]
    renderer = BatchRenderer(FitBodies((demo_body,)), Style(edges="smooth"))
    clip, still, turn = draw_sheets(renderer, people[cameras], sheets, [PHOTO] * 3, framing)
    clip, turn = split(clip, FRAMES + 2 * TRANSITION), split(turn, FRAMES)
    assert (clip[0] == still).all()
    assert (still != PHOTO).any()
    assert (clip[TRANSITION] == turn[0]).all()
    # After the turn it begins once more, and then the way goes back.
    assert (clip[TRANSITION + FRAMES] == turn[0]).mean() > 0.999
    for k in range(1, TRANSITION):
        assert (clip[-k] != clip[k]).mean() < 0.001
        assert (clip[k] != clip[k - 1]).any()


def test_a_photo_is_fitted_into_a_panel_of_another_shape_with_its_bodies(demo_body, people):
    magenta = np.full_like(PHOTO, (255, 0, 255))
    fitted = lay_out("orbit/clay/black", TWO, TRANSITION, free_hw=(140, 320))
    sheets = [fitted, lay_out("camera/clay/photo", TWO, frames=1)]
    renderer = BatchRenderer(FitBodies((demo_body,)))
    clip, still = draw_sheets(renderer, people["weak"], sheets, [magenta] * 2)
    first = split(clip, FRAMES + 2 * TRANSITION)[0]
    # 7/6 of the photo's size, in the middle of what stays black.
    zoom, width = 7 / 6, round(160 * 7 / 6)
    left = (320 - width) // 2
    assert first.shape == (140, 320, 3)
    assert (first[:, :left] == 0).all()
    assert (first[:, left + width :] == 0).all()
    places = [
        np.argwhere((picture != magenta[0, 0]).any(2)) for picture in (first[:, left : left + width], still)
    ]
    for bound in (np.min, np.max):
        fitted_px, still_px = (bound(place + 0.5, axis=0) for place in places)
        # A pixel of either is where an edge may lie.
        np.testing.assert_allclose(fitted_px, zoom * still_px, atol=zoom)


def test_without_a_photo_nothing_is_laid_behind(demo_body, people):
    sheet = lay_out("orbit/clay/white", (0,), TRANSITION)
    renderer = BatchRenderer(FitBodies((demo_body,)))
    (clip,) = draw_sheets(renderer, people["weak"], [sheet], [None])
    assert (split(clip, FRAMES + 2 * TRANSITION)[0, 0] == 255).all()


def test_sizes_that_are_auto_are_the_photo_s_and_those_that_are_told_are_kept():
    specs = leave_photo((parse_panel("orbit/clay"), parse_panel("side/clay")))
    told = {"columns": 2, "frames": 3, "transition": 2}
    assert lay_out_sheet("a", None, (480, 640), specs, (0,), free_hw="auto", **told).width == 1280
    sheet = lay_out_sheet("a", None, (480, 640), specs, (0,), free_hw=(100, 90), **told)
    assert (sheet.width, sheet.height, sheet.frames) == (180, 700, 7)
    # A panel over the photo stays there.
    mixed = leave_photo((parse_panel("camera/clay"), parse_panel("orbit/clay")))
    shown = lay_out_sheet("a", None, (480, 640), mixed, (0,), free_hw="auto", **told)
    assert {panel.viewpoint.from_photo for panel in shown.panels if panel.viewpoint.name == "camera"} == {1.0}
    assert [panel.shows_photo for panel in shown.panels if panel.viewpoint.name == "orbit"] == [
        *(True, True, False, False, False, False, True)
    ]
