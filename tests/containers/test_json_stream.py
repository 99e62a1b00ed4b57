"""JsonStream against json.loads: the same entries out of the same bytes, or a fault at the same place."""

import io
import json
import random
import re
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from render.containers import json_stream
from render.containers.json_stream import JsonFault, JsonStream, NotJsonError
from render.containers.json_values import Oversized

# Whole runs, or many cases: they take seconds together.
pytestmark = pytest.mark.slow

ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "utf-32-le",
    "utf-32-be",
)
TEXTS = st.text(st.characters(exclude_categories=()), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**25), 10**25) | st.floats() | TEXTS,
    lambda values: st.lists(values, max_size=4) | st.dictionaries(TEXTS, values, max_size=3),
    max_leaves=10,
)
OTHER_KEYS = st.lists(st.tuples(TEXTS.filter(lambda key: key != "data"), VALUES), max_size=3)
WINDOWS = st.tuples(st.integers(1, 20), st.integers(1, 20))


def read(content, key="data"):
    return list(JsonStream(io.BytesIO(content)).read_entries(key))


def set_window(patch, usual_chars, read_bytes, longest_chars=1 << 20):
    patch.setattr(json_stream, "USUAL_CHARS", usual_chars)
    patch.setattr(json_stream, "READ_BYTES", read_bytes)
    patch.setattr(json_stream, "LONGEST_CHARS", longest_chars)


def spell(value, rng):
    """The value as JSON with spaces anywhere and with or without escapes."""

    def space():
        return "".join(rng.choices(" \t\n\r", k=rng.choice((0, 0, 0, 1, 5))))

    def join(marks, parts):
        return marks[0] + space() + f"{space()},{space()}".join(parts) + space() + marks[1]

    if isinstance(value, list):
        return join("[]", [spell(item, rng) for item in value])
    if isinstance(value, dict):
        return join("{}", [spell_pair(key, item, rng) for key, item in value.items()])
    if isinstance(value, float) and rng.random() < 0.3:
        return f"{value:.3E}".replace("NAN", "NaN").replace("INF", "Infinity")
    return json.dumps(value, ensure_ascii=rng.random() < 0.5)


def spell_pair(key, value, rng):
    spaces = rng.choice(("", " ", "\n\t"))
    return f"{spell(key, rng)}{spaces}:{spaces}{spell(value, rng)}"


