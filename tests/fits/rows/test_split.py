"""How samples are written: terms, lists, files of terms; what is meant, and what is refused."""

import os
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.errors import ConfigError
from render.fits.rows import split
from render.fits.rows.split import parse_samples
from render.fits.rows.terms import Annotation, Image, Random, Rows, Worst
from tests.helpers.runs import configure


def read(text: str) -> list:
    """What the terms ask for, without how they are written."""
    found = []
    for term in parse_samples(text):
        match term:
            case Rows():
                found.append(list(range(5))[term.rows])
            case Image():
                found.append(term.name)
            case Annotation():
                found.append(term.id)
            case Random():
                found.append((term.count, term.seed))
            case Worst():
                found.append((term.count, term.column, term.folder and str(term.folder)))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("all", [[0, 1, 2, 3, 4]]),
        ("3", [[3]]),
        ("1:3", [[1, 2]]),
        ("-2:", [[3, 4]]),
        ("::2", [[0, 2, 4]]),
        (":99", [[0, 1, 2, 3, 4]]),
        ("3,0,1:3", [[3], [0], [1, 2]]),
        (" [3, 0, 1:3 ,] ", [[3], [0], [1, 2]]),
        ("image:a b.jpg", ["a b.jpg"]),
        ("image:part0/-a=b:c.jpg", ["part0/-a=b:c.jpg"]),
        ("[image:a[1].jpg, image:*.png]", ["a[1].jpg", "*.png"]),
        ("image:it's.jpg, 3", ["it's.jpg", [3]]),
        ("image:\"a, 'b'.jpg\" , image:' c,\"d\" '", ["a, 'b'.jpg", ' c,"d" ']),
        ('image:"a,b", 3, image:"c,d"', ["a,b", [3], "c,d"]),
        ("image:漢字 é.jpg", ["漢字 é.jpg"]),
        ("annotation:1234", [1234]),
        ("random:100", [(100, 0)]),
        ("random:100:7", [(100, 7)]),
        ("worst:9:coco_pck10", [(9, "coco_pck10", None)]),
        ("worst:9:beta:out/a:b c", [(9, "beta", "out/a:b c")]),
        ('worst:9:beta:"a, b",3', [(9, "beta", "a, b"), [3]]),
    ],
)
def test_what_is_written_is_what_is_meant(text, expected):
    assert read(text) == expected
    # So it comes from the command line, too.
    assert configure(f"samples={text}").samples == text


def test_whoever_asks_for_several_runs_has_one_with_each_value():
    """There commas separate runs; a list in quotes of Hydra's is one value."""
    assert configure("samples='[3, 5]'").samples == "[3, 5]"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "found ''"),
        ("[]", r"found '\[\]'"),
        ("3,,4", "found ''"),
        ("first", "found 'first'$"),
        ("-1", "found '-1'; rows from the end on are written -1:, as in Python"),
        ("0:9:0", "found"),
        ("0:9:-1", "found"),
        ("1.5", "found '1.5'$"),
        ("0:1:2:3", "found"),
        ("1" * 10, "found '1111111111'"),
        ("\uff11", "found"),
        ("all, 3", "found 'all'; all stands alone"),
        ("3, 000012.jpg", "found '000012.jpg'; write image:000012.jpg for the people of an image"),
        ("image:", "image takes a name, such as image:000123.jpg"),
        ("annotation:0", "annotation takes an id, such as annotation:1234"),
        ("random:some", "random takes a count and, if need be, a seed, such as random:100 or random:100:7"),
        ("random:0", "random takes a count"),
        (
            "worst:reprojection",
            "worst takes a count and a column of an audit, such as worst:100:reprojection",
        ),
        ("worst:5:a b", "worst takes"),
        ("worst:5:a:\0", "worst takes"),
        ("worst:5:a:\ud800", "worst takes"),
        ("'@rows.txt'x", "found"),
        ("y" * 200, r"found 'y{60}\.\.\. \(200 characters\)'"),
    ],
)
def test_what_means_nothing_is_refused(text, message):
    with pytest.raises(ConfigError, match=f"^samples: expected all, a row, start:stop.*{message}"):
        parse_samples(text)


