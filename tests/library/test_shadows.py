"""Shadows that lie over any background, on the pixels of sheets."""

import numpy as np
import pytest

from render import build_sheets, make_bodies, rasterize_sheets, shade_sheets
from render.body.fit_bodies import FitBodies
from render.errors import ConfigError
from render.fits.read import read_fits
from render.library.renderer import BatchRenderer
from render.light.directions import KEY_WAY
from render.sheet.ground.catcher import SKY_SHARE
from render.sheet.ground.shadow_layer import DEPTH
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import parse_panel
from render.types.bodies import Bodies
from render.types.sheets import Framing
from tests.helpers.drawing import draw_sheets
from tests.helpers.round_bodies import make_ball

SIZE = (240, 240)
# Of the demo set's photos.
SIZE_HW = (480, 640)
WHITE = np.full((SIZE[1], SIZE[0], 3), 255, np.uint8)


@pytest.fixture(scope="module")
def ball() -> Bodies:
    verts, faces = make_ball(4)
    return make_bodies(0.9 * verts[None].numpy(), faces.numpy())


def draw(bodies: Bodies, *panels: str, **settings) -> np.ndarray:
    """The first sheet's picture."""
    settings = {"size_px": SIZE, "fit": "bodies", "zoom": 0.5} | settings
    sheets = build_sheets(bodies, list(panels), **settings)
    return shade_sheets(sheets, rasterize_sheets(sheets))[0]


def test_the_floor_around_a_sphere_is_as_dark_as_the_formula_has_it(ball):
    """From above, on the side of the key light, where only the sky is hidden: r^3 / (rho^2 + r^2)^1.5."""
    picture = draw(ball, "top:ortho/silhouette/transparent+shadow")
    # Shadows have no colour, and are nowhere opaque.
    body = picture[..., 3] == 255
    rows, columns = np.nonzero(body)
    middle = np.array([columns.mean(), rows.mean()]) + 0.5
    radius = np.sqrt(body.sum() / np.pi)
    # To the right and towards the viewer is right and down.
    way = np.array([KEY_WAY[0], KEY_WAY[2]]) / np.hypot(KEY_WAY[0], KEY_WAY[2])
    rho = np.linspace(1.1, 1.7, 25)
    at = (middle + radius * rho[:, None] * way).astype(int)
    dark = picture[at[:, 1], at[:, 0], 3] / 255
    hidden = 1 / (rho**2 + 1) ** 1.5
    # The light within 0.02, and half a step of 255.
    np.testing.assert_allclose(dark, DEPTH * SKY_SHARE * hidden, atol=0.02 * DEPTH * SKY_SHARE + 0.5 / 255)
    # On the other side the key is hidden too.
    beyond = (middle - 1.3 * radius * way).astype(int)
    assert picture[beyond[1], beyond[0], 3] / 255 > DEPTH * (1 - SKY_SHARE)
    assert (picture[~body][:, :3] == 0).all()


@pytest.mark.parametrize("view", ["orbit:30:20", "top:ortho", "camera"])
def test_shadows_over_nothing_laid_over_a_colour_are_shadows_over_the_colour(ball, view):
    loose, laid = (draw(ball, f"{view}/clay/{name}+shadow") for name in ("transparent", "rgb:ff8800"))
    alpha = loose[..., 3:] / 255
    over = loose[..., :3] * alpha + np.array([255, 136, 0]) * (1 - alpha)
    assert np.abs(over - laid).max() <= 1.01
    assert len(np.unique(alpha)) > 40


def test_shadows_lie_behind_bodies_and_where_somebody_stands(ball):
    plain, shaded, body = (
        draw(ball, f"orbit:40:15/clay/{name}", size_px=(480, 240))
        for name in ("white", "white+shadow", "transparent")
    )
    is_body = body[..., 3] == 255
    np.testing.assert_array_equal(shaded[is_body], plain[is_body])
    dark = 255 - shaded[~is_body].min(1).astype(int)
    assert dark.max() > 100
    # Above the horizon of the shadow, and far in front of it.
    assert (shaded[:40] == 255).all()
    assert (shaded[:, :20] == 255).all()


def test_who_looks_from_below_the_ground_sees_no_shadow(ball):
    np.testing.assert_array_equal(
        draw(ball, "orbit:40:-25/clay/white+shadow"), draw(ball, "orbit:40:-25/clay/white")
    )


