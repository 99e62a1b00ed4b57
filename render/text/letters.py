"""Of any string the letters that can be drawn, in clusters: a letter with the marks over and under it."""

from __future__ import annotations

import unicodedata

# Nothing longer is drawn; what follows becomes one ellipsis.
MOST_LETTERS = 2000
ELLIPSIS = "\u2026"
# More marks than any script has over one letter: beyond them they would grow out of every line.
_MOST_MARKS = 8
_REPLACEMENT = "\ufffd"
# They join and part letters of Arabic and of the scripts of India. Other characters of format are invisible,
# or turn the order of letters around, with which a name can be made to look like another.
JOINERS = ("\u200c", "\u200d")


def clean_text(text: str) -> str:
    """One line of what can be drawn.

    Spaces of all kinds, line ends and tabs become spaces. Control characters, lone surrogates and what
    Unicode has no letter for become replacement characters. Characters of format but joiners are left out,
    and so are variation selectors, marks beyond the eighth over one letter, and what follows the 2000th
    letter.
    """
    is_cut = len(text) > MOST_LETTERS
    kept: list[str] = []
    marks = 0
    for letter in text[:MOST_LETTERS]:
        category = unicodedata.category(letter)
        if letter in "\t\n\v\f\r\x85" or category[0] == "Z":
            letter = " "
        elif category in ("Cc", "Cs", "Cn"):
            letter = _REPLACEMENT
        elif (category == "Cf" and letter not in JOINERS) or _is_selector(letter):
            continue
        is_mark = letter in JOINERS or category in ("Mn", "Me")
        marks = marks + 1 if is_mark else 0
        if marks <= _MOST_MARKS:
            kept.append(letter)
    return "".join(kept) + ELLIPSIS * is_cut


def _is_selector(letter: str) -> bool:
    """Whether it chooses between forms of a letter that these fonts do not have."""
    return "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef"


def split_clusters(text: str) -> list[str]:
    """The letters of a cleaned text, each with the marks and joiners that follow it.

    Simpler than Unicode's grapheme clusters: syllables of India's scripts may be in several.
    """
    clusters: list[str] = []
    for letter in text:
        if clusters and (letter in JOINERS or unicodedata.category(letter)[0] == "M"):
            clusters[-1] += letter
        else:
            clusters.append(letter)
    return clusters
