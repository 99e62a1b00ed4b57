"""A JPEG that ends between two scans is damaged, although decoders have no complaint."""

import base64
import io

import cv2
import numpy as np
import pytest
from PIL import Image

from render.errors import PhotoError
from render.photos.decode import decode_photo, read_photo
from render.photos.files import read_photo_file
from render.photos.jpeg_scans import has_all_scans, read_plain_jpeg
from tests.photos.test_colours import RGB, save

SCAN, END = b"\xff\xda", b"\xff\xd9"
NOISY = np.clip(RGB + np.random.default_rng(0).normal(0, 20, RGB.shape), 0, 255).astype(np.uint8)


def encode(mode="RGB", **options):
    return save(Image.fromarray(NOISY).convert(mode), "JPEG", **{"quality": 90, **options})


def scans_of(content):
    return [place for place in range(len(content)) if content[place : place + 2] == SCAN]


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_every_cut_between_scans_is_noticed_and_no_whole_file_is(mode, subsampling):
    for quality in (1, 30, 75, 100):
        for restart in (0, 2):
            options = {"quality": quality, "subsampling": subsampling, "restart_marker_blocks": restart}
            assert has_all_scans(encode(mode, **options))
            content = encode(mode, progressive=True, **options)
            assert has_all_scans(content)
            scans = scans_of(content)
            assert len(scans) > 3
            for place in scans[1:]:
                assert not has_all_scans(content[:place] + END)


def test_those_of_opencv_are_whole():
    for progressive in (0, 1):
        for sampling in (0x411111, 0x221111, 0x211111, 0x111111):
            options = [
                *(cv2.IMWRITE_JPEG_PROGRESSIVE, progressive, cv2.IMWRITE_JPEG_OPTIMIZE, 1),
                *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling, cv2.IMWRITE_JPEG_RST_INTERVAL, 3),
            ]
            assert has_all_scans(cv2.imencode(".jpg", NOISY, options)[1].tobytes())


def split_baseline():
    """A scan for each colour, none of them progressive: of flat 8 x 8 px that is one code in each."""
    one = save(np.full((8, 8, 3), 128, np.uint8), "JPEG")
    scan = one.index(SCAN)
    scans = b"".join(
        SCAN + bytes([0, 8, 1, component, table, 0, 63, 0]) + data
        # Of the tables for light and colours: a difference of zero, and the end of the block.
        for component, table, data in ((1, 0x00, b"\x2b"), (2, 0x11, b"\x0f"), (3, 0x11, b"\x0f"))
    )
    return one[:scan] + scans + END


def test_a_jpeg_with_a_scan_for_each_colour_wants_them_all(tmp_path):
    content = split_baseline()
    (tmp_path / "a.jpg").write_bytes(content)
    np.testing.assert_array_equal(read_photo(tmp_path / "a.jpg"), 128)
    for place in scans_of(content)[1:]:
        assert not has_all_scans(content[:place] + END)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_missing_scans_are_damage_that_can_be_drawn(tmp_path, mode):
    content = encode(mode, progressive=True)
    (tmp_path / "a.jpg").write_bytes(content[: scans_of(content)[-1]] + END)
    with pytest.raises(PhotoError, match=r"a\.jpg: the photo is damaged \(scans are missing"):
        read_photo(tmp_path / "a.jpg")
    assert decode_photo(read_photo_file(tmp_path / "a.jpg")).pixels.shape == RGB.shape


def test_only_the_first_picture_of_a_file_counts(tmp_path):
    """An EXIF preview has scans of its own, and so have pictures behind the first."""
    preview = encode(progressive=True)
    preview = preview[: scans_of(preview)[1]] + END
    whole = encode(progressive=True, exif=b"Exif\0\0" + preview)
    assert has_all_scans(whole)
    assert has_all_scans(whole + preview)
    assert not has_all_scans(preview + whole)


def test_what_is_damaged_in_other_ways_is_passed_in_little_time():
    start = encode()[: encode().index(SCAN)]
    for rest in (b"", SCAN, SCAN + b"\0", b"\xff\xd8\xff" * 10**6, b"\xff" * 10**6, SCAN + b"\0\2" * 10**6):
        has_all_scans(start + rest)
    assert has_all_scans(b"\xff\xd8")


