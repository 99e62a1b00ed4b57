"""Square crops of photos: pixel centres at + 0.5, and black beyond the photo."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.photos.crop import crop_photo, cut_photo

# Each channel is linear: x, y, and a mixture of both.
RAMP = np.fromfunction(
    lambda y, x, c: np.choose(c, [2 * x, 2.5 * y, 20 + x + y]), (96, 120, 3), dtype=int
).astype(np.uint8)


def make_noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def sample_bilinear(photo: np.ndarray, corner: np.ndarray, side: float, size: int) -> np.ndarray:
    """What lies at the centres of the crop's pixels, with black all around the photo."""
    x, y = (c + (np.arange(size) + 0.5) * side / size - 0.5 for c in corner)
    padded = np.pad(photo.astype(float), ((1, 2), (1, 2), (0, 0)))

    def find_places(at: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray]:
        whole = np.floor(at)
        inside = np.clip(whole, -1, length).astype(int)
        share = np.where((whole >= -1) & (whole < length), at - whole, 0)
        return inside + 1, share

    (row, down), (column, right) = find_places(y, photo.shape[0]), find_places(x, photo.shape[1])
    down, right = down[:, None, None], right[None, :, None]
    across = padded[:, column] * (1 - right) + padded[:, column + 1] * right
    return across[row] * (1 - down) + across[row + 1] * down


def test_a_crop_of_its_own_size_is_the_photo_s_pixels():
    photo = make_noise(50, 70)
    np.testing.assert_array_equal(crop_photo(photo, np.array([20.0, 10.0]), 32.0, 32), photo[10:42, 20:52])


def test_what_is_beyond_the_photo_is_black():
    photo = np.full((40, 30, 3), 200, np.uint8)
    found = crop_photo(photo, np.array([-10.0, 20.0]), 60.0, 60)
    expected = np.zeros((60, 60, 3), np.uint8)
    expected[:20, 10:40] = 200
    np.testing.assert_array_equal(found, expected)
    assert not crop_photo(photo, np.array([500.0, 0.0]), 60.0, 60).any()


@given(
    corner=st.tuples(st.floats(-40, 100), st.floats(-40, 80)), zoom=st.floats(0.5, 5), size=st.integers(4, 60)
)
@settings(deadline=None, max_examples=60)
def test_down_to_half_the_size_pixels_are_bilinear(corner, zoom, size):
    """OpenCV has places to a 32nd of a pixel; where that matters least, channels are linear."""
    side = size / zoom
    found = crop_photo(RAMP, np.array(corner), side, size)
    expected = sample_bilinear(RAMP, np.array(corner), side, size)
    # The photo's border is steep.
    error = np.abs(found - expected)
    assert error.mean() < 1
    assert error.max() <= 255 / 32 * 2 + 1


def test_fine_patterns_stay_down_to_half_the_size():
    """Averaging them first would leave grey."""
    photo, corner = make_noise(80, 80), np.array([3.3, 1.7])
    found = crop_photo(photo, corner, 64.0, 45)
    assert np.abs(found - sample_bilinear(photo, corner, 64.0, 45)).mean() < 3


@given(
    corner=st.tuples(st.floats(0, 20), st.floats(0, 20)), zoom=st.floats(0.1, 0.49), side=st.floats(40, 76)
)
@settings(deadline=None, max_examples=60)
def test_a_much_smaller_crop_still_has_all_things_in_their_places(corner, zoom, side):
    """The photo is shrunk to whole pixels first, which the crop makes up for; a ramp's values tell places."""
    size = max(4, round(zoom * side))
    found = crop_photo(RAMP, np.array(corner), side, size).astype(float)
    expected = sample_bilinear(RAMP, np.array(corner), side, size)
    # Next to the border a pixel of the shrunk photo mixes with the black around.
    inner = slice(1, -1)
    np.testing.assert_allclose(found[inner, inner], expected[inner, inner], atol=2.5)


