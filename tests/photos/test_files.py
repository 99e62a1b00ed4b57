"""Photos: sizes agree with OpenCV's pixels for every kind of file; bad files are refused with a reason."""

import io
import os
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from render.errors import PhotoError
from render.photos.decode import read_photo
from render.photos.files import MOST_PIXELS, read_photo_size
from render.photos.open_files import LARGEST_FILE_BYTES
from tests.helpers.tiffs import tiff_of

HEIGHT, WIDTH = 20, 32


@pytest.fixture
def picture():
    """Flat quarters of different colours: any turn or flip of them shows."""
    pixels = np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)
    pixels[:10, :16], pixels[:10, 16:], pixels[10:, :16] = (250, 0, 0), (0, 250, 0), (0, 0, 250)
    return pixels


def orientation_exif(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


# EXIF 2.3, tag 274: what to do to the stored rows and columns to see them upright.
UPRIGHT = {
    1: lambda p: p,
    2: lambda p: p[:, ::-1],
    3: lambda p: p[::-1, ::-1],
    4: lambda p: p[::-1],
    5: lambda p: p.transpose(1, 0, 2),
    6: lambda p: np.rot90(p, -1),
    7: lambda p: p[::-1, ::-1].transpose(1, 0, 2),
    8: lambda p: np.rot90(p, 1),
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_orientation(tmp_path, picture, file_format, orientation):
    path = tmp_path / "photo"
    options = {"quality": 100, "subsampling": 0} if file_format == "JPEG" else {}
    options |= {"lossless": True} if file_format == "WEBP" else {}
    Image.fromarray(picture).save(path, file_format, exif=orientation_exif(orientation), **options)
    # JPEG at its best quality is off by a few steps where quarters meet.
    tolerance = 12 if file_format == "JPEG" else 0
    for ignores_exif, expected in ((False, UPRIGHT[orientation](picture)), (True, picture)):
        assert read_photo_size(path, ignores_exif) == expected.shape[:2]
        photo = read_photo(path, ignores_exif)
        assert photo.dtype == np.uint8
        assert np.abs(photo.astype(int) - expected).max() <= tolerance
    # Not only nearly: a turn is all that the two differ in.
    np.testing.assert_array_equal(read_photo(path), UPRIGHT[orientation](read_photo(path, ignores_exif=True)))


@pytest.mark.parametrize(
    ("mode", "file_format"),
    [("RGB", "AVIF"), ("RGB", "JPEG2000"), ("RGB", "MPO")]
    + [(mode, "PNG") for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")]
    + [(mode, "JPEG") for mode in ("L", "RGB", "CMYK")]
    + [(mode, "TIFF") for mode in ("L", "RGB", "CMYK", "P", "I;16")]
    + [(mode, "BMP") for mode in ("1", "L", "P", "RGB")]
    + [(mode, "GIF") for mode in ("L", "P")],
)
def test_kinds_of_picture(tmp_path, picture, mode, file_format):
    path = tmp_path / "photo"
    image = Image.fromarray(picture)
    image = image.convert("L").convert("I;16") if mode == "I;16" else image.convert(mode)
    image.save(path, file_format, exif=orientation_exif(6) if file_format == "AVIF" else b"")
    assert read_photo_size(path) == (HEIGHT, WIDTH)
    photo = read_photo(path)
    assert photo.shape == (HEIGHT, WIDTH, 3)
    assert photo.dtype == np.uint8


def test_colours_are_rgb_and_alpha_is_dropped(tmp_path, picture):
    alpha = np.full((HEIGHT, WIDTH, 1), 7, dtype=np.uint8)
    Image.fromarray(np.concatenate([picture, alpha], axis=2)).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_photo(tmp_path / "a.png"), picture)


def test_16_bit_pictures_keep_their_high_bytes(tmp_path, picture):
    cv2.imwrite(str(tmp_path / "a.png"), picture[:, :, ::-1].astype(np.uint16) * 257)
    np.testing.assert_array_equal(read_photo(tmp_path / "a.png"), picture)


def test_orientation_in_xmp_is_not_heeded_as_opencv_does_not(tmp_path, picture):
    xmp = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF>'
        b"</x:xmpmeta>"
    )
    for name in ("a.jpg", "a.webp"):
        Image.fromarray(picture).save(tmp_path / name, xmp=xmp)
        with Image.open(tmp_path / name) as image:
            assert image.getexif()[0x0112] == 6
        assert read_photo_size(tmp_path / name) == read_photo(tmp_path / name).shape[:2] == (HEIGHT, WIDTH)


def test_jpeg_with_a_second_picture_behind_the_first(tmp_path, picture):
    image = Image.fromarray(picture)
    image.save(
        tmp_path / "a.jpg",
        "MPO",
        save_all=True,
        append_images=[image.resize((4, 4))],
        exif=orientation_exif(6),
    )
    with Image.open(tmp_path / "a.jpg") as opened:
        assert opened.format == "MPO"
    assert read_photo_size(tmp_path / "a.jpg") == read_photo(tmp_path / "a.jpg").shape[:2] == (WIDTH, HEIGHT)
    assert read_photo_size(tmp_path / "a.jpg", ignores_exif=True) == (HEIGHT, WIDTH)
    assert read_photo(tmp_path / "a.jpg", ignores_exif=True).shape[:2] == (HEIGHT, WIDTH)


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGB"])
def test_ignored_exif_changes_nothing_but_the_turn(tmp_path, picture, mode):
    """Photos with and without EXIF come through different decoders, and those in CMYK through a third."""
    image = Image.fromarray(picture).convert(mode)
    image.save(tmp_path / "a.jpg", exif=orientation_exif(6))
    image.save(tmp_path / "b.jpg")
    np.testing.assert_array_equal(
        read_photo(tmp_path / "a.jpg", ignores_exif=True), read_photo(tmp_path / "b.jpg")
    )


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("kind", "values"), [(3, [6]), (4, [6]), (1, [6])])
def test_ignored_orientation_of_tiffs_in_any_order_of_bytes(tmp_path, picture, order, kind, values):
    (tmp_path / "a.tif").write_bytes(tiff_of(picture, 2, order, t274=(kind, values)))
    assert read_photo_size(tmp_path / "a.tif", ignores_exif=True) == (HEIGHT, WIDTH)
    np.testing.assert_array_equal(read_photo(tmp_path / "a.tif", ignores_exif=True), picture)


