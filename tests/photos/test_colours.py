"""Colours are the file's own, for every format, kind of alpha and depth that is read."""

import io
from functools import partial

import cv2
import numpy as np
import pytest
from PIL import Image

from render.photos.decode import read_photo
from render.photos.files import read_photo_size
from tests.helpers.bmps import bmp, rounded
from tests.helpers.tiffs import tiff, tiff_of

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
RGBA = np.dstack([RGB, ALPHA])
GREY = np.asarray(Image.fromarray(RGB).convert("L"))
LA = np.dstack([GREY, ALPHA])
BITS = GREY > 100
PALETTE = Image.fromarray(RGB).quantize(16)
OTHER = Image.fromarray(RGB[::-1, ::-1])
PIXELS = {"RGB": RGB, "RGBA": RGBA, "L": GREY, "LA": LA}
COLOURS = {"RGB": RGB, "RGBA": RGB, "L": GREY, "LA": GREY, "1": BITS * 255, "P": RGB}
LOSSLESS = {
    "PNG": {},
    "WEBP": {"lossless": True, "exact": True},
    "TIFF": {},
    "BMP": {},
    "JPEG2000": {"irreversible": False},
    "AVIF": {"quality": 100, "subsampling": "4:4:4"},
    "JPEG": {"quality": 100, "subsampling": 0},
    "GIF": {},
    "PPM": {},
}


def save(picture, file_format, **options):
    file = io.BytesIO()
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    image.save(file, file_format, **{**LOSSLESS[file_format.replace("MPO", "JPEG")], **options})
    return file.getvalue()


def encode(pixels, extension, *options):
    """By OpenCV, from RGB."""
    order = {1: [0], 3: [2, 1, 0], 4: [2, 1, 0, 3]}[pixels.shape[2]]
    return cv2.imencode(extension, np.ascontiguousarray(pixels[..., order]), options)[1].tobytes()


def wide(pixels, bits=16):
    return (pixels.astype(np.uint16) * 257) >> (16 - bits)


def jp2_of(bits, codestream):
    """Fewer bits than whole bytes have, written into a file of 16."""
    # The numbers are stored about half of what there can be.
    samples = wide(GREY, bits) + 2**15 - 2 ** (bits - 1)
    content = bytearray(save(samples.astype(np.uint16), "JPEG2000", no_jp2=codestream))
    places = [content.index(b"\xff\x51") + 40] + ([] if codestream else [content.index(b"ihdr") + 14])
    for place in places:
        content[place] = bits - 1
    return bytes(content)


def small_tiff(bits, photometric):
    """Grey or a palette of fewer bits than eight."""
    steps = GREY >> (8 - bits)
    packed = np.packbits(((steps[..., None] >> np.arange(bits)[::-1]) & 1).reshape(48, -1), axis=1)
    tags = {256: (4, [64]), 257: (4, [48]), 258: (3, [bits]), 262: (3, [photometric]), 277: (3, [1])}
    if photometric == 3:
        # The greys again, backwards.
        tags[320] = (3, (np.linspace(65535, 0, 2**bits).astype(int).tolist()) * 3)
    expected = np.round(steps * (255 / (2**bits - 1)))
    return tiff(tags, [packed.tobytes()]), expected if photometric == 1 else 255 - expected


def pnm(kind, white, pixels):
    samples = np.round(pixels.astype(float) * (white / 255)).astype(int)
    header = f"{kind} # by hand\n{pixels.shape[1]} {pixels.shape[0]}\n# white\n{white}\n".encode()
    if kind in ("P2", "P3"):
        return header + " ".join(map(str, samples.ravel())).encode()
    return header + samples.astype("u1" if white < 256 else ">u2").tobytes()


def gif_of(**options):
    return save(PALETTE, "GIF", **options)


MASKS = {
    "565": ((0xF800, 0x7E0, 0x1F), 16),
    "555": ((0x7C00, 0x3E0, 0x1F), 16),
    "1555": ((0x7C00, 0x3E0, 0x1F, 0x8000), 16),
    "888": ((0xFF0000, 0xFF00, 0xFF), 32),
    "8888": ((0xFF0000, 0xFF00, 0xFF, 0xFF000000), 32),
    "8888, red first": ((0xFF, 0xFF00, 0xFF0000, 0xFF000000), 32),
}
EXTRA = {"unspecified": 0, "associated": 1, "unassociated": 2}
# Name: what makes the file, its colours, how far these may be off.
DRAWN = {}
for file_format in ("PNG", "WEBP", "TIFF", "JPEG2000", "AVIF"):
    for mode, pixels in PIXELS.items():
        # AVIF's colours are YCbCr, which rounds.
        DRAWN[f"{file_format} {mode}"] = (
            partial(save, pixels, file_format),
            COLOURS[mode],
            2 if file_format == "AVIF" else 0,
        )