@pytest.mark.parametrize("size", [16, 40, 60])
def test_a_much_smaller_crop_averages_all_pixels(size):
    """A pattern as fine as a pixel becomes its mean, which samples here and there would miss."""
    chequer = (255 * (np.indices((128, 128)).sum(0) % 2))[:, :, None].repeat(3, 2).astype(np.uint8)
    found = crop_photo(chequer, np.array([0.0, 0.0]), 128.0, size)
    # Pixels that are shared between two of the crop's do not even out to the last.
    assert np.abs(found.astype(int) - 128).max() <= (1 if size == 16 else 12)


@pytest.mark.parametrize("axis", [0, 1])
def test_a_photo_a_pixel_wide_can_be_shrunk_too(axis):
    """To nothing it cannot: a pixel stays, and is seen where a pixel of the crop has its centre on it."""
    corner = np.array([0.0, 0.0])
    corner[axis] = -9.5
    photo = np.full((1, 400, 3) if axis else (400, 1, 3), 240, np.uint8)
    found = crop_photo(photo, corner, 400.0, 20).swapaxes(0, axis ^ 1)
    expected = np.zeros((20, 20, 3), np.uint8)
    expected[0] = 240
    np.testing.assert_array_equal(found, expected)


def test_crops_of_boxes_out_of_all_proportion_touch_no_more_than_there_is():
    """A square of a million pixels a side is not made on the way, nor one of the photo shrunk for it."""
    photo = np.full((20, 30, 3), 200, np.uint8)
    far = crop_photo(photo, np.array([-5e5, -5e5]), 1e6, 64)
    assert far.shape == (64, 64, 3)
    # Of the photo a single pixel is left at most.
    assert (far.any(2)).sum() <= 1
    tiny = crop_photo(photo, np.array([10.0, 10.0]), 1.0, 64)
    assert (tiny == 200).all()


def test_a_window_on_the_photos_own_pixels_is_the_photo():
    photo = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)
    np.testing.assert_array_equal(cut_photo(photo, np.zeros(2), 1.0, (40, 30)), photo)
    np.testing.assert_array_equal(cut_photo(photo, np.array([7.0, 5.0]), 1.0, (9, 8)), photo[5:13, 7:16])


def test_a_window_that_shrinks_leaves_nothing_out():
    """Stripes a pixel wide become the grey that they are from far off, wherever the window begins."""
    photo = np.zeros((64, 64, 3), np.uint8)
    photo[:, ::2] = 255
    for begin in (8.0, 8.5, 9.25):
        grey = cut_photo(photo, np.array([begin, 8.0]), 0.25, (8, 8))
        assert np.abs(grey.astype(int) - 127).max() <= 8


def test_a_window_lies_where_it_is_asked_for():
    """A ramp of x: a pixel of the window has the photo's value at its own centre, whatever its size."""
    photo = np.repeat(np.arange(0, 200, dtype=np.uint8)[None, :, None], 50, 0).repeat(3, 2)
    for zoom, left in ((2.5, 20.3), (0.4, 11.7), (1.0, 30.5)):
        cut = cut_photo(photo, np.array([left, 5.0]), zoom, (32, 8))[4, :, 0].astype(float)
        expected = left + (np.arange(32) + 0.5) / zoom - 0.5
        # To a whole level.
        assert np.abs(cut - expected).max() <= 0.6


def test_a_window_beyond_the_photo_is_of_the_colour_that_is_outside():
    photo = np.full((20, 30, 3), 9, np.uint8)
    cut = cut_photo(photo, np.array([-10.0, -5.0]), 1.0, (50, 30), (255, 0, 128))
    np.testing.assert_array_equal(cut[5:25, 10:40], photo)
    assert (cut[:4] == [255, 0, 128]).all()
    assert (cut[:, 42:] == [255, 0, 128]).all()
    far = cut_photo(photo, np.array([500.0, 500.0]), 2.0, (6, 6), (1, 2, 3))
    assert (far == [1, 2, 3]).all()


def test_a_window_of_more_than_any_photo_is_refused():
    with pytest.raises(ValueError, match="pixels of the photo a side"):
        cut_photo(np.zeros((4, 4, 3), np.uint8), np.zeros(2), 1e-5, (100, 100))
