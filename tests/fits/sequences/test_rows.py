"""What a sequence is called, who is who in it, and which photos its frames are."""

import os

import numpy as np
import pytest

from render.fits.sequences.rows import name_rows, name_sequence, number_people, tell_sequence


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("out/demo_gymnasts.pkl", "demo_gymnasts"),
        ("out/street.v2.pkl", "street.v2"),
        ("outputs/tennis/hmr4d_results.pt", "tennis"),
        ("IMG_9732/wham_output.pkl", "IMG_9732"),
        ("motion/smplx_optimized/smplx_params/", "motion"),
        ("/hmr4d_results.pt", "hmr4d_results"),
        ("a\nb.pkl", "sequence"),
        (f"{'x' * 300}.pkl", "sequence"),
        ("/", "sequence"),
    ],
)
def test_a_sequence_is_called_as_its_file(path, name):
    assert name_sequence(path) == name


def test_a_sequence_is_called_as_its_folder(tmp_path, monkeypatch):
    (tmp_path / "street.v2").mkdir()
    assert name_sequence(tmp_path / "street.v2") == "street.v2"
    monkeypatch.chdir(tmp_path / "street.v2")
    for path in (".", "output.pkl", f"..{os.sep}street.v2"):
        assert name_sequence(path) == "street.v2"


def test_people_are_counted_by_their_numbers():
    person, frame = np.array([9, 9, 2, 30]), np.array([0, 1, 0, 5])
    told = tell_sequence("a.pkl", person, frame)
    assert told["identity"].tolist() == [1, 1, 0, 2]
    assert told["sequence"].tolist() == ["a"] * 4
    # Those of the whole sequence, of whom not all are among the rows.
    assert tell_sequence("a.pkl", person, frame, np.array([1, 2, 9, 30]))["identity"].tolist() == [2, 2, 1, 3]


@pytest.mark.parametrize(
    ("keys", "numbers"),
    [
        ([3, 1], [3, 1]),
        (["007", "1"], [7, 1]),
        # Not all of them are numbers, or two are the same.
        (["left", 0], [0, 1]),
        (["1", 1], [0, 1]),
        (["-1", "2"], [0, 1]),
        (["1234567890", "2"], [0, 1]),
        (["٣"], [0]),
    ],
)
def test_tracks_have_the_numbers_of_their_keys(keys, numbers):
    assert number_people(keys) == numbers


def test_rows_have_the_photos_of_their_frames(tmp_path):
    for name in ("b.png", "a.jpg"):
        (tmp_path / name).touch()
    names = name_rows(np.array([1, 0, 0, 7]), tmp_path)
    assert names.tolist() == ["b.png", "a.jpg", "a.jpg", "000008.png"]
    assert {type(name) for name in names} == {str}
