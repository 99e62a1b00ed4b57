"""Names of output files never collide."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from render.files.image_names import image_name_fault
from render.files.sheet_names import LONGEST_NAME_BYTES, row_of, sheet_name


@pytest.mark.parametrize(
    ("image_name", "expected"),
    [
        ("COCO_train2014_000000000036.jpg", "COCO_train2014_000000000036_7"),
        ("images/train/000001_bonn/000001.jpg", "images/train/000001_bonn/000001_7"),
        ("a.b.c.jpg", "a.b.c_7"),
        ("no extension", "no extension_7"),
        ("été/ж.png", "été/ж_7"),
        (".hidden.jpg", "_hidden_7"),
        (".jpg", "_jpg_7"),
        ("...", "__7"),
        ("a .jpg", "a__7"),
        ("what?.jpg", "what__7"),
        ("v1.0/.git/end. /a.jpg", "v1_0/_git/end_/a_7"),
        ("a_3.png/b.jpg", "a_3_png/b_7"),
        ("~/~root/x~.jpg", "_/_root/x~_7"),
        (" ~/a.jpg", "_/a_7"),
        ("~.jpg", "__7"),
    ],
)
def test_sheet_names(image_name, expected):
    assert sheet_name(image_name, 7) == expected


@given(st.text(min_size=1, max_size=12).filter(lambda name: image_name_fault(name) is None), st.integers(0))
def test_names_tell_their_row(image_name, row):
    assert row_of(sheet_name(image_name, row)) == row


def test_long_stems_are_cut_between_characters():
    name = sheet_name("d/" + "é" * 120 + "x.jpg", 78999)
    folder, file = name.split("/")
    assert folder == "d"
    assert file.startswith("é" * 96)
    assert file.endswith("é_78999")
    assert LONGEST_NAME_BYTES - 1 <= len(file.encode()) <= LONGEST_NAME_BYTES


IMAGE_NAMES = st.one_of(
    st.text(max_size=30),
    st.text("aA.é_0/ ", min_size=1, max_size=12),
    st.lists(st.sampled_from(["a", "A", "a_1", "a_1.png", ".a", "a.", "x" * 250, "é" * 127]), min_size=1).map(
        "/".join
    ),
).filter(lambda name: image_name_fault(name) is None)


@given(st.lists(IMAGE_NAMES, min_size=1, max_size=8))
@example(["a.jpg", "a.png", "A.JPG", "a", "a_0.png/a.jpg", "a_0.png/b", "a_1/a", "a_1"])
@example(["a_1.jpg", "a.jpg", "a.jpg"])
def test_no_two_sheets_collide(image_names):
    """On a file system that does not tell cases apart, with folders as with files."""
    paths = [f"{sheet_name(image_name, row)}.png".lower() for row, image_name in enumerate(image_names)]
    assert len(set(paths)) == len(paths)
    folders = {folder for path in paths for folder in map(str, Path(path).parents)}
    assert folders.isdisjoint(paths)
    for path in paths:
        assert image_name_fault(path) is None
        assert not any(part.startswith(".") for part in path.split("/"))
        assert max(len(part.encode()) for part in path.split("/")) <= 255
