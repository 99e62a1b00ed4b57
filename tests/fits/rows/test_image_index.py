"""Images by the names that people write."""

import pytest

from render.fits.rows.image_index import ImageIndex

NAMES = ["a/one.jpg", "b/one.jpg", "a/two.v1.jpg", "b/two.v2.jpg", "three", "a/x[1]*.png", "x1y.png"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("a/one.jpg", "a/one.jpg"),
        ("three", "three"),
        ("two.v1.jpg", "a/two.v1.jpg"),
        ("two.v1", "a/two.v1.jpg"),
        ("a/one", "a/one.jpg"),
        ("/data/photos/b/one.jpg", "b/one.jpg"),
        ("c/two.v1.jpg", None),
        ("two", None),
        ("One.jpg", None),
        ("two.v1.png", None),
        ("..", None),
        ("/", None),
        ("", None),
    ],
)
def test_an_image_is_found_by_the_end_of_its_path(name, found):
    assert ImageIndex(NAMES * 2).find(name) == found


def test_names_that_several_have_are_refused():
    for name in ("one.jpg", "one"):
        with pytest.raises(ValueError, match=f"2 images are called '{name}', such as 'a/one.jpg' and 'b/one"):
            ImageIndex(NAMES).find(name)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("one*", ["a/one.jpg", "b/one.jpg"]),
        ("a/*", ["a/one.jpg", "a/two.v1.jpg", "a/x[1]*.png"]),
        ("two.v?.jpg", ["a/two.v1.jpg", "b/two.v2.jpg"]),
        ("*", NAMES),
        ("x[1]*", ["a/x[1]*.png"]),
        ("x[!2]*", []),
        ("ONE*", []),
    ],
)
def test_patterns_have_stars_and_question_marks_alone(pattern, found):
    assert ImageIndex(NAMES).match(pattern) == found


def test_many_stars_take_no_longer_than_few():
    """Where each were tried at each place there would be no end."""
    assert ImageIndex(["a" * 250]).match("*a" * 100 + "b") == []


def test_what_else_may_be_meant_is_told():
    assert ImageIndex(NAMES).suggest("b/onne.jpg") == "did you mean 'b/one.jpg'?"
    assert ImageIndex(NAMES).suggest("????") == "names are such as 'a/one.jpg'"
    assert ImageIndex([]).suggest("one") == "no entry names an image"