@st.composite
def documents(draw):
    """A document in bytes, and how many characters its longest part has."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    entries = draw(st.lists(VALUES, min_size=1, max_size=6))
    pairs = [*draw(OTHER_KEYS), ("data", entries), *draw(OTHER_KEYS)]
    parts = [spell_pair(key, value, rng) for key, value in pairs]
    edge = " \n" * rng.choice((0, 0, 1, 20))
    text = edge + "{" + f"{edge},".join(parts) + edge + "}" + edge
    return text.encode(draw(st.sampled_from(ENCODINGS)), "surrogatepass"), max(map(len, parts))


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(document=documents(), window=WINDOWS, is_tight=st.booleans())
def test_entries_are_those_of_json_loads_wherever_the_window_ends(document, window, is_tight):
    content, longest = document
    with pytest.MonkeyPatch.context() as patch:
        set_window(patch, *window, longest + 3 if is_tight else 1 << 20)
        assert repr(read(content)) == repr(json.loads(content)["data"])


@st.composite
def damaged_documents(draw):
    content = bytearray(draw(documents())[0])
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(content)))
        end = min(start + draw(st.integers(0, 20)), len(content))
        match draw(st.sampled_from(("flip", "delete", "insert", "marks", "repeat", "cut"))):
            case "flip" if start < len(content):
                content[start] ^= 1 << draw(st.integers(0, 7))
            case "delete":
                del content[start:end]
            case "insert":
                content[start:start] = draw(st.binary(max_size=4))
            case "marks":
                content[start:start] = draw(st.text('[]{},:"\\ \n1-.eN', max_size=3)).encode()
            case "repeat":
                content[end:end] = content[start:end]
            case "cut":
                del content[start:]
    return bytes(content)


def read_outermost(content):
    """The value of the document and, if it is an object, its keys; or what json.loads raises."""
    keys = []

    def note(pairs):
        keys[:] = [key for key, _ in pairs]
        return dict(pairs)

    try:
        return json.loads(content, object_pairs_hook=note), keys
    except ValueError as error:
        return error, keys


def check_place(message, error, content):
    """A place in the message is that of the error."""
    found = re.search(r"at line (\d+), column (\d+)|byte (\d+) is not", message)
    if found is None:
        return
    if isinstance(error, UnicodeDecodeError):
        # Damage before the first byte that is no text is found before it. json counts from behind the mark.
        mark_bytes = 3 if content.startswith(b"\xef\xbb\xbf") else 0
        assert found[3] in (None, str(error.start + mark_bytes))
    # From Python 3.13 on, json points at the comma and not behind it.
    elif "Illegal trailing comma" not in error.msg:
        assert (found[1], found[2]) == (str(error.lineno), str(error.colno))


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(content=damaged_documents(), window=WINDOWS)
@example(content=b'\xef\xbb\xbf\xbb\xbf{"data" : [null]}', window=(1, 1))
def test_damaged_documents_mean_what_they_mean_to_json_loads_or_fail_where_they_fail(content, window):
    with pytest.MonkeyPatch.context() as patch:
        set_window(patch, *window)
        try:
            found = read(content)
        except JsonFault as fault:
            found = fault
    expected, keys = read_outermost(content)
    if isinstance(expected, ValueError):
        assert isinstance(found, JsonFault)
        check_place(str(found), expected, content)
        return
    if not isinstance(expected, dict) or keys.count("data") != 1 or not isinstance(expected["data"], list):
        assert isinstance(found, JsonFault)
    elif not expected["data"]:
        assert str(found) == 'the list "data" is empty'
    else:
        assert repr(found) == repr(expected["data"])


NUMBERS = ("-1.25e-10", "1E+100", "0.5", "12345678901234567890", "-0", "NaN", "-Infinity", "true", "null")


@pytest.mark.parametrize("number", NUMBERS)
def test_number_that_the_window_cuts_is_read_whole(monkeypatch, number):
    content = f'{{"ver": {number}, "data": [{number},{number} ], "meta": {number}}}'.encode()
    for chars in range(1, 30):
        set_window(monkeypatch, chars, 1, longest_chars=30)
        assert repr(read(content)) == repr(json.loads(content)["data"])


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_character_that_a_read_cuts_is_read_whole(monkeypatch, encoding):
    text = '{"é": "漢", "data": ["é漢😀\ud800", "\ud83d", "😀"]}'
    content = text.encode(encoding, "surrogatepass")
    for read_bytes in range(1, 9):
        set_window(monkeypatch, 1, read_bytes)
        assert read(content) == json.loads(content)["data"]


@pytest.mark.parametrize(
    ("tail", "place"),
    [
        (b"x", "Extra data at line 2, column 1"),
        (b"{}", "Extra data at line 2, column 1"),
        (b"\n\n ]", "Extra data at line 4, column 2"),
        (b"\x00", "Extra data at line 2, column 1"),
        (b"\xff", "byte 37 is not utf-8 text"),
    ],
)
def test_garbage_behind_the_list_is_a_fault_after_all_entries_have_come(monkeypatch, tail, place):
    set_window(monkeypatch, 1, 1, longest_chars=12)
    spaces = b" " * 20 + b"\n"
    stream = JsonStream(io.BytesIO(b'{"data": [1, 2]}' + spaces + tail)).read_entries("data")
    assert [next(stream), next(stream)] == [1, 2]
    with pytest.raises(NotJsonError, match=place):
        next(stream)


def test_list_that_comes_twice_is_a_fault_though_json_takes_the_last():
    content = b'{"data": [1], "ver": 1, "ver": 2, "data": [2]}'
    assert json.loads(content)["data"] == [2]
    with pytest.raises(JsonFault, match='found the list "data" twice'):
        read(content)


def test_key_of_the_list_may_be_escaped():
    assert read(rb'{"\u0064ata": [1]}') == [1]


LIST_LAYOUT, META_LAYOUT = '{{"data": [1,\n {}, 2]}}', '{{"meta":\n {}, "data": [1]}}'
LONG_VALUES = [
    (LIST_LAYOUT, '"{}"', "x"),
    (LIST_LAYOUT, '{{"a": "{}"}}', "x"),
    (LIST_LAYOUT, "[{}1]", " "),
    (LIST_LAYOUT, "1e{}1", "0"),
    (META_LAYOUT, '"{}"', "x"),
    (META_LAYOUT, '{{"a": "{}"}}', "x"),
    (META_LAYOUT, "1e{}1", "0"),
]


@pytest.mark.parametrize(("layout", "value", "filling"), LONG_VALUES)
def test_value_is_read_up_to_the_longest_window_and_passed_over_behind_it(
    monkeypatch, layout, value, filling
):
    set_window(monkeypatch, 1 << 10, 1 << 12, longest_chars=1 << 20)
    content = layout.format(value.format(filling * ((1 << 20) - 20))).encode()
    assert read(content) == json.loads(content)["data"]
    content = layout.format(value.format(filling * (1 << 21))).encode()
    # Around the list nobody needs it; in the list it costs its entry.
    is_entry = layout == LIST_LAYOUT
    assert read(content) == ([1, Oversized(1 << 20), 2] if is_entry else [1])


STRANGE_PARTS = ['"', "\\", '\\"', "[", "]", "{", "}", ",", ":", " ", "\n", "x", "\\\\"]


@settings(max_examples=100, deadline=None)
@given(
    parts=st.lists(st.sampled_from(STRANGE_PARTS), max_size=20),
    kind=st.sampled_from(["[{}, {}]", '{{"a": {}, "b": [{}]}}', "{}"]),
    step=st.integers(1, 9),
)
def test_a_value_that_is_passed_over_ends_where_it_ends(parts, kind, step):
    value = kind.format(*[json.dumps("".join(parts))] * 2)
    content = f'{{"data": [1, {value}, "x"]}}'.encode()
    with pytest.MonkeyPatch.context() as patch:
        set_window(patch, step, step, longest_chars=11 + step)
        # What is short enough is read all the same.
        assert read(content)[1] in (json.loads(value), Oversized(11 + step))
        assert read(content)[2] == "x"


@pytest.mark.parametrize("window", [(1, 1), (64, 16), (1 << 20, 1 << 22)])
def test_what_is_nested_too_deep_is_left_out_of_its_entry(monkeypatch, window):
    set_window(monkeypatch, *window)
    deep = "[" * 50_000 + '"]", "\\"", {"a": [1]}' + "]" * 50_000
    objects = '{"a":' * 50_000 + "1" + "}" * 50_000
    content = f'{{"ver": {deep}, "data": [1, {{"a": {deep}, "b": 2, "c": {objects}, "d": "["}}, {deep}, 3]}}'
    first, entry, bare, last = read(content.encode())
    assert (first, last) == (1, 3)
    assert list(entry) == ["a", "b", "c", "d"]
    assert (entry["b"], entry["d"]) == (2, "[")
    assert isinstance(entry["a"], list)
    assert isinstance(entry["c"], dict)
    assert repr(bare) == "[" * 101 + "]" * 101


@pytest.mark.parametrize("window", [(1, 1), (64, 16), (1 << 20, 1 << 22)])
def test_an_integer_of_too_many_digits_is_infinite(monkeypatch, window):
    set_window(monkeypatch, *window)
    number = "9" * 5000
    content = (
        f'{{"ver": {number}, "data": [1, {{"a": [{number}, 2], "b": 3}}, -{number}, 4], "x": [{number}]}}'
    )
    assert read(content.encode()) == [1, {"a": [float("inf"), 2], "b": 3}, float("-inf"), 4]


def test_fault_far_inside_a_long_value_is_told_by_its_place(monkeypatch):
    set_window(monkeypatch, 64, 64, longest_chars=4096)
    entries = ", ".join(["1"] * 100)
    content = f'{{"data": [\n[{entries}, ?], {" 1," * 5000} 1]}}'
    with pytest.raises(json.JSONDecodeError) as expected:
        json.loads(content)
    with pytest.raises(NotJsonError, match=f"at line 2, column {expected.value.colno}$"):
        read(content.encode())


@pytest.mark.parametrize("layout", ['{{"data": [{}]}}', '{{"images": [{}], "data": [1]}}'])
def test_list_of_too_many_entries_is_a_fault(monkeypatch, layout):
    monkeypatch.setattr(json_stream, "MOST_ENTRIES", 3)
    assert read(layout.format("1, 2, 3").encode())
    with pytest.raises(JsonFault, match=r'the list "(data|images)" has more than 3 entries'):
        read(layout.format("1, 2, 3, 4").encode())


@pytest.mark.parametrize("content", [b"[" * 200_000, b'{"data": [' + b'{"a":' * 200_000, b'{"a":' * 200_000])
def test_deep_nesting_is_a_fault(content):
    with pytest.raises(NotJsonError, match="nested too deep"):
        read(content)


class Spaced(io.RawIOBase):
    """A file with so many MiB of spaces in the middle."""

    def __init__(self, before, mebibytes, after):
        self._blocks = iter([before, *[b" " * (1 << 20)] * mebibytes, after])
        self._block = b""

    def read(self, size):
        self._block = self._block or next(self._blocks, b"")
        content, self._block = self._block[:size], self._block[size:]
        return content


def measure_peak(read_file):
    """The most bytes that were allocated at once."""
    tracemalloc.start()
    try:
        read_file()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# More than anything that is measured here may take.
MANY = 40
PLACES = [
    (b"\xef\xbb\xbf \n", b'{"data": [1]}'),
    (b'{"ver": 1, ', b'"data": [1]}'),
    (b'{"data": [1', b"]}"),
    (b'{"images": [1,', b'2], "data": [1]}'),
    (b'{"data": [1]}', b"\n"),
]


@pytest.mark.parametrize(("before", "after"), PLACES)
def test_endless_spaces_take_little_memory(before, after):
    assert list(JsonStream(Spaced(before, 1, after)).read_entries("data")) == [1]
    spaced = JsonStream(Spaced(before, MANY, after))
    assert measure_peak(lambda: list(spaced.read_entries("data"))) < 30e6


@pytest.mark.parametrize("before", [b'{"data": [[1,', b'{"data": ["', b'{"meta": {'])
def test_endless_spaces_inside_a_value_are_a_fault_and_take_little_memory(before):
    def read_file():
        with pytest.raises(
            NotJsonError, match=r"more than 4 Mi characters at line 1, column .* without an end"
        ):
            list(JsonStream(Spaced(before, MANY, b"")).read_entries("data"))

    assert measure_peak(read_file) < 120e6


def test_long_file_takes_little_memory_and_its_end_has_the_right_place(monkeypatch):
    set_window(monkeypatch, 1 << 12, 1 << 14)
    entry = json.dumps({"a": list(range(100))}) + ",\n"
    content = b'{"data": [\n' + entry.encode() * 2_000 + b"?]}"
    file = io.BytesIO(content)

    def read_file():
        with pytest.raises(NotJsonError, match=r"Expecting value at line 2002, column 1$"):
            for _ in JsonStream(file).read_entries("data"):
                pass

    assert measure_peak(read_file) < 500e3


@pytest.mark.parametrize("layout", ['{{{}, "data": [1]}}', '{{"data": [1], {}}}'])
@pytest.mark.parametrize("value", ["0", "[]", '{"a": [1]}'])
def test_no_place_is_looked_for_at_keys(monkeypatch, layout, value):
    # To find one, all of the window before it is searched: with a million keys it took hours.
    monkeypatch.setattr(JsonStream, "_place", None)
    assert read(layout.format(", ".join(f'"{i}": {value}' for i in range(99))).encode()) == [1]


@pytest.mark.parametrize("value", ["[]", "{}", "[0]", '"\N{GRINNING FACE}"'])
def test_entries_of_many_small_values_take_little_memory(monkeypatch, value):
    # All in a hundredth of its size or so: what is measured is slow.
    set_window(monkeypatch, 1 << 14, 1 << 14, longest_chars=json_stream.LONGEST_CHARS >> 7)
    content = f'{{"data": [[{",".join([value] * (120_000 // (len(value) + 1)))}], 1]}}'.encode()
    assert measure_peak(lambda: read(content)) < 300e6 / 128