def test_in_the_studio_bodies_stand_on_their_shadows_unless_a_background_is_named(ball):
    by_itself, named = draw(ball, "orbit:30:20/studio"), draw(ball, "orbit:30:20/studio/white+shadow")
    np.testing.assert_array_equal(by_itself, named)
    assert (draw(ball, "orbit:30:20/studio/white") != named).any()
    assert (draw(ball, "orbit:30:20/clay") != draw(ball, "orbit:30:20/clay/white+shadow")).any()


def test_panels_of_a_sheet_have_what_they_have_alone(ball):
    panels = ["orbit:30:20/clay/white+shadow", "orbit:30:50/clay/white+shadow", "orbit:-70:20/clay/white"]
    together = draw(ball, *panels)
    for i, panel in enumerate(panels):
        np.testing.assert_array_equal(together[:, i * SIZE[0] : (i + 1) * SIZE[0]], draw(ball, panel))


def test_a_turn_has_the_key_with_the_viewer(ball):
    """A sphere is the same from all sides, and so is its shadow, but for the cells that it falls on."""
    frames = draw(ball, "orbit:0:20/silhouette/white+shadow", frames=3).reshape(3, SIZE[1], SIZE[0], 3)
    for other in frames[1:]:
        assert np.abs(other.astype(int) - frames[0]).mean() < 0.7


def test_a_photo_must_be_there(ball):
    with pytest.raises(ConfigError, match=r"camera/clay/photo\+shadow' shows a photo; pass photos"):
        draw(ball, "camera/clay/photo+shadow")


def test_photos_have_weaker_shadows(ball):
    over_photo, over_white = (
        255 - draw(ball, f"camera/silhouette/{name}+shadow", **more).astype(int)
        for name, more in (("photo", {"photos": [WHITE], "size_px": None}), ("white", {}))
    )
    is_shadow = (over_white > 8) & (over_white < 255)
    assert is_shadow.any()
    assert (over_photo[is_shadow] < over_white[is_shadow]).all()


# Rows of the demo set: who stands, two people of one photo, and who lies.
STANDING, TOGETHER, LYING = (1,), (2, 3), (11,)


@pytest.fixture(scope="module")
def draw_people(demo_body, demo_set):
    renderer, fits = BatchRenderer(FitBodies((demo_body,))), read_fits("eft", demo_set.fit_file)[0]

    def draw(*groups: tuple[int, ...], panels: tuple[str, ...]) -> list[np.ndarray]:
        specs = tuple(map(parse_panel, panels))
        sheets = [lay_out_sheet(f"{i}", None, SIZE_HW, specs, who, columns=9) for i, who in enumerate(groups)]
        photos = [np.full((*SIZE_HW, 3), 200, np.uint8)] * len(sheets)
        return draw_sheets(renderer, fits, sheets, photos, Framing(up="world", fit="bodies"))

    return draw


def test_sheets_have_the_same_shadows_in_any_batch(draw_people):
    panels = ("camera/geo/photo+shadow", "orbit:30:15/geo/white+shadow")
    together = draw_people(STANDING, TOGETHER, (), STANDING, panels=panels)
    for i, who in enumerate([STANDING, TOGETHER, ()]):
        np.testing.assert_array_equal(draw_people(who, panels=panels)[0], together[i])
    np.testing.assert_array_equal(together[0], together[3])


@pytest.mark.parametrize("row", [0, 1, 5])
def test_over_the_photo_feet_stand_in_their_shadow(draw_people, row):
    """Beside the lowest pixels of a body the photo is darker; above its head the photo is as it is."""
    shaded, plain = (
        draw_people((row,), panels=(f"camera/silhouette/{name}",))[0][..., 0].astype(int)
        for name in ("photo+shadow", "photo")
    )
    body = plain == 0
    rows = np.flatnonzero(body.any(1))
    column = int(np.flatnonzero(body[rows.max()]).mean())
    beside = np.s_[rows.max() - 2 : rows.max() + 4, max(column - 12, 0) : column + 13]
    assert shaded[beside][~body[beside]].min() < 160
    assert (shaded[: rows.min()] == 200).all()
    np.testing.assert_array_equal(shaded[body], 0)


def test_who_lies_has_a_shadow_in_views_around_but_none_on_a_ground_that_nobody_knows(draw_people):
    (photo,) = draw_people(LYING, panels=("camera/silhouette/photo+shadow",))
    assert set(np.unique(photo)) <= {0, 200}
    (around,) = draw_people(LYING, panels=("orbit:30:20/silhouette/white+shadow",))
    assert len(np.unique(around)) > 60
