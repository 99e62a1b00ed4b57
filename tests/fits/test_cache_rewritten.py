"""Entries of the cache that somebody rewrote, hashes and all: never taken, and made anew."""

import json
import shutil
import struct
import tracemalloc

import numpy as np
import pytest

from render.files.digest import hash_file
from render.fits.read import read_fits
from render.fits.rotations import ROTATION_TOLERANCE, measure_skew
from tests.fits.test_cache import (
    COLUMNS,
    FILES,
    cache_dir,
    check_same,
    check_whole,
    fit_file,
    list_entries,
    reads,
)
from tests.helpers.in_the_way import IRREGULAR, limit_seconds
from tests.helpers.rewrites import change, put, replace

__all__ = ["cache_dir", "fit_file", "reads"]

# Rows 2 and 3 of seven are no fits.
VALID = [0, 1, 4, 5, 6]


def change_problems(edit):
    def rewrite(entry):
        path = entry / "problems.json"
        path.write_text(json.dumps(edit(json.loads(path.read_text()))))

    return rewrite


def change_problem(key, value):
    return change_problems(lambda problems: [problems[0] | {key: value}, problems[1]])


def change_sources(edit):
    def rewrite(entry):
        path = entry / "sources.json"
        path.write_text(json.dumps(edit(json.loads(path.read_text()))))

    return rewrite


def change_source(key, value):
    return change_sources(lambda sources: [sources[0] | {key: value}])


def rename(number, name):
    def rewrite(entry):
        path = entry / "image_name.txt"
        names = path.read_bytes().split(b"\n")
        names[number] = name
        path.write_bytes(b"\n".join(names))

    return rewrite


def drop_row(entry):
    """Of everything, as if the file had one less."""
    for column in COLUMNS:
        change(column, lambda values: values[:-1])(entry)
    for texts in ("image_name.txt", "sequence.txt"):
        names = (entry / texts).read_bytes().split(b"\n")
        (entry / texts).write_bytes(b"\n".join(names[:-1]))
    change("row", lambda rows: rows + 1)(entry)


def drop_all_rows(entry):
    for column in COLUMNS:
        change(column, lambda values: values[:0])(entry)
    for texts in ("image_name.txt", "sequence.txt"):
        (entry / texts).write_bytes(b"")


def set_bytes(column, index, value):
    def rewrite(entry):
        path = entry / f"{column}.npy"
        content = bytearray(path.read_bytes())
        content[index] = value
        path.write_bytes(content)

    return rewrite


def header_of_a_gigabyte(entry):
    """It says so, and takes nothing on the disk."""
    with (entry / "0_betas.npy").open("wb") as file:
        file.write(b"\x93NUMPY\x02\x00" + struct.pack("<I", 1 << 30) + b"{" * 100)
        file.truncate(1 << 20)


