"""Numbers of a known shape out of whatever a file of arrays holds."""

import numpy as np
import pytest

from render.containers.columns import ANY, has_value, read_angles, read_column, read_texts, read_whole, unwrap
from render.containers.json_values import RowFault


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (np.ones((2, 3), np.float32), (2, 3)),
        (np.ones((2, 3), np.int64), (ANY, 3)),
        ([[1, 2, 3], [4.5, 5, 6]], (ANY, 3)),
        ([np.ones(3), np.zeros(3)], (2, 3)),
        (([1, 2], (3, 4)), (ANY, 2)),
        ([True, False], (2,)),
        (np.float32(2), ()),
        (3, ()),
        (np.zeros((0, 3)), (ANY, 3)),
        ([], (ANY,)),
    ],
)
def test_numbers_are_read_whatever_holds_them(value, shape):
    found = read_column({"key": value}, "key", (7, 7), shape)
    np.testing.assert_array_equal(found, np.asarray(value))


def test_arrays_are_not_copied():
    array = np.ones((2, 3), np.float32)
    assert read_column({"key": array}, "key", (2, 3)) is array


def share_lists(depth):
    """Lists that hold one list ten times each, as a small pickle may have them."""
    value = [1.0] * 10
    for _ in range(depth):
        value = [value] * 10
    return value


@pytest.mark.parametrize(
    ("value", "shape", "found"),
    [
        (np.ones((3, 2)), (ANY, 3), "numbers of shape 3x2"),
        (np.array(["1", "2"]), (2,), "texts of shape 2"),
        (np.array([None, 1]), (2,), "objects of shape 2"),
        ([[1, 2], [3]], (ANY, 2), "lists of different lengths"),
        ([[1, 2], [3, "4"]], (ANY, 2), "texts of shape 2x2"),
        ([[1, 2], [3, None]], (ANY, 2), "objects of shape 2x2"),
        ([], (ANY, 3), "a list of 0"),
        ((1, 2), (3,), "a list of 2"),
        ("text", (), 'the string "text"'),
        (None, (), "null"),
        ({}, (3,), "an object"),
        (10**400, (), "objects of shape ()"),
        # 10^13 numbers, had they been put together.
        (share_lists(12), (ANY, 3), "a list of 10"),
        ([[1, 2, 3], share_lists(12)], (ANY, 3), "lists of different lengths"),
        ([[1, 2, 3], [share_lists(12)] * 3], (ANY, 3), "lists of different lengths"),
    ],
)
def test_anything_else_is_a_fault_in_words(value, shape, found):
    with pytest.raises(RowFault) as fault:
        read_column({"key": value}, "key", shape)
    assert str(fault.value).startswith("key: expected ")
    assert str(fault.value).endswith(f", found {found}")


def test_a_fault_names_all_shapes_and_what_is_not_there():
    with pytest.raises(
        RowFault, match=r"^key: expected Nx3 numbers or 72 numbers or a number, found nothing$"
    ):
        read_column({}, "key", (ANY, 3), (72,), ())


def test_angles_of_joints_are_rows_however_they_are_saved():
    rows = np.arange(6.0).reshape(2, 3)
    for value in (rows, rows.tolist(), rows.ravel(), rows.reshape(1, 6)):
        np.testing.assert_array_equal(read_angles({"key": value}, "key", 2), rows)
    with pytest.raises(RowFault, match="key: expected 2x3 numbers or 6 numbers or 1x6 numbers"):
        read_angles({"key": np.zeros((3, 2))}, "key", 2)


def test_whole_numbers_are_read_whatever_type_they_have():
    for value in ([1, 2, 3], np.array([1.0, 2, 3]), np.array([[1], [2], [3]], np.uint8)):
        found = read_whole({"key": value}, "key", 3)
        assert (found.dtype, found.tolist()) == (np.int64, [1, 2, 3])
    for bad in (0.5, np.nan, np.inf, 2.0**40):
        with pytest.raises(RowFault, match="key: expected whole numbers up to 2147483647, found"):
            read_whole({"key": np.array([1, bad, 3])}, "key", 3)


def test_texts_are_read_as_they_are():
    for value in (
        ["a", "b"],
        np.array(["a", "b"]),
        np.array([b"a", b"b"]),
        ("a", b"b"),
        np.array(["a", "b"], object),
    ):
        assert read_texts({"key": value}, "key", 2).tolist() == ["a", "b"]
    assert read_texts({"key": [1, ["x"], None]}, "key").tolist() == [1, ["x"], None]
    # No UTF-8, which no name may hold.
    assert read_texts({"key": [b"\xff"]}, "key").tolist() == ["\udcff"]
    for held, found in (({"key": ["a"]}, "a list of 1"), ({"key": "ab"}, 'the string "ab"'), ({}, "nothing")):
        with pytest.raises(RowFault, match=f"^key: expected 2 texts, found {found}$"):
            read_texts(held, "key", 2)


def test_what_programs_did_not_have_counts_as_not_there():
    held = {"none": None, "array": np.array(None), "text": np.array("a"), "zero": 0}
    assert [has_value(held, key) for key in (*held, "other")] == [False, False, True, True, False]
    assert unwrap(held["text"]) == "a"
    assert unwrap(np.array({"a": 1}, object)) == {"a": 1}
    assert unwrap(np.array(3)).shape == ()
