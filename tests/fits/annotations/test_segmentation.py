"""Segmentations of COCO files: the pixels of COCO's own tools, and nothing hostile reaches their C code."""

import contextlib
import io
import json

import numpy as np
import pycocotools.mask
import pytest
from pycocotools.coco import COCO

from render.fits.annotations import checks
from render.fits.annotations.counts import decode_counts
from render.fits.annotations.segmentation import Segmentation
from render.fits.coco import read_coco
from render.fits.kept import cache
from tests.fits.test_coco import make_annotation
from tests.helpers.rewrites import change, put

HEIGHT, WIDTH = 40, 60
PHOTO = {"id": 42, "height": HEIGHT, "width": WIDTH}
TRIANGLE = [5.25, 5, 30.5, 7, 10, 30.75]
# Halves and thirds of pixels, a hole by crossing itself, beyond the picture, and two that overlap.
STAR = [30, 2, 42, 38, 10.3, 15.7, 50, 15.5, 18, 38]
OUTSIDE = [-20.5, 10, 80, -10.25, 55, 60.5, 3, 50]


def write(path, annotations, photos=(PHOTO,)):
    path.write_text(json.dumps({"images": list(photos), "annotations": annotations}))
    return path


@pytest.fixture
def read_one(tmp_path):
    """Reads the person of one annotation."""

    def read_one(photos=(PHOTO,), **changes):
        path = write(tmp_path / "coco.json", [make_annotation(7, **changes)], photos)
        people, problems = read_coco(path, [7], has_segments=True)
        assert problems == {}
        return people[7]

    return read_one


def encode(mask):
    """Compressed and plain run lengths."""
    encoded = pycocotools.mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    flat = np.concatenate([[0], mask.T.ravel().astype(int), [-1]])
    edges = np.flatnonzero(np.diff(flat))
    plain = np.diff(np.concatenate([[0], edges])).tolist()
    return encoded["counts"].decode(), plain


MASK = np.random.default_rng(3).random((HEIGHT, WIDTH)) < 0.3
COMPRESSED, PLAIN = encode(MASK)
GOOD = {
    "a triangle": [TRIANGLE],
    "a star": [STAR],
    "several": [TRIANGLE, STAR, [40, 30, 50, 30, 50, 38, 40, 38]],
    "beyond the picture": [OUTSIDE],
    "all at one place": [[5, 5, 5, 5, 5, 5]],
    "runs": {"size": [HEIGHT, WIDTH], "counts": PLAIN},
    "compressed": {"size": [HEIGHT, WIDTH], "counts": COMPRESSED},
    "nothing": {"size": [HEIGHT, WIDTH], "counts": [HEIGHT * WIDTH]},
}


@pytest.mark.parametrize("told", GOOD.values(), ids=GOOD)
def test_the_pixels_are_those_of_cocos_own_tools(tmp_path, told):
    path = write(tmp_path / "coco.json", [make_annotation(7, segmentation=told, iscrowd=0)])
    with contextlib.redirect_stdout(io.StringIO()):
        judge = COCO(str(path))
    expected = judge.annToMask(judge.anns[7]).astype(bool)
    found = read_coco(path, [7], has_segments=True)[0][7].segmentation
    assert (found.hw, found.is_crowd) == ((HEIGHT, WIDTH), False)
    mask = found.make_mask((HEIGHT, WIDTH))
    assert mask.dtype == bool
    np.testing.assert_array_equal(mask, expected)


def test_run_lengths_of_both_kinds_are_the_same(read_one):
    masks = [
        read_one(segmentation={"size": [HEIGHT, WIDTH], "counts": counts}).segmentation.make_mask(MASK.shape)
        for counts in (PLAIN, COMPRESSED)
    ]
    for mask in masks:
        np.testing.assert_array_equal(mask, MASK)


@pytest.mark.parametrize("seed", range(6))
def test_letters_are_decoded_as_pycocotools_encodes_them(seed):
    rng = np.random.default_rng(seed)
    # From single pixels to runs of 20 bits.
    mask = np.kron(rng.random((9, 7)) < 0.5, np.ones((4**seed, 2**seed))).astype(bool)
    compressed, plain = encode(mask)
    assert decode_counts(compressed).tolist() == plain