for mode in ("RGB", "RGBA", "L"):
    DRAWN[f"BMP {mode}"] = (partial(save, PIXELS[mode], "BMP"), COLOURS[mode], 0)
for file_format in ("PNG", "TIFF", "BMP", "GIF", "PPM"):
    DRAWN[f"{file_format} 1 bit"] = (partial(save, BITS, file_format), BITS * 255, 0)
for file_format in ("PNG", "TIFF", "BMP", "GIF"):
    DRAWN[f"{file_format} palette"] = (partial(save, PALETTE, file_format), RGB, 0)
for extension in (".png", ".jp2", ".tiff"):
    for mode, pixels in {"RGB": RGB, "RGBA": RGBA, "L": GREY[..., None]}.items():
        options = [cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, 1000] if extension == ".jp2" else []
        make = partial(encode, wide(pixels), extension, *options)
        DRAWN[f"{extension} {mode} 16 bits"] = (make, COLOURS[mode], 0)
for bits in (10, 12):
    for mode in ("RGB", "RGBA"):
        options = [cv2.IMWRITE_AVIF_DEPTH, bits, cv2.IMWRITE_AVIF_QUALITY, 100]
        DRAWN[f"AVIF {mode} {bits} bits"] = (
            partial(encode, wide(PIXELS[mode], bits), ".avif", *options),
            RGB,
            2,
        )
    for codestream in (False, True):
        DRAWN[f"JPEG2000 {bits} bits, codestream {codestream}"] = (partial(jp2_of, bits, codestream), GREY, 0)
# From RGB to YCbCr and back eight bits are rounded twice.
DRAWN["JPEG2000 YCbCr"] = (lambda: save(Image.fromarray(RGB).convert("YCbCr"), "JPEG2000"), RGB, 3)
DRAWN["JPEG2000 CMYK"] = (lambda: save(Image.fromarray(RGB).convert("CMYK"), "JPEG2000"), RGB, 0)
for mode in ("L", "LA"):
    DRAWN[f"JPEG2000 {mode}, codestream"] = (partial(save, PIXELS[mode], "JPEG2000", no_jp2=True), GREY, 0)
for mode in ("RGB", "L", "CMYK"):
    # Where colours meet, JPEG at its best is off by a few steps.
    DRAWN[f"JPEG {mode}"] = (
        lambda mode=mode: save(Image.fromarray(RGB).convert(mode), "JPEG"),
        COLOURS.get(mode, RGB),
        4,
    )
DRAWN["PNG palette, transparent"] = (partial(save, PALETTE, "PNG", transparency=3), RGB, 0)
DRAWN["PNG grey, transparent"] = (partial(save, GREY, "PNG", transparency=int(GREY[0, 0])), GREY, 0)
DRAWN["PNG RGB, transparent"] = (partial(save, RGB, "PNG", transparency=(240, 200, 90)), RGB, 0)
for white in (1, 3, 100, 254, 255, 256, 1023, 4095, 65534, 65535):
    for kind, pixels in (("P2", GREY), ("P3", RGB), ("P5", GREY), ("P6", RGB)):
        # Of few levels these are left; of 16 bits the high bytes.
        left = np.round(np.round(pixels * (white / 255)) * (255 / white))
        DRAWN[f"{kind}, white is {white}"] = (partial(pnm, kind, white, pixels), left, 0)
for index in range(8):
    DRAWN[f"GIF, index {index} transparent"] = (partial(gif_of, transparency=index), RGB, 0)
    animated = {"save_all": True, "append_images": [OTHER.quantize(16)], "duration": 50, "disposal": 2}
    DRAWN[f"animated GIF, index {index} transparent"] = (
        partial(gif_of, transparency=index, **animated),
        RGB,
        0,
    )
