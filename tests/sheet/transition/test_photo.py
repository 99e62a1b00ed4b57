"""The photo on the panels of a transition: in its place, and as faint as it is to be."""

import numpy as np
import pytest

from render.sheet.transition.course import weigh_photo
from render.sheet.transition.photo import fit_photo, lay_photo

PHOTO = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)


def test_a_photo_of_the_size_of_its_panel_lies_there_pixel_for_pixel():
    area = np.full((30, 40, 3), 255, np.uint8)
    lay_photo(area, PHOTO, 0.0)
    assert (area == PHOTO).all()
    zoom, offset = fit_photo((30, 40), (40, 30))
    assert (zoom, offset.tolist()) == (1.0, [0, 0])


def test_it_fades_into_the_background_and_is_gone():
    for share in (0.1, 0.25, 0.4):
        area = np.full((30, 40, 3), (255, 128, 0), np.uint8)
        lay_photo(area, PHOTO, share)
        left = weigh_photo(share)
        # A level: each sum is rounded.
        np.testing.assert_allclose(area, left * PHOTO + (1 - left) * np.array([255, 128, 0]), atol=1)
    area = np.full((30, 40, 3), 77, np.uint8)
    lay_photo(area, PHOTO, 0.5)
    assert (area == 77).all()


@pytest.mark.parametrize(
    ("size_px", "zoom", "offset"),
    [((80, 60), 2.0, (0, 0)), ((40, 50), 1.0, (0, 10)), ((20, 10), 1 / 3, (3, 0)), ((91, 30), 1.0, (25, 0))],
)
def test_it_is_fitted_into_a_panel_of_another_shape(size_px, zoom, offset):
    found_zoom, found_offset = fit_photo((30, 40), size_px)
    assert found_zoom == pytest.approx(zoom)
    assert found_offset.tolist() == list(offset)
    area = np.zeros((size_px[1], size_px[0], 3), np.uint8)
    lay_photo(area, np.full((30, 40, 3), 200, np.uint8), 0.0)
    y, x = np.nonzero(area[:, :, 0])
    assert (x.min(), y.min()) == offset
    assert (area[area[:, :, 0] > 0] == 200).all()
    assert x.max() - x.min() + 1 == round(40 * zoom)
    assert y.max() - y.min() + 1 == round(30 * zoom)


def test_over_nothing_it_becomes_transparent_and_keeps_its_colours():
    area = np.zeros((30, 40, 4), np.uint8)
    lay_photo(area, PHOTO, 0.25, is_transparent=True)
    assert (area[:, :, :3] == PHOTO).all()
    assert (area[:, :, 3] == 128).all()


def test_over_a_colour_of_a_sheet_with_alpha_it_stays_opaque():
    area = np.full((30, 40, 4), 255, np.uint8)
    lay_photo(area, PHOTO, 0.25)
    assert (area[:, :, 3] == 255).all()
    np.testing.assert_allclose(area[:, :, :3], PHOTO / 2 + 127.5, atol=1)
