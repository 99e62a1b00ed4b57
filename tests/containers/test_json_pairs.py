"""JsonStream of objects and of several lists: what json.loads gives, in the order of the file."""

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.containers import json_stream
from render.containers.json_stream import JsonFault, JsonStream, NotJsonError
from render.containers.json_values import Oversized

VALUES = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=5),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=3), values, max_size=3),
    max_leaves=6,
)
PAIRS = st.lists(st.tuples(st.text(max_size=3), VALUES), min_size=1, max_size=8)


def read_pairs(content):
    return list(JsonStream(io.BytesIO(content)).read_pairs())


def read_lists(content, *keys):
    return list(JsonStream(io.BytesIO(content)).read_lists(*keys))


@settings(max_examples=60, deadline=None)
@given(pairs=PAIRS, chars=st.integers(1, 20), indent=st.sampled_from((None, 1)))
def test_pairs_are_those_of_the_file_repeated_keys_included(pairs, chars, indent):
    written = [f"{json.dumps(key)}: {json.dumps(value, indent=indent)}" for key, value in pairs]
    with pytest.MonkeyPatch.context() as patch:
        # Wherever the window ends.
        patch.setattr(json_stream, "USUAL_CHARS", chars)
        patch.setattr(json_stream, "READ_BYTES", chars)
        found = read_pairs(f"{{{', '.join(written)}}}".encode())
    # NaN is equal to nothing.
    assert repr(found) == repr(pairs)


@pytest.mark.parametrize(
    ("content", "fault", "said"),
    [
        (b"{}", JsonFault, "it has no entries"),
        (b"[1]", JsonFault, "found a list of 1"),
        (b'{"1": 2', NotJsonError, "cut short"),
        (b'{"1": 2} 3', NotJsonError, "Extra data"),
        (b'{"1": 2, }', NotJsonError, "line 1, column 10"),
        (b'{"1": {"2": }}', NotJsonError, "line 1, column 13"),
        (b'{"1": ' + b"[" * 5000, NotJsonError, "nested too deep"),
        (b'{"1": "\xff"}', NotJsonError, "byte 7 is not"),
    ],
)
def test_what_is_no_object_of_entries_is_a_fault(content, fault, said):
    with pytest.raises(fault) as raised:
        read_pairs(content)
    assert said in str(raised.value)


def test_objects_of_too_many_or_too_long_entries(monkeypatch):
    monkeypatch.setattr(json_stream, "MOST_ENTRIES", 3)
    assert len(read_pairs(b'{"1": 1, "2": 2, "3": 3}')) == 3
    with pytest.raises(JsonFault, match="more than 3 entries"):
        read_pairs(b'{"1": 1, "2": 2, "3": 3, "4": 4}')
    monkeypatch.setattr(json_stream, "USUAL_CHARS", 16)
    monkeypatch.setattr(json_stream, "READ_BYTES", 16)
    monkeypatch.setattr(json_stream, "LONGEST_CHARS", 32)
    found = dict(read_pairs(b'{"1": [' + b"1," * 99 + b'1], "2": 5}'))
    assert isinstance(found["1"], Oversized)
    assert found["2"] == 5


@pytest.mark.parametrize("turned", [False, True])
def test_several_lists_come_in_the_order_of_the_file(turned):
    images, people = '"images": [1, 2]', '"annotations": [3]'
    first, second = (people, images) if turned else (images, people)
    content = f'{{"info": {{}}, {first}, {second}, "x": [9]}}'.encode()
    entries = [("images", 1), ("images", 2)]
    expected = [("annotations", 3), *entries] if turned else [*entries, ("annotations", 3)]
    assert read_lists(content, "annotations", "images") == expected


def test_lists_that_may_be_missing_empty_or_no_lists_at_all():
    def read(content):
        return list(JsonStream(io.BytesIO(content)).read_lists("annotations", optional=("images",)))

    for images in (b"", b'"images": [], ', b'"images": 3, ', b'"images": {"a": 1}, ', b'"images": "[", '):
        assert read(b"{" + images + b'"annotations": [1]}') == [("annotations", 1)]
    content = b'{"annotations": [1, 2], "other": [5], "images": [3, null]}'
    assert read(content) == [("annotations", 1), ("annotations", 2), ("images", 3), ("images", None)]


def test_one_of_several_lists_that_is_missing_empty_or_there_twice():
    with pytest.raises(JsonFault, match=r'found the keys "images"'):
        read_lists(b'{"images": [1]}', "images", "annotations")
    with pytest.raises(JsonFault, match='the list "annotations" is empty'):
        read_lists(b'{"images": [1], "annotations": []}', "images", "annotations")
    with pytest.raises(JsonFault, match='found the list "images" twice'):
        read_lists(b'{"images": [1], "annotations": [1], "images": [2]}', "images", "annotations")
