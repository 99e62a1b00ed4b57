"""What is no photo of a kind that is read is called by its name, with what to do about it."""

import struct

import numpy as np
import pytest
from PIL import Image

from render.errors import PhotoError
from render.photos.decode import read_photo
from render.photos.files import read_photo_size
from tests.helpers.bmps import bmp
from tests.helpers.tiffs import tiff_of
from tests.photos.test_colours import ALPHA, BITS, GREY, LA, RGB, RGBA, encode, save, wide


def media(*brands):
    return struct.pack(">I4s4sI", 16 + 4 * len(brands[1:]), b"ftyp", brands[0], 0) + b"".join(brands[1:])


def jpeg(marker, bits=8):
    frame = struct.pack(">BHHB", bits, 48, 64, 3) + bytes([1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0])
    comment = b"\xff\xfe\x00\x06hey\0"
    return (
        b"\xff\xd8" + comment + bytes([0xFF, marker]) + struct.pack(">H", len(frame) + 2) + frame + bytes(99)
    )


def small_copy(**more):
    return tiff_of(RGB, 2, t254=(4, [1]), **more)


FOREIGN = {
    "an SVG drawing": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"></svg>',
    "a web page": b"\xef\xbb\xbf<!doctype html><title>404</title>",
    "JSON": b'{"error": "no such key"}',
    "a JPEG XL picture": b"\xff\x0a" + bytes(99),
    "a JPEG XL picture.": b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(99),
    "a HEIC picture": media(b"heic", b"mif1"),
    "a HEIF picture": media(b"mif1", b"heic"),
    "a raw photo .Canon CR3": media(b"crx ", b"isom"),
    "a video .such as MP4": media(b"isom", b"iso2", b"mp41"),
    "a video .such as MP4.": b"\0\0\0\x08wide\0\0\0\0mdat",
    "a video .AVI": b"RIFF\0\0\0\0AVI LIST",
    "a video .Matroska": b"\x1a\x45\xdf\xa3" + bytes(99),
    "a Photoshop document": b"8BPS\0\1",
    "an OpenEXR picture": b"v/1\x01\2\0\0\0",
    "a Radiance HDR picture": b"#?RADIANCE\n",
    "a PDF document": b"%PDF-1.7\n",
    "an icon": b"\0\0\x01\0\x01\0",
    "a PAM picture": b"P7\nWIDTH 64\nHEIGHT 48\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n"
    + RGBA.tobytes(),
    "a PFM picture": b"PF\n64 48\n-1.0\n" + RGB.astype("<f4").tobytes(),
    "a PFM picture.": b"Pf\n64 48\n-1.0\n" + GREY.astype("<f4").tobytes(),
    "a ZIP archive": b"PK\x03\x04" + bytes(99),
    "AppleDouble": b"\0\x05\x16\x07" + bytes(99),
    "zero bytes": bytes(4096),
    "a raw photo .Olympus": b"IIRO\x08\0\0\0",
    "a raw photo .Fujifilm": b"FUJIFILMCCD-RAW 0201",
    "a raw photo .Canon CR2": b"II*\0\x10\0\0\0CR\2\0\0\0\0\0" + tiff_of(RGB, 2)[8:],
    "a raw photo .DNG": tiff_of(RGB, 2, t50706=(1, [1, 4, 0, 0])),
    "a TIFF whose first picture is a small copy": small_copy(),
    "a TIFF of a camera's raw colours": tiff_of(wide(GREY[..., None]), 32803),
    "a lossless JPEG": jpeg(0xC3),
    "a hierarchical JPEG": jpeg(0xC5),
    "a JPEG-LS picture": jpeg(0xF7),
    "a JPEG of 12 bits": jpeg(0xC1, bits=12),
    "a JPEG of 12 bits.": jpeg(0xC2, bits=12),
    "a TIFF of CIE L": tiff_of(RGB, 8),
    "a TIFF of ICC L": tiff_of(RGB, 9),
    "a TIFF of ITU L": tiff_of(RGB, 10),
    "a TIFF of LogL brightness": tiff_of(wide(GREY[..., None]), 32844),
    "a TIFF of LogLuv colours": tiff_of(wide(RGB), 32845),
    "a TIFF of 32-bit floating-point RGB": tiff_of(RGB.astype(np.float32), 2, t339=(3, [3] * 3)),
    "a TIFF of 64-bit floating-point grey": tiff_of(GREY[..., None].astype(float), 1, t339=(3, [3])),
    "a TIFF of 32-bit grey": tiff_of(GREY[..., None].astype(np.uint32), 1),
    "a TIFF of 16-bit signed RGB": tiff_of(RGB.astype(np.int16), 2, t339=(3, [2] * 3)),
    "a TIFF of 16-bit CMYK": tiff_of(wide(RGBA), 5),
    "a TIFF of 8-bit CMYK, alpha": tiff_of(np.dstack([RGBA, ALPHA]), 5, t338=(3, [2])),
    "a TIFF of 8-bit RGB, alpha or other samples": tiff_of(np.dstack([RGBA, ALPHA]), 2, t338=(3, [2, 0])),
    "a TIFF of 8-bit palette, alpha": tiff_of(LA, 3, t338=(3, [2]), t320=(3, [0] * 768)),
    "a TIFF of 16-bit grey, alpha": tiff_of(wide(LA), 1, t338=(3, [2])),
    "a TIFF of 8-bit RGB, .* plane": tiff_of(RGBA, 2, planar=True, t338=(3, [0])),
    "a BMP of 16 bits": bmp(RGBA, (0xF00, 0xF0, 0xF, 0xF000), 16),
    "a BMP of 32 bits": bmp(RGBA, (0x3FF00000, 0xFFC00, 0x3FF), 32),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_foreign_files_are_called_by_their_names(tmp_path, name):
    (tmp_path / "a.jpg").write_bytes(FOREIGN[name])
    remedy = "Convert it|Extract its frames|Unpack it|Copy the photo|Download it again"
    for read in (read_photo_size, read_photo):
        with pytest.raises(PhotoError, match=rf"a\.jpg: found .*{name.rstrip('.')}.*\. ({remedy})"):
            read(tmp_path / "a.jpg")


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
@pytest.mark.parametrize("depth", [8, 16])
def test_planes_that_cannot_be_checked_are_no_damage(tmp_path, mode, depth):
    pixels = {"RGBA": RGBA, "LA": LA}[mode]
    content = tiff_of(
        wide(pixels) if depth == 16 else pixels, 2 if mode == "RGBA" else 1, planar=True, t338=(3, [1])
    )
    (tmp_path / "a.tif").write_bytes(content)
    with pytest.raises(PhotoError, match=r"found a TIFF of .* plane for each sample.*not read"):
        read_photo(tmp_path / "a.tif")


def test_photos_that_begin_like_others_are_photos(tmp_path):
    """AVIF has the container of videos, and may come under HEIF's brand; WebP has that of AVI."""
    for content in (
        save(RGB, "AVIF").replace(b"ftypavif", b"ftypmif1", 1),
        save(RGB, "AVIF", save_all=True, append_images=[Image.fromarray(RGB[::-1])]),
        save(RGB, "WEBP"),
        save(BITS, "PPM"),
        encode(RGB, ".jp2"),
    ):
        (tmp_path / "a").write_bytes(content)
        assert read_photo(tmp_path / "a").shape == RGB.shape


def test_tags_that_are_longer_than_the_file_are_refused(tmp_path):
    """Decoders would read each of them: a file of two kilobytes, times as many tags."""
    content = tiff_of(RGB, 2)
    count = 200
    tags = b"".join(struct.pack("<HHII", 1000 + i, 1, len(content), 0) for i in range(count))
    head = content[:4] + struct.pack("<IH", len(content), count)
    path = tmp_path / "a.tif"
    path.write_bytes(content[:4] + struct.pack("<I", len(content)) + content[8:] + head[8:] + tags + bytes(4))
    for read in (read_photo_size, read_photo):
        with pytest.raises(PhotoError, match="its tags are longer than the file"):
            read(path)