def test_a_photo_of_another_size_has_no_mask(read_one):
    segmentation = read_one(segmentation=[TRIANGLE]).segmentation
    assert segmentation.make_mask((HEIGHT, WIDTH + 1)) is None
    assert segmentation.make_mask((WIDTH, HEIGHT)) is None


NO_PHOTOS = {
    "none": [],
    "of other ids": [{**PHOTO, "id": 41}, {**PHOTO, "id": 43}],
    "without numbers": [{**PHOTO, "height": "40"}],
    "true for a number": [{**PHOTO, "width": True}],
    "strangers": [None, 3, [PHOTO]],
}


@pytest.mark.parametrize("photos", NO_PHOTOS.values(), ids=NO_PHOTOS)
def test_polygons_of_a_photo_of_unknown_size_take_the_photos(read_one, photos):
    segmentation = read_one(photos, segmentation=[TRIANGLE]).segmentation
    assert segmentation.hw is None
    assert segmentation.make_mask((20, 30)).shape == (20, 30)


def test_a_list_of_photos_that_is_none_does_not_matter(tmp_path):
    path = tmp_path / "coco.json"
    path.write_text(json.dumps({"images": 3, "annotations": [make_annotation(7, segmentation=[TRIANGLE])]}))
    assert read_coco(path, [7], has_segments=True)[0][7].segmentation.hw is None


def test_nobody_has_one_who_was_not_asked_for_it(tmp_path):
    path = write(tmp_path / "coco.json", [make_annotation(7, segmentation=[TRIANGLE])])
    person = read_coco(path, [7])[0][7]
    assert (person.segmentation, person.segmentation_fault) == (None, "")


@pytest.mark.parametrize("changes", [{}, {"segmentation": None}, {"segmentation": []}])
def test_who_has_none_is_no_fault(read_one, changes):
    person = read_one(**changes)
    assert (person.segmentation, person.segmentation_fault) == (None, "")


def runs(counts, size=(HEIGHT, WIDTH)):
    return {"size": list(size), "counts": counts}


