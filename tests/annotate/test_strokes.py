"""Strokes have their width and their place, and keep their colour at their edges."""

import numpy as np
import pytest

from render.annotate.strokes import Disc, Segment, paint


def measure(pixels):
    """Area and centroid of white on black."""
    share = pixels[..., 0] / 255.0
    rows, columns = np.indices(share.shape)
    return share.sum(), np.array(
        [(share * (columns + 0.5)).sum(), (share * (rows + 0.5)).sum()]
    ) / share.sum()


def test_segment_covers_its_rectangle():
    pixels = np.zeros((40, 60, 3), np.uint8)
    paint(pixels, [Segment(np.array([10.0, 20.0]), np.array([50.0, 20.0]), 4.0)], (255, 255, 255))
    assert (pixels[18:22, 12:48] == 255).all()
    assert (pixels[[16, 23]] == 0).all()
    assert (pixels[:, [7, 52]] == 0).all()
    # y = 20 is an edge between rows: half a pixel is neither lost nor gained, but for cv2's rounding.
    np.testing.assert_allclose(pixels.astype(int), pixels[::-1].astype(int), atol=5)


@pytest.mark.parametrize("angle_rad", [0.0, 0.4, np.pi / 4, 1.2, np.pi / 2])
@pytest.mark.parametrize("width_px", [3.0, 4.5, 8.0])
def test_segment_has_its_width_and_place(width_px, angle_rad):
    along = np.array([np.cos(angle_rad), np.sin(angle_rad)])
    start = np.array([60.3, 50.6])
    pixels = np.zeros((200, 200, 3), np.uint8)
    paint(pixels, [Segment(start, start + 80 * along, width_px)], (255, 255, 255))
    area, center = measure(pixels)
    # cv2's anti-aliasing is not exact, mostly along the axes.
    assert area / 80 == pytest.approx(width_px, abs=0.7)
    np.testing.assert_allclose(center, start + 40 * along, atol=0.25)


@pytest.mark.parametrize("radius_px", [2.5, 5.0, 11.0])
def test_disc_has_its_radius_and_place(radius_px):
    pixels = np.zeros((60, 60, 3), np.uint8)
    paint(pixels, [Disc(np.array([30.3, 24.8]), radius_px)], (255, 255, 255))
    area, center = measure(pixels)
    assert np.sqrt(area / np.pi) == pytest.approx(radius_px, abs=0.35)
    np.testing.assert_allclose(center, [30.3, 24.8], atol=0.1)


def test_opacity_mixes_once_where_shapes_overlap():
    pixels = np.full((40, 40, 3), 100, np.uint8)
    discs = [Disc(np.array([18.0, 20.0]), 8.0), Disc(np.array([22.0, 20.0]), 8.0)]
    paint(pixels, discs, (200, 200, 200), 0.4)
    assert (pixels[20, 16:24] == 140).all()


def test_rgba_strokes_are_opaque_and_edges_keep_their_colour():
    pixels = np.zeros((40, 40, 4), np.uint8)
    paint(pixels, [Disc(np.array([20.3, 20.1]), 9.0)], (200, 100, 50))
    assert (pixels[20, 15:25] == (200, 100, 50, 255)).all()
    edge = (pixels[..., 3] > 0) & (pixels[..., 3] < 255)
    assert edge.any()
    # Straight alpha: no dark fringe from what is transparent below.
    assert (np.abs(pixels[edge][:, :3].astype(int) - (200, 100, 50)) <= 1).all()


def test_line_to_far_away_keeps_its_direction():
    pixels = np.zeros((100, 100, 3), np.uint8)
    paint(pixels, [Segment(np.array([50.0, 50.0]), np.array([50.0 + 1e6, 50.0 + 1e6]), 4.0)], (255, 255, 255))
    assert (pixels[range(52, 100), range(52, 100)] == 255).all()
    assert not pixels[:48, :48].any()