REWRITES = {
    "float64 for float32": change("0_rotmat", lambda values: values.astype(np.float64)),
    "float32 for float64": change("scale", lambda values: values.astype(np.float32)),
    "int32": change("annot_id", lambda values: values.astype(np.int32)),
    "uint64": change("row", lambda values: values.astype(np.uint64)),
    "complex": change("0_betas", lambda values: values.astype(np.complex64)),
    "texts": change("0_betas", lambda values: values.astype("U5")),
    "other byte order": change("scale", lambda values: values.astype(">f8")),
    "numbers for truth": change("0_validity", lambda values: values.astype(np.uint8)),
    "objects": change("0_betas", lambda values: values.astype(object)),
    "Fortran order": change("0_points_px", np.asfortranarray),
    "fewer rows": change("0_betas", lambda values: values[:-1]),
    "more rows": change("0_betas", lambda values: np.concatenate([values, values])),
    "one axis less": change("origin", lambda values: values[:, 0]),
    "one axis more": change("scale", lambda values: values[:, None]),
    "other sizes": change("0_betas", lambda values: np.zeros((len(values), 300), np.float32)),
    "flat": change("0_rotmat", lambda values: values.reshape(len(values), -1)),
    "scalar": change("0_betas", lambda values: values[0, 0]),
    "NaN in a rotation": change("0_rotmat", put((3, 5, 1, 1), np.nan)),
    "no rotation": change("0_rotmat", put((4, 0), 0)),
    "mirrored": change("0_rotmat", lambda values: values * np.float32(-1)),
    "infinite betas": change("0_betas", put((2, 3), np.inf)),
    "vast betas": change("0_betas", put((2, 3), 1e30)),
    "NaN in a camera": change("origin", put((0, 1), np.nan)),
    "no size": change("scale", put(0, 0)),
    "box of no size": change("box_px", put((1, 2), -1)),
    "NaN in a box": change("box_px", put((1, 0), np.nan)),
    "vast box": change("box_px", put((1, 2), 1e9)),
    "NaN in keypoints": change("0_points_px", put((4, 48, 2), np.nan)),
    "neither true nor false": set_bytes("0_validity", -1, 2),
    "no such unit": change("unit", put(1, 9)),
    "no such source": change("source", put(1, 1)),
    "negative source": change("source", put(1, -1)),
    "no such place": change("place", put(1, 5)),
    "negative place": change("place", put(1, -1)),
    "two cameras": change("focal", put((1, 0), -3)),
    "turned camera": change("rotation", put((1, 0, 0), 2)),
    "sources that are no list": replace("sources.json", b"7"),
    "no sources": replace("sources.json", b"[]"),
    "too many sources": change_sources(lambda sources: sources * 65),
    "a source of nothing": replace("sources.json", b"[null]"),
    "a source of another kind": change_source("bodies", "os.system"),
    "a source of meshes": change_source("bodies", "meshes"),
    "a source of a vast shape": change_source("shapes", {"rotmat": [10**12, 24, 3, 3]}),
    "a source with a word too many": change_source("words", {"kind": "smpl", "more": 1}),
    "a source of a kind that is a number": change_source(
        "words", {"kind": 7, "variant": "neutral", "adds_hand_mean": False}
    ),
    "a source with a note of lines": change_source("notes", ["a\nb\x1b[2J"]),
    "a source with an order that is a list": change_source("order", ["spin49"]),
    "row beyond the file": change("row", put(4, 7)),
    "rows of a far place": change("row", lambda rows: rows + 10**12),
    "negative row": change("row", put(0, -1)),
    "row twice": change("row", put(1, 0)),
    "row of a problem": change("row", put(2, 3)),
    "rows not in order": change("row", lambda rows: rows[::-1].copy()),
    "one row less": drop_row,
    "no rows": drop_all_rows,
    "cut": lambda entry: (entry / "scale.npy").write_bytes((entry / "scale.npy").read_bytes()[:-1]),
    "cut in the header": lambda entry: (entry / "scale.npy").write_bytes(
        (entry / "scale.npy").read_bytes()[:50]
    ),
    "lengthened": lambda entry: (entry / "scale.npy").write_bytes(
        (entry / "scale.npy").read_bytes() + b"\0" * 8
    ),
    "nothing": replace("row.npy", b""),
    "a header of a gigabyte": header_of_a_gigabyte,
    "name that leads out": rename(0, b"../secret.jpg"),
    "absolute name": rename(3, b"/etc/passwd"),
    "name with a control character": rename(1, b"a\x00.jpg"),
    "name that is no text": rename(1, b"\xff.jpg"),
    "no name": rename(2, b""),
    "one name more": rename(4, b"a.jpg\nb.jpg"),
    "problems that are no list": replace("problems.json", b"7"),
    "problems of nothing": replace("problems.json", b"[null, null]"),
    "no problems": replace("problems.json", b"[]"),
    "problems nested deep": replace("problems.json", b"[" * 100_000),
    "problems of too many digits": replace("problems.json", b"[" + b"9" * 5000 + b"]"),
    "problem with more keys": change_problem("more", 1),
    "problem of a row that is a text": change_problem("row", "2"),
    "problem of a row that is true": change_problem("row", True),
    "problem of a row that is a fraction": change_problem("row", 2.0),
    "problem of a vast row": change_problem("row", 10**30),
    "problem of no reason": change_problem("reason", None),
    "problem with a reason of lines": change_problem("reason", "a\nb\x1b[2J"),
    "problem of a name that is a list": change_problem("image_name", ["a"]),
    "problem of a surrogate": change_problem("image_name", "\ud800"),
    "problems not in order": change_problems(lambda problems: problems[::-1]),
}


