"""Smooth edges: close to many more samples, and nothing else is changed."""

import numpy as np
import pytest

from render.body.fit_bodies import FitBodies
from render.library.renderer import BatchRenderer
from render.library.style import Style
from render.rasterize.edge_pixels import edge_pixels
from render.rasterize.edge_pixels.edge_pixels import Slots
from render.shade.mode import MODES
from render.shade.resolve import Resolver
from render.sheet import staging
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import parse_panel
from tests.helpers.drawing import draw_sheets

# Two people who cross: rows of the demo set, in one photo.
CROSSING = (2, 3)


@pytest.fixture
def marked(monkeypatch) -> list[np.ndarray]:
    """The row and column of all edge pixels that are drawn, where each sheet has one panel."""
    found = []
    fill = Slots.fill

    def note(slots, chunk):
        for part in fill(slots, chunk):
            found.append(slots.places[part.start : part.stop].numpy().copy())
            yield part

    monkeypatch.setattr(Slots, "fill", note)
    return found


@pytest.fixture
def facing(monkeypatch) -> None:
    """Hard edges, with normals as they are beside smooth ones."""
    open_plain = Resolver.open

    def open_facing(resolver, layer, is_supersampled, keys, faces_viewer=False, **of_canvas):
        return open_plain(resolver, layer, is_supersampled, keys, not MODES.load(layer.mode).is_label)

    monkeypatch.setattr(Resolver, "open", open_facing)


def edge_mask(marked: list[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    mask = np.zeros(shape[:2], bool)
    places = np.concatenate(marked)
    mask[places[:, 0], places[:, 1]] = True
    return mask


@pytest.mark.parametrize("panel", ["camera/clay", "side/normal/black"])
def test_edges_are_close_to_64_samples_and_the_rest_is_the_same(draw_people, marked, facing, panel):
    """8 of 255 is what the mean may be off: the 16 samples of a pixel see its share to 1/40 of it, and each
    of its surfaces has one colour.
    """
    smooth = draw_people(CROSSING, panel, edges="smooth").astype(float)
    hard = draw_people(CROSSING, panel).astype(float)
    many = draw_people(CROSSING, panel, supersample=8).astype(float)
    mask = edge_mask(marked, smooth.shape)
    assert mask.sum() > 1000
    np.testing.assert_array_equal(smooth[~mask], hard[~mask])
    off, was_off = (np.abs(picture - many)[mask].max(1).mean() for picture in (smooth, hard))
    assert off <= 8
    assert off < was_off / 3
    # Few edges are left that are none to the keys: those of faces that meet without a jump.
    assert (np.abs(smooth - many)[~mask].max(1) > 32).sum() < 0.03 * mask.sum()


def test_edges_over_a_photo(demo_body, fits, marked):
    """A photo of noise, which nothing but coverage can mend."""
    photo = np.random.default_rng(5).integers(0, 256, (480, 640, 3), np.uint8)
    sheet = lay_out_sheet("a", None, (480, 640), (parse_panel("camera/geo"),), CROSSING, columns=1, frames=1)
    smooth, many = (
        draw_sheets(
            BatchRenderer(FitBodies((demo_body,)), Style(edges=edges)),
            fits,
            [sheet],
            [photo],
            supersample=supersample,
        )[0].astype(float)
        for edges, supersample in (("smooth", 1), ("hard", 8))
    )
    mask = edge_mask(marked, smooth.shape)
    assert np.abs(smooth - many)[mask].mean() <= 8


def test_labels_have_hard_edges_and_no_other_mode_has(draw_people):
    panels = [f"crop/{mode}" for mode in MODES.names]
    smooth, hard = (draw_people([4], *panels, edges=edges) for edges in ("smooth", "hard"))
    same = [
        (one == other).all()
        for one, other in zip(*(np.split(sheet, len(panels), 1) for sheet in (smooth, hard)), strict=True)
    ]
    assert same == [MODES.load(mode).is_label for mode in MODES.names]


def test_more_samples_leave_nothing_to_smooth(draw_people):
    np.testing.assert_array_equal(
        *(draw_people([4], "camera/geo", supersample=2, edges=edges) for edges in ("smooth", "hard"))
    )


@pytest.mark.parametrize(("samples", "slots", "places"), [(9 * 648, 10**4, 10**5), (10**7, 100, 3)])
def test_pictures_are_the_same_in_other_chunks(draw_people, monkeypatch, samples, slots, places):
    """Panels in pieces of a few rows, and edge pixels by the hundred, with room for three at first."""
    panels = ("camera/geo", "side/normal")
    expected = draw_people(CROSSING, *panels, edges="smooth")
    monkeypatch.setattr(staging, "SMALL_CHUNK", {"cpu": samples})
    monkeypatch.setattr(staging, "LARGE_CHUNK", {"cpu": samples})
    monkeypatch.setattr(edge_pixels, "MOST_SLOTS", {"cpu": slots})
    monkeypatch.setattr(edge_pixels, "FIRST_PLACES", {"cpu": places})
    np.testing.assert_array_equal(draw_people(CROSSING, *panels, edges="smooth"), expected)


def test_transparent_edges_keep_their_colours(draw_people):
    """A silhouette is black however little of a pixel it covers, and its alpha is its share."""
    clear = draw_people(CROSSING, "camera/silhouette/transparent", edges="smooth")
    white = draw_people(CROSSING, "camera/silhouette/white", edges="smooth")
    alpha = clear[:, :, 3]
    assert (clear[alpha > 0][:, :3] == 0).all()
    assert len(np.unique(alpha)) == 17
    np.testing.assert_allclose(255 - alpha.astype(int), white[:, :, 0], atol=1)


def test_half_opaque_edges_cover_half_as_much(draw_people):
    whole, half = (
        draw_people([4], "camera/silhouette/transparent", edges="smooth", opacity=opacity)[:, :, 3]
        for opacity in (1.0, 0.5)
    )
    np.testing.assert_allclose(half, whole / 2, atol=1)


def test_grazing_normals_leave_no_black_dots(draw_people):
    """Interpolated normals near outlines point away from the viewer, where geo is black."""
    hard, smooth = (draw_people(CROSSING, "side/geo", edges=edges) for edges in ("hard", "smooth"))
    assert (hard == 0).any()
    assert smooth.min() > 0
