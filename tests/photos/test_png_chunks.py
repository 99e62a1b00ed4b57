"""Of a PNG the picture is drawn that all viewers see, whatever else is in it."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from render.photos.decode import read_photo
from render.photos.files import read_photo_size
from tests.photos.test_colours import ALPHA, GREY, LA, RGB, RGBA, encode, save, wide


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


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def put(content, place, *chunks):
    return content[:place] + b"".join(chunks) + content[place:]


# Behind the signature and the header.
START = 33


@pytest.mark.parametrize("blend", [0, 1])
@pytest.mark.parametrize("size", [(64, 48, 0, 0), (32, 24, 0, 0), (32, 24, 16, 12)])
def test_a_first_frame_that_is_blended_is_the_picture(tmp_path, size, blend):
    """Of the first frame APNG 1.0 says: over nothing, and of the whole size, whatever its control says."""
    content = save(np.dstack([RGB, ALPHA]), "PNG")
    frames = chunk(b"acTL", struct.pack(">II", 2, 0)), chunk(b"fcTL", control(0, size, blend))
    second = chunk(b"fcTL", control(1, (64, 48, 0, 0), 1))
    pixels = zlib.compress(bytes(48 * (1 + 64 * 4)))
    end = content.rindex(b"IEND") - 4
    content = put(content, end, second, chunk(b"fdAT", struct.pack(">I", 2) + pixels))
    (tmp_path / "a.png").write_bytes(put(content, START, *frames))
    np.testing.assert_array_equal(read_photo(tmp_path / "a.png"), RGB)


def interlaced(pixels, kind):
    """In the seven passes of the PNG specification, section 8.2."""
    rows = b""
    for x, y, across, down in (
        *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
        *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
    ):
        for row in pixels[y::down, x::across]:
            rows += b"\0" + row.astype(row.dtype.newbyteorder(">")).tobytes()
    depth = pixels.dtype.itemsize * 8
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], depth, kind, 0, 0, 1)
    chunks = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("widen", [np.asarray, wide])
@pytest.mark.parametrize(("pixels", "kind"), [(GREY, 0), (RGB, 2), (LA, 4), (RGBA, 6)])
def test_interlaced(tmp_path, pixels, kind, widen):
    (tmp_path / "a.png").write_bytes(interlaced(widen(pixels), kind))
    expected = RGB if kind in (2, 6) else GREY[..., None].repeat(3, 2)
    np.testing.assert_array_equal(read_photo(tmp_path / "a.png"), expected)


def test_a_transparent_colour_of_16_bits(tmp_path):
    transparent = chunk(b"tRNS", struct.pack(">HHH", *wide(RGB[0, 0]).tolist()))
    (tmp_path / "a.png").write_bytes(put(encode(wide(RGB), ".png"), START, transparent))
    np.testing.assert_array_equal(read_photo(tmp_path / "a.png"), RGB)


def control(number, size, blend):
    return struct.pack(">IIIIIHHBB", number, *size, 1, 10, 0, blend)


LONG = b"x" * (2 << 20)
PACKED = zlib.compress(LONG)
TEXTS = {
    "text": chunk(b"tEXt", b"Comment\0" + LONG),
    "packed text": chunk(b"zTXt", b"Comment\0\0" + PACKED),
    "international text": chunk(b"iTXt", b"Comment\0\1\0\0\0" + PACKED),
    "colour profile": chunk(b"iCCP", b"profile\0\0" + PACKED),
    "texts that are long together": chunk(b"zTXt", b"Comment\0\0" + zlib.compress(LONG[: 1 << 19])) * 200,
    "chunk of nobody": chunk(b"prVt", LONG),
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_else_is_in_a_png_does_not_matter(tmp_path, name):
    (tmp_path / "a.png").write_bytes(put(save(RGB, "PNG"), START, TEXTS[name]))
    assert read_photo_size(tmp_path / "a.png") == (48, 64)
    np.testing.assert_array_equal(read_photo(tmp_path / "a.png"), RGB)


def test_a_turn_behind_a_long_text_is_heeded(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    content = put(save(RGB, "PNG", exif=exif), START, TEXTS["packed text"])
    (tmp_path / "a.png").write_bytes(content)
    assert read_photo_size(tmp_path / "a.png") == (64, 48)
    np.testing.assert_array_equal(read_photo(tmp_path / "a.png"), np.rot90(RGB, -1))