LONG = "segmentation: expected at most 100000 numbers, found more"
BAD = {
    "text": ("abc", "segmentation: expected polygons, or an object with size and counts"),
    "number": (3, "segmentation: expected polygons, or an object"),
    "flat": (TRIANGLE, "segmentation: expected lists of numbers, found the number 5.25"),
    "two points": ([[1, 2, 3, 4]], "segmentation: expected polygons of three points or more"),
    "none": ([[]], "segmentation: expected polygons of three points or more, x and y of each, found 0"),
    "odd": ([[*TRIANGLE, 5]], "segmentation: expected polygons of three points or more"),
    "one is odd": ([TRIANGLE, [*TRIANGLE, 5]], "segmentation: expected polygons of three points or more"),
    "strings": ([["1"] * 6], 'segmentation: expected numbers, found the string "1"'),
    "true": ([[True] * 6], "segmentation: expected numbers, found true"),
    "null": ([[1, 2, 3, 4, 5, None]], "segmentation: expected numbers, found null"),
    "NaN": ([[1, 2, 3, 4, 5, float("nan")]], "segmentation: expected finite numbers up to 1e+06, found nan"),
    "infinite": ([[1, 2, 3, 4, 5, -float("inf")]], "segmentation: expected finite numbers"),
    "far": ([[1, 2, 3, 4, 5, 2e6]], "segmentation: expected finite numbers up to 1e+06, found 2000000.0"),
    "vast integer": ([[1, 2, 3, 4, 5, 10**400]], "segmentation: expected numbers, found an integer beyond"),
    "long outline": ([[0, 0, 9e5, 9e5, 0, 9e5]], "segmentation: expected outlines of at most 200000 px"),
    "many points": ([[0] * 100_002], LONG),
    "many numbers together": ([[0] * 50_000] * 3, LONG),
    "many polygons": ([[0] * 6] * 1001, "segmentation: expected 1 to 1000 polygons, found 1001"),
    "no size": (
        {"counts": PLAIN},
        "segmentation.size: expected height and width, whole numbers, found",
    ),
    "size of texts": (runs(PLAIN, ("40", "60")), "segmentation.size: expected height and width"),
    "size of floats": (runs(PLAIN, (40.0, 60.0)), "segmentation.size: expected height and width"),
    "size of one": (runs(PLAIN, (40,)), "segmentation.size: expected height and width"),
    "negative size": (runs([2400], (-40, -60)), "segmentation: expected sides of 1 to 65535 px"),
    "no width": (runs([0], (40, 0)), "segmentation: expected sides of 1 to 65535 px"),
    "vast size": (runs([10**18], (10**9, 10**9)), "segmentation: expected sides of 1 to 65535 px"),
    "size beyond int64": (runs([1], (10**300, 1)), "segmentation: expected sides of 1 to 65535 px"),
    "many pixels": (runs([6e4 * 6e4], (60_000, 60_000)), "segmentation: expected sides of 1 to 65535 px"),
    "no counts": ({"size": [HEIGHT, WIDTH]}, "segmentation.counts: expected a list of numbers or a text"),
    "too short": (runs(PLAIN[:-1]), "segmentation: expected run lengths of 2400 pixels together, found"),
    "too long": (runs([*PLAIN, 1]), "segmentation: expected run lengths of 2400 pixels together, found 2401"),
    "negative run": (runs([2401, -1]), "segmentation: expected whole run lengths of 0 or more, found -1.0"),
    "half a run": (runs([0.5, 2399.5]), "segmentation: expected whole run lengths of 0 or more, found 0.5"),
    "NaN run": (
        runs([2400, float("nan")]),
        "segmentation: expected whole run lengths of 0 or more, found nan",
    ),
    "vast run": (runs([2**32, 2400 - 2**32]), "segmentation: expected whole run lengths"),
    "nested runs": (runs([PLAIN]), "segmentation: expected numbers, found a list of"),
    "no letters": (runs(""), "segmentation: expected compressed run lengths, found letters that are none"),
    "letters of others": (runs("\x00\x7f"), "segmentation: expected compressed run lengths"),
    "letters beyond ASCII": (runs("é"), "segmentation: expected compressed run lengths"),
    "letters cut": (runs("0" + chr(48 + 0x20)), "segmentation: expected compressed run lengths"),
    "a length without an end": (runs("o" * 40 + "0"), "segmentation: expected at most 100000 run lengths"),
    "other letters": (runs(COMPRESSED[:-3]), "segmentation: expected run lengths of 2400 pixels together"),
}


@pytest.mark.parametrize("name", BAD)
def test_who_has_a_bad_one_keeps_the_rest(read_one, name):
    told, fault = BAD[name]
    person = read_one(segmentation=told)
    assert person.segmentation is None
    assert person.segmentation_fault.startswith(fault)
    assert person.box_px.tolist() == [10.5, 20.0, 110.5, 220.25]


@pytest.mark.parametrize("told", [2, "1", True, None])
def test_what_is_no_crowd_flag_is_a_fault(read_one, told):
    person = read_one(segmentation=[TRIANGLE], iscrowd=told)
    assert person.segmentation is None
    assert person.segmentation_fault.startswith("iscrowd: expected 0 or 1, found")


def test_a_crowd_is_told(read_one):
    assert read_one(segmentation=runs(PLAIN), iscrowd=1).segmentation.is_crowd


def test_a_file_has_so_many_numbers_at_most(tmp_path, monkeypatch):
    monkeypatch.setattr("render.fits.annotations.segments.MOST_IN_FILE", 12)
    annotations = [make_annotation(i, segmentation=[TRIANGLE]) for i in (1, 2, 3)]
    people, _ = read_coco(write(tmp_path / "coco.json", annotations), [1, 2, 3], has_segments=True)
    assert [people[i].segmentation is not None for i in (1, 2, 3)] == [True, True, False]
    assert people[3].segmentation_fault == "segmentation: expected at most 12 numbers in a file, found more"


