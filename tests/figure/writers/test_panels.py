import cv2
import numpy as np
import pytest

from render.figure.lay_out import lay_out
from render.figure.writers.panels import encode_panels
from render.types.figure.content import BAR, BarContent
from render.types.figure.spec import FigureStyle
from tests.helpers.figures import fill, make_spec, paint

SPEC = make_spec((None,), style=FigureStyle(width_mm=20, dpi=72))
PAGE = lay_out(SPEC, fill(SPEC))
(PLACED,) = PAGE.pictures
HW = PLACED.size_px[::-1]


def encode(pixels: np.ndarray) -> tuple[str, np.ndarray]:
    ((name, content),) = encode_panels(PAGE, {PLACED.name: pixels}).items()
    return name, cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)


def test_a_photo_becomes_jpeg_with_colours_at_full_size():
    pixels = paint(PAGE)[PLACED.name]
    ((name, content),) = encode_panels(PAGE, {PLACED.name: pixels}).items()
    assert name == "row1_column1.jpg"
    frame = content.index(b"\xff\xc0")
    # Of each component of the frame's header: its number, its sampling, its table. 0x11 is one by one.
    assert [content[frame + 11 + 3 * k] for k in range(3)] == [0x11] * 3


def test_flat_colours_and_transparent_pictures_keep_every_bit():
    flat = np.zeros((*HW, 3), np.uint8)
    flat[: HW[0] // 2] = (213, 94, 0)
    name, read = encode(flat)
    assert name == "row1_column1.png"
    np.testing.assert_array_equal(read[..., ::-1], flat)
    clear = np.random.default_rng(0).integers(0, 256, (*HW, 4), dtype=np.uint8)
    name, read = encode(clear)
    assert name == "row1_column1.png"
    np.testing.assert_array_equal(read[..., [2, 1, 0, 3]], clear)


def test_an_opaque_picture_needs_no_alpha():
    pixels = paint(PAGE, channels=4)[PLACED.name]
    pixels[..., 3] = 255
    assert encode(pixels)[0] == "row1_column1.jpg"


def test_the_colours_of_the_bar_are_exact():
    page = lay_out(SPEC, fill(SPEC, aspect=0.3, bar=BarContent(0, 100, "mm")))
    pictures = paint(page)
    content = encode_panels(page, pictures)[f"{BAR}.png"]
    read = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(read[..., ::-1], pictures[BAR])


def test_a_picture_that_is_missing_or_of_another_size_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match=r"row1_column1: expected .* pixels, found none"):
        encode_panels(PAGE, {})
    with pytest.raises(ValueError, match="found 3 x 2"):
        encode_panels(PAGE, {PLACED.name: np.zeros((2, 3, 3), np.uint8)})
