"""Which letters go from right to left: Unicode's bidirectional algorithm (UAX #9)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import groupby
from typing import Any, Protocol, TypeVar

from bidi import algorithm

_RIGHT_TO_LEFT = {"R", "AL", "AN"}
# What counts for the direction of brackets around it: numbers go with what is read from the right.
_STRONG = {"L": "L", "R": "R", "EN": "R", "AN": "R"}
# As UAX #9 has it; what nests deeper is left alone.
_DEEPEST = 63


class _Levelled(Protocol):
    @property
    def level(self) -> int: ...


Piece = TypeVar("Piece", bound=_Levelled)


def find_levels(text: str) -> list[int]:
    """The embedding level of each letter of a cleaned text; odd ones go from right to left."""
    if not any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in text):
        return [0] * len(text)
    # Not python-bidi's `get_display`, which tells the order of letters but not their levels, without which a
    # font cannot be asked for their forms.
    storage = algorithm.get_empty_storage()
    base = algorithm.get_base_level(text)
    storage["base_level"], storage["base_dir"] = base, "LR"[base]
    algorithm.get_embedding_levels(text, storage)
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    _resolve_brackets(storage["chars"], "LR"[base])
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    levels = list(_give_levels(text, storage["chars"], base))
    # Rule L1: spaces at the end of a line stand at its end.
    for i in range(len(text.rstrip(" ")), len(text)):
        levels[i] = base
    return levels


def order_visually(pieces: list[Piece]) -> list[Piece]:
    """From left to right, by rule L2: from the highest level down, what is not below it is turned around."""
    for level in range(max((piece.level for piece in pieces), default=0), 0, -1):
        turned: list[Piece] = []
        for is_above, group in groupby(pieces, key=lambda piece: piece.level >= level):
            pieces_of_level = list(group)
            turned += reversed(pieces_of_level) if is_above else pieces_of_level
        pieces = turned
    return pieces


def _resolve_brackets(letters: list[dict[str, Any]], embedding: str) -> None:
    """Rule N0, which python-bidi lacks: both brackets of a pair have one direction."""
    for start, end in _pair_brackets(letters):
        inside = {_STRONG.get(letter["type"]) for letter in letters[start + 1 : end]} - {None}
        if not inside:
            continue
        direction = embedding
        if embedding not in inside:
            before = (_STRONG[letter["type"]] for letter in letters[start::-1] if letter["type"] in _STRONG)
            # The text around them decides whether they belong to what is in them.
            if next(before, embedding) in inside:
                direction = "L" if embedding == "R" else "R"
        letters[start]["type"] = letters[end]["type"] = direction


def _pair_brackets(letters: list[dict[str, Any]]) -> list[tuple[int, int]]:
    open_brackets: list[tuple[str, int]] = []
    pairs = []
    for i, letter in enumerate(letters):
        if letter["type"] != "ON":
            continue
        kind = unicodedata.category(letter["ch"])
        if kind == "Ps":
            if len(open_brackets) == _DEEPEST:
                break
            open_brackets.append((algorithm.MIRRORED.get(letter["ch"], ""), i))
        elif kind == "Pe":
            for depth in range(len(open_brackets) - 1, -1, -1):
                if open_brackets[depth][0] == letter["ch"]:
                    pairs.append((open_brackets[depth][1], i))
                    del open_brackets[depth:]
                    break
    return sorted(pairs)


def _give_levels(text: str, resolved: list[dict[str, Any]], base: int) -> Iterator[int]:
    """The levels of all letters; joiners, which the algorithm leaves out, have that of the letter before."""
    rest, level = iter(resolved), base
    for letter in text:
        if unicodedata.bidirectional(letter) not in algorithm.X9_REMOVED:
            level = next(rest)["level"]
        yield level
