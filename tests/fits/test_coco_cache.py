"""The cache of COCO annotation files: a second read is the first one, whatever became of the entry."""

import json
import shutil

import numpy as np
import pytest

from render.files.digest import hash_file
from render.fits import coco
from render.fits.kept import cache
from tests.fits.test_coco import make_annotation
from tests.helpers.in_the_way import IRREGULAR, limit_seconds
from tests.helpers.rewrites import change, put, replace

COLUMNS = ("annot_id", "bbox_px", "keypoints_px", "segment")
SEGMENTS = ("first_part", "first_number", "numbers", "is_rle", "is_crowd", "hw")
FILES = sorted([*(f"{name}.npy" for name in (*COLUMNS, *SEGMENTS)), "problems.json", "sha256.json"])
# One that is good, one that comes twice, one that is none, one that is damaged, and two that are good.
IDS = [9, 5, 77, 3, 2, 8]


@pytest.fixture(autouse=True)
def cache_dir(monkeypatch, tmp_path):
    """Where entries are made, of small files too."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "LEAST_BYTES", 1)
    return tmp_path / "cache" / "smpl-render" / "fits"


@pytest.fixture
def reads(monkeypatch):
    """The files that were read as JSON."""
    found = []
    read = coco.read_table

    def note(path):
        found.append(path)
        return read(path)

    monkeypatch.setattr(coco, "read_table", note)
    return found


@pytest.fixture
def coco_file(tmp_path):
    path = tmp_path / "person_keypoints.json"
    annotations = [
        make_annotation(9),
        make_annotation(5),
        make_annotation(2, bbox=[1, 2, 3, 4]),
        make_annotation(5),
        make_annotation(3, bbox=[1, 2]),
        make_annotation(8),
        make_annotation(2**70),
        None,
    ]
    path.write_text(json.dumps({"annotations": annotations}))
    return path


def check_same(found, expected):
    (people, problems), (expected_people, expected_problems) = found, expected
    assert problems == expected_problems
    assert people.keys() == expected_people.keys()
    for annot_id, person in people.items():
        for name in ("keypoints_px", "box_px"):
            value, wanted = getattr(person, name), getattr(expected_people[annot_id], name)
            assert (value.dtype, value.shape) == (wanted.dtype, wanted.shape)
            assert value.tobytes() == wanted.tobytes()


def get_entry(cache_dir):
    (entry,) = cache_dir.iterdir()
    return entry


def check_whole(entry):
    assert sorted(path.name for path in entry.iterdir()) == FILES
    hashes = json.loads((entry / "sha256.json").read_text())
    assert hashes == {name: hash_file(entry / name) for name in FILES if name != "sha256.json"}


def test_second_read_is_the_first_one_whoever_is_asked_for(coco_file, reads, cache_dir):
    first = coco.read_coco(coco_file, IDS)
    assert sorted(first[0]) == [2, 8, 9]
    assert first[1] == {
        3: "bbox: expected 4 numbers, found 2",
        5: "id: expected one annotation of this id, found several",
        77: "id: expected an annotation of this id, found none",
    }
    check_same(coco.read_coco(coco_file, IDS), first)
    others = coco.read_coco(coco_file, [8, 3])
    assert (sorted(others[0]), sorted(others[1])) == ([8], [3])
    assert len(reads) == 1
    check_whole(get_entry(cache_dir))


def test_a_file_without_a_good_annotation_is_kept_too(coco_file, reads):
    coco_file.write_text('{"annotations": [{"id": 4}, 7]}')
    for _ in range(2):
        people, problems = coco.read_coco(coco_file, [4])
        assert (people, problems) == ({}, {4: "keypoints: expected 51 numbers, found nothing"})
    assert len(reads) == 1


def test_a_file_that_changed_and_a_small_one_are_read(coco_file, reads, cache_dir, monkeypatch):
    coco.read_coco(coco_file, IDS)
    coco_file.write_text(coco_file.read_text().replace("[1, 2, 3, 4]", "[1, 2, 3, 5]"))
    assert coco.read_coco(coco_file, [2])[0][2].box_px.tolist() == [1, 2, 4, 7]
    monkeypatch.setattr(cache, "LEAST_BYTES", 1 << 20)
    coco.read_coco(coco_file, [2])
    assert len(reads) == 3


def change_about(key, edit):
    def rewrite(entry):
        about = json.loads((entry / "problems.json").read_text())
        (entry / "problems.json").write_text(json.dumps(about | {key: edit(about[key])}))

    return rewrite


def drop_person(entry):
    for column in COLUMNS:
        change(column, lambda values: values[:-1])(entry)


REWRITES = {
    "float32": change("keypoints_px", lambda values: values.astype(np.float32)),
    "floats for ids": change("annot_id", lambda values: values.astype(np.float64)),
    "objects": change("bbox_px", lambda values: values.astype(object)),
    "Fortran order": change("bbox_px", np.asfortranarray),
    "flat": change("keypoints_px", lambda values: values.reshape(len(values), 51)),
    "18 keypoints": change("keypoints_px", lambda values: np.zeros((len(values), 18, 3))),
    "fewer rows": change("bbox_px", lambda values: values[:-1]),
    "fewer people than said": drop_person,
    "ids not in order": change("annot_id", lambda values: values[::-1].copy()),
    "id twice": change("annot_id", put(1, 2)),
    "id of a problem": change("annot_id", put(0, 3)),
    "NaN": change("keypoints_px", put((1, 4, 0), np.nan)),
    "vast": change("keypoints_px", put((1, 4, 0), 1e7)),
    "visibility": change("keypoints_px", put((2, 16, 2), 3)),
    "infinite box": change("bbox_px", put((2, 3), np.inf)),
    "box of negative width": change("bbox_px", put((0, 2), -1)),
    "nothing": replace("annot_id.npy", b""),
    "garbage": replace("bbox_px.npy", b"garbage"),
    "vast count": change_about("count", lambda _: 10**30),
    "negative count": change_about("count", lambda _: -1),
    "true for a count": change_about("count", lambda _: True),
    "problems nested deep": replace("problems.json", b"[" * 100_000),
    "problems that are none": change_about("problems", lambda _: [None]),
    "problem of an id that is a text": change_about("problems", lambda found: [["3", "a"], *found[1:]]),
    "problem that comes twice": change_about("problems", lambda found: [*found, found[0]]),
    "problem of lines": change_about("problems", lambda found: [[3, "a\nb"], *found[1:]]),
    "problem of no reason": change_about("problems", lambda found: [[3, None], *found[1:]]),
}


@pytest.mark.parametrize("rewrite", REWRITES.values(), ids=REWRITES)
def test_what_no_annotation_file_gives_is_not_taken(coco_file, reads, cache_dir, caplog, rewrite):
    first = coco.read_coco(coco_file, IDS)
    entry = get_entry(cache_dir)
    rewrite(entry)
    hashes = {name: hash_file(entry / name) for name in FILES if name != "sha256.json"}
    (entry / "sha256.json").write_text(json.dumps(hashes))
    check_same(coco.read_coco(coco_file, IDS), first)
    assert len(reads) == 2
    assert f"what is kept in {entry} is damaged (" in caplog.text
    check_whole(entry)


@pytest.mark.parametrize("make", IRREGULAR)
@pytest.mark.parametrize("name", ["annot_id.npy", "problems.json", ""])
def test_pipes_sockets_and_devices_in_an_entry_are_not_waited_for(coco_file, reads, cache_dir, name, make):
    first = coco.read_coco(coco_file, IDS)
    entry = get_entry(cache_dir)
    if name:
        (entry / name).unlink()
    else:
        shutil.rmtree(entry)
    make(entry / name if name else entry)
    with limit_seconds():
        check_same(coco.read_coco(coco_file, IDS), first)
    assert len(reads) == 2
    check_whole(entry)
