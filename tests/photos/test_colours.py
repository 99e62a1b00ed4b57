"""Colours are the file's own: no exchange of channels, rows or columns, with alpha and without."""

import io

import numpy as np
import pytest
from PIL import Image

from render.photos.decode import read_photo

ROW, COLUMN = np.mgrid[:48, :64]
# No two channels, halves or diagonals are alike.
RGB = np.stack(
    [
        np.where(COLUMN < 24, 240, 20),
        np.where(ROW < 20, 200, 30),
        np.where(COLUMN + ROW < 60, 90, 10),
    ],
    -1,
).astype(np.uint8)
ALPHA = np.where(COLUMN < 40, 255, np.where(ROW < 24, 100, 0)).astype(np.uint8)
OPTIONS = {
    "PNG": {},
    "WEBP": {"lossless": True, "exact": True},
    "TIFF": {},
    "BMP": {},
    "JPEG2000": {"irreversible": False},
    "AVIF": {"quality": 100, "subsampling": "4:4:4"},
}
# OpenCV multiplies them by alpha.
KNOWN_WRONG = [("TIFF", "RGBA")]
CASES = [
    (file_format, mode)
    for file_format in OPTIONS
    for mode in ("RGB", "RGBA", "L", "LA")
    if (file_format, mode) not in [("BMP", "LA"), *KNOWN_WRONG]
]


@pytest.mark.parametrize(("file_format", "mode"), CASES)
def test_colours_are_those_of_the_file(tmp_path, file_format, mode):
    image = Image.fromarray(np.dstack([RGB, ALPHA])).convert(mode)
    grey = np.asarray(Image.fromarray(RGB).convert("L"))[..., None].repeat(3, 2)
    file = io.BytesIO()
    image.save(file, file_format, **OPTIONS[file_format])
    (tmp_path / "a").write_bytes(file.getvalue())
    expected = RGB if mode.startswith("RGB") else grey
    # AVIF's colours are YCbCr, which rounds.
    tolerance = 2 if file_format == "AVIF" else 0
    np.testing.assert_allclose(read_photo(tmp_path / "a").astype(int), expected, atol=tolerance)


@pytest.mark.parametrize(
    "options",
    [{"default_image": True}, {"default_image": True, "blend": 1}, {"disposal": 1, "blend": 1}, {"blend": 0}],
)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_of_an_animated_png_the_picture_is_that_of_all_viewers(tmp_path, options, mode):
    image = Image.fromarray(np.dstack([RGB, ALPHA])).convert(mode)
    others = [image.rotate(180), image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)]
    image.save(tmp_path / "a.png", save_all=True, append_images=others, **options)
    np.testing.assert_array_equal(read_photo(tmp_path / "a.png"), RGB)
