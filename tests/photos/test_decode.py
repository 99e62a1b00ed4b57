"""Damaged photos are noticed, and drawn only where that is asked for; whole ones are as OpenCV reads them."""

import contextlib
import csv
import io

import cv2
import numpy as np
import pytest
from PIL import Image

from render.errors import PhotoError
from render.photos.decode import decode_photo, read_photo
from render.photos.files import read_photo_file
from tests.helpers.runs import run, sheets_below
from tests.helpers.tiffs import tiff
from tests.photos.test_colours import pnm

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow

HEIGHT, WIDTH = 90, 120


@pytest.fixture(scope="module")
def scene():
    """Smooth colours under noise: as hard to encode as a photo."""
    rng = np.random.default_rng(0)
    smooth = cv2.resize(
        rng.integers(0, 256, (6, 8, 3), np.uint8), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC
    )
    return (smooth * 0.8 + rng.integers(0, 50, smooth.shape)).astype(np.uint8)


def encode(scene, file_format, mode="RGB", **options):
    file = io.BytesIO()
    Image.fromarray(scene).convert(mode).save(file, file_format, **options)
    return file.getvalue()


def orientation(value):
    exif = Image.Exif()
    exif[0x0112] = value
    return exif


JPEGS = {
    "baseline": {},
    "progressive": {"progressive": True},
    "4:4:4": {"subsampling": 0},
    "4:2:2": {"subsampling": 1},
    "restart markers": {"restart_marker_blocks": 2},
    "grey": {"mode": "L"},
    "cmyk": {"mode": "CMYK"},
    "cmyk, chroma halved": {"mode": "CMYK", "subsampling": 2},
    "turned": {"exif": orientation(6)},
    "not turned": {"exif": orientation(1)},
    "icc profile": {"icc_profile": b"no profile, but long enough" * 100},
}


@pytest.mark.parametrize("options", JPEGS.values(), ids=JPEGS)
def test_whole_jpegs_are_as_opencv_reads_them(tmp_path, scene, options):
    (tmp_path / "a.jpg").write_bytes(encode(scene, "JPEG", quality=92, **options))
    decoded = decode_photo(read_photo_file(tmp_path / "a.jpg"))
    assert decoded.damage is None
    expected = cv2.imread(str(tmp_path / "a.jpg"), cv2.IMREAD_COLOR_RGB)
    np.testing.assert_array_equal(decoded.pixels, expected)


def test_an_extension_that_does_not_fit_does_not_matter(tmp_path, scene):
    for name, file_format in (
        ("png.jpg", "PNG"),
        ("jpeg.png", "JPEG"),
        ("webp", "WEBP"),
        ("tiff.jpg", "TIFF"),
    ):
        (tmp_path / name).write_bytes(encode(scene, file_format))
        assert read_photo(tmp_path / name).shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize("options", JPEGS.values(), ids=JPEGS)
@pytest.mark.parametrize("share", [0.5, 0.9, 0.999])
def test_cut_jpegs_are_noticed(tmp_path, scene, options, share):
    content = encode(scene, "JPEG", quality=92, **options)
    # Not into the header, which would leave no picture at all.
    start = content.index(b"\xff\xda") + 20
    (tmp_path / "a.jpg").write_bytes(content[: start + int(share * (len(content) - start)) - 1])
    with pytest.raises(PhotoError, match=r"a\.jpg: the p.* damaged .*Download it again"):
        read_photo(tmp_path / "a.jpg")


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "TIFF", "BMP", "GIF", "PPM", "JPEG2000", "AVIF"])
@pytest.mark.parametrize("share", [0.5, 0.98])
def test_other_cut_pictures_are_noticed(tmp_path, scene, file_format, share):
    content = encode(scene, file_format)
    (tmp_path / "a").write_bytes(content[: int(share * len(content))])
    with pytest.raises(PhotoError, match="Download it again"):
        read_photo(tmp_path / "a")


def test_a_cut_fax_is_noticed(tmp_path, scene):
    """With the tags before the pixels, so that something is left of it."""
    packed = encode(scene, "TIFF", "1", compression="group4")
    with Image.open(io.BytesIO(packed)) as image:
        (start,), (length,), photometric = (image.tag_v2[tag] for tag in (273, 279, 262))
    tags = {256: (4, [WIDTH]), 257: (4, [HEIGHT]), 259: (3, [4]), 262: (3, [photometric])}
    content = tiff(tags, [packed[start : start + length]])
    (tmp_path / "a.tif").write_bytes(content)
    expected = np.asarray(Image.fromarray(scene).convert("1").convert("RGB"))
    np.testing.assert_array_equal(read_photo(tmp_path / "a.tif"), expected)
    for cut in (1, length // 2, length - 2):
        (tmp_path / "a.tif").write_bytes(content[:-cut])
        with pytest.raises(PhotoError, match=r"a\.tif: the p.* damaged"):
            read_photo(tmp_path / "a.tif")


@pytest.mark.parametrize("kind", ["P2", "P3", "P5", "P6"])
@pytest.mark.parametrize("white", [100, 255, 1023])
def test_a_pnm_without_its_last_sample_is_noticed(tmp_path, kind, white):
    content = pnm(kind, white, scene_grey() if kind in ("P2", "P5") else scene_grey()[..., None].repeat(3, 2))
    end = content.rindex(b" ") if kind in ("P2", "P3") else -1
    (tmp_path / "a").write_bytes(content[:end])
    with pytest.raises(PhotoError, match=r"a: the picture is damaged .*Download it again"):
        read_photo(tmp_path / "a")


def scene_grey():
    return np.arange(48 * 64, dtype=np.uint32).reshape(48, 64).astype(np.uint8)


def flip_bits(content, start, seed):
    """One bit of a hundred different bytes behind `start`, one at a time."""
    rng = np.random.default_rng(seed)
    for place in rng.integers(start, len(content) - 2, 100):
        flipped = bytearray(content)
        flipped[place] ^= 1 << int(rng.integers(8))
        yield bytes(flipped)


@pytest.mark.parametrize("progressive", [False, True])
def test_flipped_bits_that_throw_a_jpeg_out_of_step_are_noticed(tmp_path, scene, progressive):
    """Those that only change a coefficient leave a JPEG like any other, usually one that looks the same."""
    content = encode(scene, "JPEG", quality=92, progressive=progressive)
    whole, unnoticed = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR_RGB), []
    for flipped in flip_bits(content, content.index(b"\xff\xda") + 20, seed=1):
        (tmp_path / "a.jpg").write_bytes(flipped)
        with contextlib.suppress(PhotoError):
            off = np.abs(read_photo(tmp_path / "a.jpg").astype(int) - whole).max(-1) > 60
            unnoticed.append(off.mean())
    assert len(unnoticed) <= 80
    assert np.mean(np.array(unnoticed) > 0.05) < 0.1