@pytest.fixture
def kept(monkeypatch, tmp_path):
    """A file that is kept after it was read: some with, one without, one with a bad segmentation."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "LEAST_BYTES", 1)
    annotations = [
        make_annotation(9, segmentation=[TRIANGLE, STAR]),
        make_annotation(4, bbox=None, segmentation=[STAR]),
        make_annotation(2),
        make_annotation(3, segmentation=[[1]]),
        make_annotation(5, segmentation="a"),
        make_annotation(8, segmentation=runs(PLAIN), iscrowd=1),
    ]
    path = write(tmp_path / "coco.json", annotations)
    first = read_all(path)
    (entry,) = (tmp_path / "cache" / "smpl-render" / "fits").iterdir()
    return path, first, entry


def read_all(path):
    people, problems = read_coco(path, [2, 3, 4, 5, 8, 9], has_segments=True)
    assert list(problems) == [4]
    return {
        annot_id: (person.segmentation_fault, person.segmentation and person.segmentation.list_pieces())
        for annot_id, person in people.items()
    }


def test_what_is_kept_is_what_was_read(kept, monkeypatch):
    path, first, _ = kept
    assert [first[i][1] is not None for i in (2, 3, 5, 8, 9)] == [False, False, False, True, True]
    assert [bool(first[i][0]) for i in (2, 3, 5, 8, 9)] == [False, True, True, False, False]
    monkeypatch.setattr("render.fits.coco.read_table", lambda path: pytest.fail("read again"))
    assert read_all(path) == first


@pytest.mark.parametrize(
    "rewrite",
    [
        change("first_part", put(-1, 99)),
        change("first_part", put(1, 99)),
        change("first_number", put(1, -1)),
        change("first_number", put(0, 1)),
        change("numbers", lambda numbers: numbers[:-1]),
        change("numbers", lambda numbers: numbers.astype(np.float32)),
        change("segment", put(0, 99)),
        change("segment", put(0, -2)),
        change("hw", lambda hw: hw.ravel()),
    ],
)
def test_what_is_kept_and_cannot_be_is_read_anew(kept, caplog, rewrite):
    path, first, entry = kept
    rewrite(entry)
    seal(entry)
    assert read_all(path) == first
    assert "is damaged (" in caplog.text


@pytest.mark.parametrize(
    ("annot_id", "rewrite"),
    [
        (9, change("numbers", put(0, np.nan))),
        (9, change("numbers", put(0, 1e300))),
        (9, change("is_rle", lambda is_rle: ~is_rle)),
        (9, change("first_part", put(1, 0))),
        (8, change("hw", lambda hw: hw * 0 + 10**9)),
        (8, change("numbers", put(-1, 2**40))),
    ],
)
def test_numbers_that_are_kept_are_checked_as_those_of_a_file(kept, annot_id, rewrite):
    path, _, entry = kept
    rewrite(entry)
    seal(entry)
    fault, pieces = read_all(path)[annot_id]
    assert fault.startswith("segmentation: expected")
    assert pieces is None


def seal(entry):
    """Hashes that fit."""
    from render.files.digest import hash_file

    hashes = {path.name: hash_file(path) for path in entry.iterdir() if path.name != "sha256.json"}
    (entry / "sha256.json").write_text(json.dumps(hashes))


def test_pieces_tell_segmentations_apart():
    part = np.array(TRIANGLE)
    others = [
        Segmentation((part,), False, False, (HEIGHT, WIDTH)),
        Segmentation((part,), False, True, (HEIGHT, WIDTH)),
        Segmentation((part,), False, False, None),
        Segmentation((part, part), False, False, (HEIGHT, WIDTH)),
        Segmentation((part + 1,), False, False, (HEIGHT, WIDTH)),
    ]
    assert len({tuple(one.list_pieces()) for one in others}) == len(others)


def test_limits_are_far_beyond_cocos():
    # COCO's largest photos are 640 px; a crowd of them has some thousand runs.
    assert checks.MOST_NUMBERS >= 10_000
    assert checks.LONGEST_OUTLINE_PX >= 100 * 640
