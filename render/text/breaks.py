"""Where a line may end."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from render.text.letters import split_clusters

# Of scripts that need no spaces to break at: kana, Chinese and the syllables of Korean.
_BREAKABLE = ((0x3040, 0x30FF), (0x3400, 0x9FFF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF))
# Small kana and the sign of a long vowel, which do not begin a line; nor do closing marks.
_SMALL = "ーァィゥェォッャュョぁぃぅぇぉっゃゅょ"


def split_pieces(text: str) -> Iterator[str]:
    """The pieces of a cleaned text between which a line may end; spaces end the piece before them."""
    piece = ""
    for cluster in split_clusters(text):
        if piece and _breaks_between(piece[-1], cluster):
            yield piece
            piece = ""
        piece += cluster
    if piece:
        yield piece


def _breaks_between(letter: str, cluster: str) -> bool:
    if letter == " " or cluster == " ":
        return cluster != " "
    if _is_breakable(cluster):
        return cluster not in _SMALL and not _opens(letter)
    return _is_breakable(letter) and (_opens(cluster[0]) or unicodedata.category(cluster[0])[0] in "LN")


def _is_breakable(cluster: str) -> bool:
    return any(low <= ord(cluster[0]) <= high for low, high in _BREAKABLE)


def _opens(letter: str) -> bool:
    return unicodedata.category(letter) in ("Ps", "Pi")
