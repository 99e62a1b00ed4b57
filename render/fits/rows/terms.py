"""The terms of the setting `samples`: what each of them asks for, and how it is written."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from render.errors import ConfigError
from render.files.stores.urls import is_url, redact

# In messages.
_MOST_SHOWN = 60
_HOW = (
    "expected all, a row, start:stop[:step], image:NAME, annotation:ID, random:COUNT[:SEED], "
    "worst:COUNT:COLUMN[:FOLDER], @FILE, or several of them with commas between"
)
_SLICE = re.compile(r"(-?\d{1,9})?:(-?\d{1,9})?(?::([1-9]\d{0,8}))?")
_COUNT = r"([1-9]\d{0,8})"


@dataclass(frozen=True, slots=True)
class Term:
    """Some entries of a fit file.

    Attributes:
        text: As it is written.
        where: What messages begin with: the setting, or the file and the line.
    """

    text: str
    where: str

    @property
    def is_searched(self) -> bool:
        """Whether all entries are looked through for it, which takes time for each such term."""
        return False

    def refuse(self, said: str) -> NoReturn:
        """Raises ConfigError, naming the term."""
        raise ConfigError(f"{self.where}: {_show(self.text)}: {said}")


@dataclass(frozen=True, slots=True)
class Rows(Term):
    """One row, or a slice of them as in Python.

    Attributes:
        rows: Of the file, valid or not.
    """

    rows: slice


@dataclass(frozen=True, slots=True)
class Image(Term):
    """All people of an image, or of several.

    Attributes:
        name: Of the image; each * in it stands for any letters, each ? for any one.
    """

    name: str

    @property
    def is_searched(self) -> bool:
        """Whether there are * or ? in it."""
        return "*" in self.name or "?" in self.name


@dataclass(frozen=True, slots=True)
class Annotation(Term):
    """The fits of a COCO annotation.

    Attributes:
        id: Of the annotation.
    """

    id: int


@dataclass(frozen=True, slots=True)
class Random(Term):
    """Valid fits by chance.

    Attributes:
        count: How many.
        seed: Another one gives others.
    """

    count: int
    seed: int

    @property
    def is_searched(self) -> bool:
        """Always."""
        return True


@dataclass(frozen=True, slots=True)
class Worst(Term):
    """Those that an audit or a comparison found to be the worst.

    Attributes:
        count: How many.
        column: Of its table.
        folder: Where that is; None for that of the dataset.
    """

    count: int
    column: str
    folder: Path | None

    @property
    def is_searched(self) -> bool:
        """Always."""
        return True


def parse_term(text: str, where: str, name: str | None = None) -> Term:
    """Reads one term.

    Args:
        text: The term, but for `all` and files.
        where: What messages begin with.
        name: What stands in quotes at its end, and is taken as it is.

    Raises:
        ConfigError: It is none.
    """
    if name is None and text.isascii() and text.isdigit() and len(text) < 10:
        return Rows(text, where, slice(int(text), int(text) + 1))
    kind, colon, rest = text.partition(":")
    rest += name or ""
    whole = text + (name or "")
    if kind == "image" and rest:
        return Image(whole, where, rest)
    if kind == "annotation" and re.fullmatch(r"[1-9]\d{0,17}", rest, re.ASCII):
        return Annotation(whole, where, int(rest))
    if kind == "random" and (found := re.fullmatch(rf"{_COUNT}(?::(\d{{1,9}}))?", rest, re.ASCII)):
        return Random(whole, where, int(found[1]), int(found[2] or 0))
    found = re.fullmatch(rf"{_COUNT}:(\w{{1,100}})(?::(.+))?", rest, re.ASCII) if kind == "worst" else None
    if found and is_url(found[3] or ""):
        raise ConfigError(
            f"{where}: {_show(whole)}: expected the audit in a folder of this machine, found a URL; copy it, "
            f"and name its folder"
        )
    if found and is_path(found[3] or ""):
        folder = None if found[3] is None else Path(os.path.expanduser(found[3]))
        return Worst(whole, where, int(found[1]), found[2], folder)
    if name is None and (found := _SLICE.fullmatch(text)) and text.isascii():
        return Rows(text, where, slice(*(int(part) if part else None for part in found.groups())))
    raise ConfigError(f"{where}: {_HOW}, found {_show(whole)}{_hint(kind, colon, rest)}")


def is_path(text: str) -> bool:
    """Whether a file can have such a name."""
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def refuse_all(text: str, where: str) -> NoReturn:
    """Raises ConfigError for a text that is no term at all."""
    raise ConfigError(f"{where}: {_HOW}, found {_show(text)}")


def _hint(kind: str, colon: str, rest: str) -> str:
    if kind == "all":
        return "; all stands alone"
    if kind.startswith("@"):
        return "; a file of terms names no other file"
    if re.fullmatch(r"-\d{1,9}", kind) and not colon:
        return f"; rows from the end on are written {kind}:, as in Python"
    how = {
        "annotation": "an id, such as annotation:1234",
        "random": "a count and, if need be, a seed, such as random:100 or random:100:7",
        "worst": "a count and a column of an audit, such as worst:100:reprojection",
        "image": "a name, such as image:000123.jpg",
    }
    if colon and kind in how:
        return f"; {kind} takes {how[kind]}"
    if "." in kind and not kind.replace(".", "").isdigit():
        return f"; write image:{_show(kind)[1:-1]} for the people of an image, or @ before a file of terms"
    return ""


def _show(text: str) -> str:
    text = redact(text)
    cut = text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}... ({len(text)} characters)"
    return repr(cut)
