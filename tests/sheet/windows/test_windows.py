"""Windows: parts of views that fill a panel, drawn anew at their own pixels."""

from dataclasses import replace

import numpy as np
import pytest

from render.body.fit_bodies import FitBodies
from render.library.renderer import BatchRenderer
from render.library.style import Style
from render.sheet.panels import parse_panel
from render.sheet.shots import list_shots
from render.types.sheets import Framing, Panel, Rect, Sheet, Window
from tests.helpers.drawing import draw_sheets

PERSON = 4
WHOLE_PX = (640, 480)
FITTED = Framing(fit="bodies")


@pytest.fixture
def draw(demo_body, charts, fits):
    """Draws a panel of the demo set's person, or a window of it, of so many pixels."""

    def draw_window(
        text: str,
        window: Window | None,
        size_px=WHOLE_PX,
        photo: np.ndarray | None = None,
        table=fits,
        photo_hw=(480, 640),
        framing=FITTED,
    ) -> np.ndarray:
        renderer = BatchRenderer(FitBodies((demo_body,)), Style(edges="smooth"), charts)
        spec = parse_panel(text, "white")
        panel = Panel(
            spec.viewpoint, spec.mode, spec.background, Rect(0, 0, *size_px), spec.has_shadow, window
        )
        sheet = Sheet("a", size_px[1], size_px[0], None, photo_hw, (panel,), (PERSON,), outside="white")
        return draw_sheets(renderer, table, [sheet], [photo], framing)[0]

    return draw_window


@pytest.mark.parametrize("text", ["camera/densepose", "crop:2/clay", "side/normal", "orbit:30:10:ortho/geo"])
def test_a_window_of_all_of_a_view_is_the_view_byte_for_byte(draw, text):
    size_px = (448, 448) if text.startswith("crop") else WHOLE_PX
    np.testing.assert_array_equal(draw(text, Window(0, 0, 1, size_px), size_px), draw(text, None, size_px))


@pytest.mark.parametrize("text", ["camera/clay", "crop:2/iuv", "side/clay", "side:ortho/depth"])
def test_a_window_at_the_views_own_pixels_is_cut_out_of_it(draw, text):
    size_px = (448, 448) if text.startswith("crop") else WHOLE_PX
    whole = draw(text, None, size_px)
    part = draw(text, Window(192, 96, 1, size_px), (160, 224))
    # Depths are spread over what the panel shows; all else is the same but where a coordinate, rounded to
    # float32 elsewhere, moves an edge by a sample.
    expected = whole[96:320, 192:352]
    assert (part != expected).any(2).mean() < 2e-3
    assert 0.1 < (part != part[0, 0]).any(2).mean() < 0.9


@pytest.mark.parametrize("mode", ["clay", "iuv", "parts"])
def test_a_window_four_times_as_large_is_what_a_camera_of_four_times_the_pixels_sees(draw, fits, mode):
    large = replace(fits, scale=4 * fits.scale, origin=4 * fits.origin, box_px=4 * fits.box_px)
    # A power of two, so that no number is rounded otherwise.
    window = Window(0, 0, 4, WHOLE_PX)
    seen = draw(f"camera/{mode}", window, (1280, 1920))
    expected = draw(f"camera/{mode}", None, (1280, 1920), table=large, photo_hw=(1920, 1280))
    np.testing.assert_array_equal(seen, expected)
    assert (seen != seen[0, 0]).any()


def test_the_photo_behind_a_window_lies_where_the_body_does(draw):
    """A photo of the body itself, drawn in two colours: over the window of it nothing of it is seen."""
    photo = draw("camera/silhouette/white", None)
    window = Window(200.25, 120.5, 2.5, WHOLE_PX)
    seen = draw("camera/silhouette/photo", window, (500, 600), photo)
    on_white = draw("camera/silhouette/white", window, (500, 600))
    # The photo's edges are as wide as its pixels, which are 2.5 of the window's.
    far_off = np.abs(seen.astype(int) - on_white).max(2) > 64
    edge = np.zeros(far_off.shape, bool)
    for shift in (-3, 3):
        for axis in (0, 1):
            edge |= (np.roll(on_white, shift, axis) != on_white).any(2)
    assert not (far_off & ~edge).any()
    assert (on_white != 255).any(2).mean() > 0.1


def test_panels_share_a_shot_only_if_they_show_the_same_part():
    spec = parse_panel("camera/geo", "white")
    windows = (None, Window(0, 0, 2, WHOLE_PX), Window(8, 0, 2, WHOLE_PX), Window(0, 0, 2, WHOLE_PX))
    panels = tuple(
        Panel(spec.viewpoint, "geo", "white", Rect(0, 8 * i, 8, 8), window=one)
        for i, one in enumerate(windows)
    )
    shots = list_shots([Sheet("a", 32, 8, None, (480, 640), panels, (0,))], 1, is_fitted=True)
    assert [len(shot.panels) for shot in shots] == [1, 1, 2]