def write_hashes(entry):
    hashes = {name: hash_file(entry / name) for name in FILES if name != "sha256.json"}
    (entry / "sha256.json").write_text(json.dumps(hashes))


@pytest.mark.parametrize("rewrite", REWRITES.values(), ids=REWRITES)
def test_what_no_fit_file_gives_is_not_taken(fit_file, reads, cache_dir, caplog, rewrite):
    first = read_fits("eft", fit_file)
    assert first[0].row.tolist() == VALID
    (entry,) = list_entries(cache_dir)
    rewrite(entry)
    write_hashes(entry)
    check_same(read_fits("eft", fit_file), first)
    assert len(reads) == 2
    assert f"fits: what is kept in {entry} is damaged (" in caplog.text
    check_whole(entry)
    check_same(read_fits("eft", fit_file), first)
    assert len(reads) == 2


def test_what_is_mapped_is_as_good_as_what_was_read_at_the_tolerance(fit_file, reads):
    """A rotation that just passes is rounded to one that just does not."""
    content = json.loads(fit_file.read_text())
    pose = np.array(content["data"][0]["parm_pose"])
    # Below the tolerance by less than float32 rounds by.
    content["data"][0]["parm_pose"] = (pose * np.sqrt(1 + 1e-3 - 1e-9)).tolist()
    fit_file.write_text(json.dumps(content))
    first = read_fits("eft", fit_file)
    assert 0 in first[0].row
    assert measure_skew(first[0].sources[0].bodies.rotmat[0].astype(np.float64))[0].max() > ROTATION_TOLERANCE
    check_same(read_fits("eft", fit_file), first)
    assert len(reads) == 1


@pytest.mark.parametrize("make", IRREGULAR)
@pytest.mark.parametrize("name", ["row.npy", "image_name.txt", "problems.json", "sha256.json", ""])
def test_pipes_sockets_and_devices_in_an_entry_are_not_waited_for(fit_file, reads, cache_dir, name, make):
    first = read_fits("eft", fit_file)
    (entry,) = list_entries(cache_dir)
    if name:
        (entry / name).unlink()
    else:
        shutil.rmtree(entry)
    make(entry / name if name else entry)
    with limit_seconds():
        check_same(read_fits("eft", fit_file), first)
    assert len(reads) == 2
    check_whole(entry)


@pytest.mark.parametrize("content", [b"[]", b"null", b"[" * 100_000, b"9" * 5000, b'{"row.npy": 7}', b"\xff"])
def test_hashes_that_are_none_are_no_error(fit_file, reads, cache_dir, content):
    first = read_fits("eft", fit_file)
    (entry,) = list_entries(cache_dir)
    (entry / "sha256.json").write_bytes(content)
    check_same(read_fits("eft", fit_file), first)
    assert len(reads) == 2
    check_whole(entry)


def test_a_header_takes_no_memory(fit_file, cache_dir):
    read_fits("eft", fit_file)
    (entry,) = list_entries(cache_dir)
    header_of_a_gigabyte(entry)
    write_hashes(entry)
    tracemalloc.start()
    try:
        read_fits("eft", fit_file)
        assert tracemalloc.get_traced_memory()[1] < 30e6
    finally:
        tracemalloc.stop()