DRAWN["animated GIF"] = (partial(gif_of, save_all=True, append_images=[OTHER.quantize(16)]), RGB, 0)
DRAWN["interlaced GIF"] = (partial(gif_of, interlace=1), RGB, 0)
for file_format in ("WEBP", "AVIF"):
    make = partial(save, RGB, file_format, save_all=True, append_images=[OTHER], duration=50)
    DRAWN[f"animated {file_format}"] = (make, RGB, 2)
DRAWN["TIFF of two pages"] = (partial(save, RGB, "TIFF", save_all=True, append_images=[OTHER]), RGB, 0)
DRAWN["JPEG of two pictures"] = (partial(save, RGB, "MPO", save_all=True, append_images=[OTHER]), RGB, 4)
for name, (masks, bits) in MASKS.items():
    for header_bytes in (40, 56, 108, 124):
        if header_bytes > 40 or len(masks) == 3:
            DRAWN[f"BMP {name}, header of {header_bytes}"] = (
                partial(bmp, RGBA, masks, bits, header_bytes),
                rounded(RGB, masks),
                # Five bits are widened by repeating them or by rounding.
                1 if bits == 16 else 0,
            )
for order in "<>":
    for tile in (None, 32):
        place = f"{'big' if order == '>' else 'little'} endian, tile {tile}"
        for depth, widen in ((8, np.asarray), (16, wide)):
            kinds = {
                "RGB": (RGB, 2, {}, RGB),
                "RGBA without a word": (RGBA, 2, {}, RGB),
                "grey": (GREY[..., None], 1, {}, GREY),
            }
            kinds |= {f"RGBA {name}": (RGBA, 2, {"t338": (3, [n])}, RGB) for name, n in EXTRA.items()}
            if depth == 8:
                kinds |= {
                    f"grey, alpha {name}": (LA, 1, {"t338": (3, [n])}, GREY) for name, n in EXTRA.items()
                }
                kinds["grey, white is zero"] = (255 - GREY[..., None], 0, {}, GREY)
                kinds["CMYK"] = (np.dstack([255 - RGB, 0 * ALPHA]), 5, {}, RGB)
            for name, (pixels, photometric, more, expected) in kinds.items():
                make = partial(tiff_of, widen(pixels), photometric, order, tile=tile, **more)
                DRAWN[f"TIFF {name}, {depth} bits, {place}"] = (make, expected, 0)
            make = partial(tiff_of, widen(RGB), 2, order, planar=True, tile=tile)
            DRAWN[f"TIFF RGB, {depth} bits, planar, {place}"] = (make, RGB, 0)
DRAWN["TIFF RGBA, alpha's kind in four bytes"] = (partial(tiff_of, RGBA, 2, t338=(4, [2])), RGB, 0)
for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits"):
    for mode in ("RGB", "RGBA"):
        make = partial(save, PIXELS[mode], "TIFF", compression=compression)
        DRAWN[f"TIFF {mode}, {compression}"] = (make, RGB, 0)
for compression in ("group3", "group4", "tiff_ccitt"):
    make = partial(save, BITS, "TIFF", compression=compression)
    DRAWN[f"TIFF 1 bit, {compression}"] = (make, BITS * 255, 0)
for bits in (1, 2, 4):
    for photometric in (0, 1, 3):
        content, expected = small_tiff(bits, photometric)
        DRAWN[f"TIFF {bits} bits, photometric {photometric}"] = (partial(bytes, content), expected, 0)


@pytest.mark.parametrize("name", DRAWN)
def test_colours_are_those_of_the_file(tmp_path, name):
    make, expected, tolerance = DRAWN[name]
    (tmp_path / "a").write_bytes(make())
    expected = expected if expected.ndim == 3 else expected[..., None].repeat(3, 2)
    photo = read_photo(tmp_path / "a")
    assert read_photo_size(tmp_path / "a") == photo.shape[:2]
    np.testing.assert_allclose(photo.astype(int), expected, atol=tolerance)


def test_an_animated_webp_has_its_colours_where_it_is_seen(tmp_path):
    """The encoder of animations forgets what cannot be seen."""
    picture = Image.fromarray(RGBA)
    (tmp_path / "a").write_bytes(save(picture, "WEBP", save_all=True, append_images=[picture.rotate(180)]))
    np.testing.assert_array_equal(read_photo(tmp_path / "a")[ALPHA > 0], RGB[ALPHA > 0])
