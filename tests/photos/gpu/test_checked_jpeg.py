"""Which photos a GPU may decode: those of which the CPU would say that they are whole."""

import io
import random
from pathlib import Path

import cv2
import numpy as np
import pytest
import simplejpeg
from PIL import Image

from render.errors import PhotoError
from render.photos.decode import decode_photo
from render.photos.files import PhotoFile
from render.photos.gpu.checked_jpeg import check_jpeg
from render.photos.tiff_tags import ORIENTATION


def file_of(content: bytes, ignores_exif: bool = False) -> PhotoFile:
    return PhotoFile(Path("a.jpg"), content, 0, ignores_exif)


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    """With soft shapes and some noise, as photos have them."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (9, 12, 3)).astype(np.uint8)
    soft = cv2.resize(coarse, (163, 118), interpolation=cv2.INTER_CUBIC)
    return np.clip(soft + rng.normal(0, 6, soft.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("subsampling", ["444", "422", "420"])
def test_a_whole_jpeg_may_be_decoded_by_a_gpu(picture, subsampling):
    content = simplejpeg.encode_jpeg(picture, quality=90, colorsubsampling=subsampling)
    checked = check_jpeg(file_of(content))
    assert checked is not None
    assert checked.hw == picture.shape[:2]
    assert np.array_equal(checked.decode(), simplejpeg.decode_jpeg(content))


def test_other_kinds_of_photos_are_for_the_cpu(picture):
    turned = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
    grey = simplejpeg.encode_jpeg(picture[:, :, :1].copy(), colorspace="GRAY")
    rare = simplejpeg.encode_jpeg(picture, colorsubsampling="440")
    png = cv2.imencode(".png", picture)[1].tobytes()
    for content in (turned, grey, rare, png):
        assert check_jpeg(file_of(content)) is None
        assert decode_photo(file_of(content)).damage is None
    with pytest.raises(PhotoError, match="expected a picture"):
        check_jpeg(file_of(b"no picture"))


def test_photos_that_exif_turns_are_for_the_cpu(picture):
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", exif=exif)
    content = buffer.getvalue()
    assert check_jpeg(file_of(content)) is None
    checked = check_jpeg(file_of(content, ignores_exif=True))
    assert checked is not None
    assert checked.hw == picture.shape[:2]


def damage(content: bytes, rng: random.Random) -> bytes:
    """A copy that is cut off, has wrong bits, or lacks a part or has zeros there."""
    changed, kind = bytearray(content), rng.randrange(3)
    if kind == 0:
        return content[: rng.randrange(2, len(content))] + rng.choice([b"", b"\xff\xd9"])
    if kind == 1:
        for _ in range(rng.choice([1, 2, 20])):
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
        return bytes(changed)
    begin = rng.randrange(len(changed))
    changed[begin : begin + rng.randrange(1, 400)] = bytes(rng.choice([0, 300]))
    return bytes(changed)


def test_what_the_cpu_finds_damaged_no_gpu_decodes(picture):
    """Nor does the CPU take for damaged what its decoder would not complain of."""
    rng, seen = random.Random(0), {True: 0, False: 0}
    wholes = [
        simplejpeg.encode_jpeg(picture, quality=quality, colorsubsampling=subsampling)
        for quality in (60, 95)
        for subsampling in ("444", "420")
    ]
    for _ in range(500):
        file = file_of(damage(rng.choice(wholes), rng))
        try:
            is_whole = decode_photo(file).damage is None
        except PhotoError:
            is_whole = False
        try:
            checked = check_jpeg(file)
        except PhotoError:
            checked = None
        if checked is not None:
            assert is_whole
        # What is whole, and all the same for the CPU, has lost its kind with its header.
        elif is_whole:
            _, _, colours, subsampling = simplejpeg.decode_jpeg_header(file.content)
            is_usual = colours == "YCbCr" and subsampling in ("444", "422", "420")
            assert not is_usual or not file.read_header().is_one_scan
        seen[is_whole] += 1
    assert min(seen.values()) > 50