def test_damaged_exif_counts_for_nothing(tmp_path, picture):
    Image.fromarray(picture).save(tmp_path / "a.jpg", exif=b"Exif\0\0not a TIFF header")
    assert read_photo_size(tmp_path / "a.jpg") == read_photo(tmp_path / "a.jpg").shape[:2] == (HEIGHT, WIDTH)


def png_chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def test_header_that_disagrees_with_the_pixels(tmp_path, picture):
    """EXIF after the pixels of a PNG: OpenCV finds it there, a look at the header does not."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    text = file.getvalue()
    exif = png_chunk(b"eXIf", orientation_exif(6).tobytes().removeprefix(b"Exif\0\0"))
    (tmp_path / "a.png").write_bytes(text[:-12] + exif + text[-12:])
    with pytest.raises(
        PhotoError, match=r"a\.png: its header says 32 x 20 pixels, but it decodes to 20 x 32"
    ):
        read_photo(tmp_path / "a.png")


# Refused.


def both_refuse(path, message):
    for read in (read_photo_size, read_photo):
        with pytest.raises(PhotoError, match=message) as caught:
            read(path)
        assert str(caught.value).startswith(f"{path}: ")


def test_missing_photo(tmp_path):
    both_refuse(
        tmp_path / "a.jpg", r"no such photo\. Download the dataset's images, or set dataset\.image_dir"
    )
    (tmp_path / "link.jpg").symlink_to("nowhere.jpg")
    both_refuse(tmp_path / "link.jpg", "no such photo")


def test_not_a_regular_file(tmp_path):
    both_refuse(tmp_path, "expected a photo, found a folder")
    os.mkfifo(tmp_path / "pipe.jpg")
    both_refuse(tmp_path / "pipe.jpg", "found not a regular file")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the photo is empty .0 bytes.. Download it again"),
        (b"\n <!DOCTYPE html><html>Not found</html>", "found a web page .HTML. instead of a photo"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git-lfs pointer.*git lfs pull"),
        (b"no picture at all", r"expected a picture \(JPEG, .* found no header of one. Download it again"),
        (b"\xff\xd8\xff", "found no header of one"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "found a PostScript document"),
    ],
    ids=["empty", "html", "git-lfs", "text", "stub", "other format"],
)
def test_not_a_picture(tmp_path, content, message):
    (tmp_path / "a.jpg").write_bytes(content)
    both_refuse(tmp_path / "a.jpg", message)


def png_header(width, height):
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


@pytest.mark.parametrize("width", [10_001, 60_000])
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_over_100_megapixels(tmp_path, width):
    (tmp_path / "a.png").write_bytes(png_header(width, 10_000) + png_chunk(b"IDAT", b""))
    both_refuse(tmp_path / "a.png", "at most 100 megapixels, found more. Scale the photo down")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_just_100_megapixels_is_a_size(tmp_path):
    (tmp_path / "a.png").write_bytes(png_header(10_000, 10_000) + png_chunk(b"IDAT", b""))
    height, width = read_photo_size(tmp_path / "a.png")
    assert height * width == MOST_PIXELS


def test_over_256_mib(tmp_path):
    with (tmp_path / "a.jpg").open("wb") as file:
        file.truncate(LARGEST_FILE_BYTES + 1)  # sparse: takes no space
    both_refuse(tmp_path / "a.jpg", "at most 256 MiB, found 256 MiB")


def test_picture_that_opencv_cannot_decode(tmp_path):
    Image.new("F", (10, 10)).save(tmp_path / "a.png", "TIFF")
    with pytest.raises(PhotoError, match=r"found a TIFF of 32-bit floating-point grey.*not read. Convert it"):
        read_photo(tmp_path / "a.png")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_no_permission(tmp_path, picture):
    Image.fromarray(picture).save(tmp_path / "a.png")
    (tmp_path / "a.png").chmod(0)
    both_refuse(tmp_path / "a.png", "cannot be read")


def test_a_side_longer_than_any_photo_is_refused(tmp_path):
    """A hundred bytes that would be eighty million rows."""
    path = tmp_path / "tower.ppm"
    path.write_bytes(b"P6 1 80000000 255 " + b"\0" * 80)
    both_refuse(path, "expected sides of at most 65535 pixels, found 1 x 80000000")


def test_a_tiff_of_huge_tiles_is_refused(tmp_path):
    """A small picture in one tile for which decoders would make room of gigabytes."""
    entries = {256: 100, 257: 100, 258: 8, 259: 1, 262: 1, 277: 1, 322: 24576, 323: 24576, 324: 8, 325: 4}
    tags = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries.items())
    path = tmp_path / "tiles.tif"
    path.write_bytes(
        b"II*\0" + struct.pack("<I", 12) + bytes(4) + struct.pack("<H", len(entries)) + tags + bytes(4)
    )
    both_refuse(path, "at most 100 megapixels, found more")