def test_flipped_bits_of_a_png_are_noticed(tmp_path, scene):
    content = encode(scene, "PNG")
    for flipped in flip_bits(content, 100, seed=2):
        (tmp_path / "a").write_bytes(flipped)
        with pytest.raises(PhotoError):
            read_photo(tmp_path / "a")


def test_a_tiff_that_does_not_unpack_is_noticed(tmp_path, scene):
    """OpenCV takes nearly all of these; a few unpack to something else, and nothing says so."""
    content, noticed = encode(scene, "TIFF", compression="tiff_adobe_deflate"), 0
    for flipped in flip_bits(content[:-200], 100, seed=2):
        (tmp_path / "a").write_bytes(flipped + content[-200:])
        with contextlib.suppress(PhotoError):
            read_photo(tmp_path / "a")
            continue
        noticed += 1
    assert noticed >= 90


def test_what_is_left_of_a_damaged_photo_is_there_for_those_who_want_it(tmp_path, scene):
    content = encode(scene, "JPEG", quality=92)
    (tmp_path / "a.jpg").write_bytes(content[: len(content) // 2])
    decoded = decode_photo(read_photo_file(tmp_path / "a.jpg"))
    assert "Premature end of JPEG file" in decoded.damage
    with pytest.raises(PhotoError, match=r"Premature end .*damaged_photos=draw draws what is left of it"):
        decoded.check_whole()
    whole = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR_RGB)
    # Above the cut nothing is missing; below it is grey.
    np.testing.assert_array_equal(decoded.pixels[:24], whole[:24])
    assert decoded.pixels.shape == whole.shape


def test_a_jpeg_of_endless_scans_is_refused(tmp_path, scene):
    """Each takes some forty bytes, and a second of a large picture."""
    content = encode(scene, "JPEG", progressive=True)
    scan = content[content.rindex(b"\xff\xda") : -2]
    (tmp_path / "a.jpg").write_bytes(content[:-2] + scan * 200 + content[-2:])
    with pytest.raises(PhotoError, match="at most 100 scans, found more"):
        read_photo(tmp_path / "a.jpg")


@pytest.fixture
def damaged_set(fit_set):
    """The demo set with its first photo cut, its second out of step, and its third cut as a PNG."""
    data, folder, settings = fit_set
    photos = sorted((folder / "images").iterdir())
    photos[0].write_bytes(photos[0].read_bytes()[:-5000])
    flipped = bytearray(photos[1].read_bytes())
    flipped[20_000:20_040] = bytes(40)
    photos[1].write_bytes(flipped)
    picture = cv2.imread(str(photos[2]))
    photos[2].write_bytes(cv2.imencode(".png", picture)[1].tobytes()[:-5000])
    entries = data["data"]
    rows = [
        {row for row, entry in enumerate(entries) if entry["imageName"] == photo.name} for photo in photos[:3]
    ]
    return settings, rows, len(entries)


def read_failures(folder):
    with (folder / "failures.csv").open(newline="") as file:
        return [(line["outcome"], int(line["row"])) for line in csv.DictReader(file)]


def test_damaged_photos_fail_their_own_sheets(damaged_set, tmp_path):
    settings, rows, count = damaged_set
    report = run(*settings)
    lost = set().union(*rows)
    assert {problem.row for problem in report.failed} == lost
    assert report.rendered == count - len(lost)
    assert read_failures(tmp_path / "drawn") == [("failed", row) for row in sorted(lost)]
    assert len(sheets_below(tmp_path / "drawn")) == report.rendered


def test_damaged_photos_are_drawn_and_listed_if_asked_for(damaged_set, tmp_path):
    """What no decoder makes pixels of, fails all the same."""
    settings, rows, count = damaged_set
    report = run(*settings, "damaged_photos=draw")
    drawn = rows[0] | rows[1]
    assert {problem.row for problem in report.damaged} == drawn
    assert {problem.row for problem in report.failed} == rows[2]
    assert report.rendered == count - len(rows[2])
    assert read_failures(tmp_path / "drawn") == [
        *(("failed", row) for row in sorted(rows[2])),
        *(("damaged", row) for row in sorted(drawn)),
    ]
    assert f"{len(drawn)} over damaged photos" in report.summarize()


def test_damaged_photos_do_not_matter_where_they_are_not_shown(damaged_set):
    settings, _, count = damaged_set
    report = run(*settings, "panels=[side/geo]")
    assert (report.rendered, report.failed, report.damaged) == (count, [], [])
