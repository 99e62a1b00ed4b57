"""From the text of the setting `samples`, or a file of terms, to the terms."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from render.errors import ConfigError
from render.files.regular import IrregularFileError, open_regular
from render.fits.rows.terms import Rows, Term, is_path, parse_term, refuse_all

SETTING = "samples"
# Of a file of terms.
MOST_BYTES = 16 << 20
MOST_TERMS = 1_000_000
# For each of these all entries are looked through.
MOST_SEARCHED = 256
# Up to a comma that is not between quotes; these begin where a name does, and end where its term does.
_PIECE = re.compile(
    r"\s*(?P<head>(?:[^,\"']*[:@])?)"
    r"(?:(?P<quote>[\"'])(?P<name>.*?)(?P=quote)\s*(?:,|$)|(?P<rest>[^,]*)(?:,|$))",
    re.DOTALL,
)


def parse_samples(samples: str) -> tuple[Term, ...]:
    """Reads the setting `samples`, and the files that it names.

    Args:
        samples: `all`, or terms with commas between, in brackets or not. A term is a row, start:stop or
            start:stop:step as in Python, image:NAME, annotation:ID, random:COUNT or random:COUNT:SEED,
            worst:COUNT:COLUMN or worst:COUNT:COLUMN:FOLDER, or @FILE: a text file with a term a line.

    Raises:
        ConfigError: It is anything else, or a file cannot be read.
    """
    if samples == "all":
        return (Rows("all", SETTING, slice(None)),)
    text = samples.strip()
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    terms: list[Term] = []
    for piece, name in _split(text):
        if piece.startswith("@"):
            terms += read_terms(piece[1:] + (name or ""))
        else:
            terms.append(parse_term(piece, SETTING, name))
    if not terms:
        refuse_all(samples, SETTING)
    _check_count(terms)
    return tuple(terms)


def read_terms(name: str) -> list[Term]:
    """The terms of a text file: one a line; empty lines, and those that begin with #, are passed over.

    The name of an image is taken as it is. After other terms there may be a comment, too.

    Args:
        name: Of the file.

    Raises:
        ConfigError: It cannot be read, is too large, or a line of it is no term.
    """
    where = f"{SETTING}: @{name}"
    if not name or not is_path(name):
        raise ConfigError(f"{SETTING}: expected the name of a text file behind @, found {name[:60]!r}")
    try:
        with open_regular(Path(os.path.expanduser(name))) as file:
            content = file.read(MOST_BYTES + 1)
    except IsADirectoryError:
        raise ConfigError(f"{where}: expected a text file with a term a line, found a folder") from None
    except IrregularFileError:
        raise ConfigError(
            f"{where}: expected a text file with a term a line, found a pipe, a socket or a device; write "
            f"its content to a file"
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{where}: expected a text file with a term a line, and it cannot be read ({error.strerror}); "
            f"names of files are relative to the folder that the program is called in"
        ) from error
    if len(content) > MOST_BYTES:
        raise ConfigError(f"{where}: expected a file of at most {MOST_BYTES >> 20} MiB; it has more")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"{where}, line {place}: expected text in UTF-8, found the byte {content[error.start]:#04x}; "
            f"save it as UTF-8"
        ) from error
    terms = []
    for number, line in enumerate(text.split("\n"), start=1):
        written = line.strip()
        if not written or written.startswith("#"):
            continue
        if "#" in written and not written.startswith(("image:", "worst:")):
            written = re.sub(r"\s+#.*", "", written)
        terms.append(parse_term(written, f"{where}, line {number}"))
        if len(terms) > MOST_TERMS:
            raise ConfigError(f"{where}: expected at most {MOST_TERMS} terms, found more")
    if not terms:
        raise ConfigError(f"{where}: expected a term a line, such as 12 or image:a.jpg; there is none")
    return terms


def _split(text: str) -> Iterator[tuple[str, str | None]]:
    """Each term, and apart from it what stands in quotes at its end."""
    start = 0
    while start < len(text):
        found = _PIECE.match(text, start)
        assert found is not None
        name = found["name"]
        yield (found["head"] if name is not None else found["head"] + found["rest"]).strip(), name
        start = found.end()


def _check_count(terms: list[Term]) -> None:
    if len(terms) > MOST_TERMS:
        raise ConfigError(f"{SETTING}: expected at most {MOST_TERMS} terms, found {len(terms)}")
    searched = sum(term.is_searched for term in terms)
    if searched > MOST_SEARCHED:
        raise ConfigError(
            f"{SETTING}: expected at most {MOST_SEARCHED} terms with random, worst, * or ?, found {searched}"
        )