def test_a_file_has_a_term_a_line(tmp_path, monkeypatch):
    """As the page exports it, as other systems write it, and with names that are taken as they are."""
    monkeypatch.chdir(tmp_path)
    lines = ["# worst first", "3", "", "1:3  # both", "  annotation:12", "random:2", "image:a, 'b' #1.jpg"]
    for end, mark in (("\n", ""), ("\r\n", "\ufeff")):
        (tmp_path / "a list.txt").write_bytes((mark + end.join(lines)).encode())
        expected = [[3], [1, 2], 12, (2, 0), "a, 'b' #1.jpg"]
        assert read("@a list.txt") == expected
        assert read('[0, @"a list.txt", 4]') == [[0], *expected, [4]]
    assert configure("samples=@a list.txt").samples == "@a list.txt"


HOSTILE = {
    "an empty file": (b"", "expected a term a line, such as 12 or image:a.jpg; there is none"),
    "comments alone": (b"# nothing\n\n", "expected a term a line"),
    "a picture": (b"\xff\xd8\xff\xe0", "line 1: expected text in UTF-8, found the byte 0xff"),
    "a byte of another encoding": (b"1\nimage:\xe9.jpg\n", "line 2: expected text in UTF-8, found the byte"),
    "itself": (b"1\n@a.txt\n", "line 2: expected .*, found '@a.txt'; a file of terms names no other file"),
    "a table": (b"row,image\n0,a.jpg\n", "line 1: expected .*, found 'row,image'"),
    "zero bytes": (b"1\n\0\n", r"line 2: expected .*, found '\\x00'"),
    "control characters": (b"\x1b[31m\n", r"line 1: expected .*, found '\\x1b\[31m'"),
    "one long line": (b"9" * 100_000, r"line 1: expected .* \(100000 characters\)"),
    "several in a line": (b"1, 2\n", "line 1: expected .*, found '1, 2'"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_files_that_are_none_of_terms(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content, message = HOSTILE[name]
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(ConfigError, match=f"^samples: @a.txt.*{message}"):
        configure("samples=@a.txt")


def test_files_that_cannot_be_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name, message in {
        "gone.txt": r"cannot be read \(No such file",
        "": "found a folder",
        "pipe": "found a pipe",
    }.items():
        with pytest.raises(ConfigError, match=f"^samples: @.*{message}"):
            parse_samples(f"@{tmp_path}/{name}")
    for name in ("", "a\0b", "a\ud800b", "~\ud800"):
        with pytest.raises(ConfigError, match="expected the name of a text file behind @"):
            parse_samples(f"@{name}")


def test_files_of_too_much(tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match=r"at most 256 terms with random, worst, \* or \?, found 257"):
        parse_samples(",".join(["random:1", "image:?"] * 128 + ["worst:1:a"]))
    file = tmp_path / "a.txt"
    file.write_text("1\n" * 50)
    monkeypatch.setattr(split, "MOST_TERMS", 49)
    with pytest.raises(ConfigError, match=r"a\.txt: expected at most 49 terms"):
        parse_samples(f"@{file}")
    monkeypatch.setattr(split, "MOST_BYTES", 99)
    with pytest.raises(ConfigError, match="expected a file of at most"):
        parse_samples(f"@{file}")


@given(st.text(max_size=40))
def test_no_text_ends_in_an_error_of_the_program(text):
    if "@" not in text:
        with suppress(ConfigError):
            assert parse_samples(text)


@given(st.text(st.characters(exclude_characters="\"'", exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_any_name_can_be_written(name):
    """In quotes, on the command line."""
    assert read(f'3, image:"{name}", 4') == [[3], name, [4]]