# RGB[10:26, 16:32] at quality 95, 4:4:4, by jpegtran of libjpeg-turbo 2.1.5.
ARITHMETIC = {
    "sequential": (
        b"/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYG"
        b"CAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoK"
        b"CgoKCgoKCgoKCgoKCgoKCgoKCgr/yQARCAAQABADAREAAhEBAxEB/8wACgAQEAUBEBEF/9oADAMBAAIRAxEAPwDS3jru"
        b"UjjSI4U505BQYf2r2QbJRIz2EbZcjdVd9rgZythgntbefMujEtiqcEJxTb7ougPNCVeid64YPeQM2xIIIEjYXQh+ojkj"
        b"zaM1MP/Z"
    ),
    "progressive": (
        b"/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYG"
        b"CAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoK"
        b"CgoKCgoKCgoKCgoKCgoKCgoKCgr/ygARCAAQABADAREAAhEBAxEB/8wABgAQARD/2gAMAwEAAhADEAAAAdLK9dsG/eMa"
        b"tkIxdY95uwXUHTKPpP/MAAQQBf/aAAgBAQABBQLpZdnuQIP/zAAEEQX/2gAIAQMBAT8B7DTpn01C+3mwCofVc+kqV0D/"
        b"zAAEEQX/2gAIAQIBAT8B7DQam195Y+iYqpOmmXOdr//MAAQQBf/aAAgBAQAGPwLj0ffjBb0jaE4WeChA/8wABBAF/9oA"
        b"CAEBAAE/IeH5aHLNIsj/2gAMAwEAAgADAAAAEFH/zAAEEQX/2gAIAQMBAT8Q1uLRUO2i/8wABBEF/9oACAECAQE/EOH5"
        b"ZaHg5YD/zAAEEAX/2gAIAQEAAT8Qy58xUPmLgP/Z"
    ),
}


@pytest.mark.parametrize("name", ARITHMETIC)
def test_arithmetic_coding_has_the_pixels_of_huffman_coding(tmp_path, name):
    content = base64.b64decode(ARITHMETIC[name])
    (tmp_path / "a.jpg").write_bytes(content)
    (tmp_path / "b.jpg").write_bytes(save(RGB[10:26, 16:32], "JPEG", quality=95))
    np.testing.assert_array_equal(read_photo(tmp_path / "a.jpg"), read_photo(tmp_path / "b.jpg"))
    if name == "progressive":
        assert not has_all_scans(content[: scans_of(content)[-1]] + END)


def list_headers():
    """JPEGs whose headers hold what those of photos do."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "camera " * 9
    for options in (
        {},
        {"progressive": True},
        {"exif": exif},
        {"icc_profile": b"profile" * 500, "comment": b"a comment"},
        {"exif": exif, "icc_profile": bytes(70_000)},
    ):
        yield from (encode(mode, **options) for mode in ("L", "RGB"))
    yield cv2.imencode(".jpg", NOISY)[1].tobytes()


def check_header(content):
    """Whether it is taken for plain; then Pillow says the same of it."""
    plain = read_plain_jpeg(content)
    if plain is None:
        return False
    with Image.open(io.BytesIO(content), formats=["JPEG"]) as image:
        told = (image.size[::-1], bool(image.info.get("progressive")), image.info.get("exif", b""))
    assert (plain.hw, plain.is_progressive, plain.exif) == told
    assert has_all_scans(content) or not plain.is_one_scan
    return True


def test_headers_of_photos_are_plain():
    for content in list_headers():
        assert check_header(content)
    assert not check_header(encode("CMYK"))


def test_damaged_headers_are_never_read_otherwise_than_pillow_reads_them():
    rng, contents, plain = np.random.default_rng(0), list(list_headers()), 0
    for _ in range(2000):
        content = bytearray(contents[rng.integers(len(contents))])
        # Behind the two bytes that tell that it is one.
        place = int(rng.integers(2, min(len(content), content.find(SCAN) + 14)))
        kind = rng.integers(4)
        if kind < 2:
            content[place] = (0, 255, 1, 3, int(rng.integers(256)))[rng.integers(5)]
        elif kind == 2:
            del content[place : place + int(rng.integers(1, 20))]
        else:
            del content[place:]
        plain += check_header(bytes(content))
    # Most bits of tables and of notes may be any.
    assert 200 < plain < 1800
