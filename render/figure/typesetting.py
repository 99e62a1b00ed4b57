"""Lengths of text on the paper, and how it is broken into lines, in millimetres."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from render.errors import ConfigError
from render.text.lines import measure_text, wrap_text

MM_PER_PT = 25.4 / 72
# As LaTeX leads its text: 9pt type has baselines 11pt apart.
_LEADING = 1.2
# Of letters of any script, so that lines of Latin letters lie on one baseline whatever letters they have.
_LEAST_ASCENT, _LEAST_DESCENT = 0.7, 0.22
# The engine's letters grow by whole pixels at small sizes; at this many a point they do not.
_PX_PER_PT = 10
# No figure shows more, and nothing longer is broken into lines.
MOST_LETTERS = 1000


@dataclass(frozen=True)
class Face:
    """A type at a size.

    Attributes:
        family: times, helvetica or computer-modern.
        size_pt: Of the type.
    """

    family: str
    size_pt: float

    @property
    def em(self) -> float:
        """The size of the type, mm."""
        return self.size_pt * MM_PER_PT


@dataclass(frozen=True)
class Paragraph:
    """Text that is broken into lines.

    Attributes:
        lines: From top to bottom.
        width: Of the widest, mm.
        ascent: From the first baseline to the top, mm.
        descent: From the last baseline to the bottom, mm.
        leading: From one baseline to the next, mm.
    """

    lines: tuple[str, ...]
    width: float
    ascent: float
    descent: float
    leading: float

    @property
    def height(self) -> float:
        """From the top of the first line to the bottom of the last, mm."""
        return self.ascent + self.leading * (len(self.lines) - 1) + self.descent if self.lines else 0.0


def clean_text(where: str, text: str | None) -> str:
    """Text that all writers can hold: no control characters, line feeds but those between lines.

    Args:
        where: What it is, for messages.
        text: As the author wrote it.

    Raises:
        ConfigError: It is far too long.
    """
    text = text or ""
    if len(text) > MOST_LETTERS:
        raise ConfigError(f"{where}: expected at most {MOST_LETTERS} letters, found {len(text)}; shorten it")
    lines = (" ".join("".join(c if _is_letter(c) else " " for c in one).split()) for one in text.splitlines())
    return "\n".join(line for line in lines if line)


def _is_letter(character: str) -> bool:
    # Cs are halves of characters, which no encoding of files holds; XML has neither U+FFFE nor U+FFFF.
    return unicodedata.category(character) not in ("Cc", "Cs") and character not in "\ufffe\uffff"


@lru_cache(maxsize=4096)
def measure(text: str, face: Face) -> tuple[float, float, float]:
    """Width, ascent and descent of a line, mm."""
    size = measure_text(text, face.size_pt * _PX_PER_PT, face.family)
    scale = MM_PER_PT / _PX_PER_PT
    return size.width * scale, size.ascent * scale, size.descent * scale


def set_text(text: str, face: Face, room: float) -> Paragraph:
    """Breaks a text into lines, as few as there can be, and those as even as they can be.

    Args:
        text: Of `clean_text`.
        face: What it is set in.
        room: The width that lines have, mm.

    Returns:
        No lines for an empty text. A line is wider than its room only where a single letter is.
    """
    if not text:
        return Paragraph((), 0.0, 0.0, 0.0, 0.0)
    lines = _break(text, face, room)
    wide, narrow = room, 0.0
    # Halving finds the least room for as many lines; a fiftieth of the room cannot be seen.
    while len(lines) > 1 and wide - narrow > room / 50:
        middle = (wide + narrow) / 2
        trial = _break(text, face, middle)
        if len(trial) == len(lines) and _split_words(trial) == _split_words(lines):
            wide, lines = middle, trial
        else:
            narrow = middle
    sizes = [measure(line, face) for line in lines]
    ascent = max(_LEAST_ASCENT * face.em, *(ascent for _, ascent, _ in sizes))
    descent = max(_LEAST_DESCENT * face.em, *(descent for _, _, descent in sizes))
    leading = max(_LEADING * face.em, ascent + descent)
    return Paragraph(lines, max(width for width, _, _ in sizes), ascent, descent, leading)


def check_width(where: str, paragraph: Paragraph, room: float) -> None:
    """Raises ConfigError where a single letter is wider than its room."""
    # What an engine rounds is less than this.
    if paragraph.width > room + 0.05:
        raise ConfigError(
            f"{where}: a letter is {paragraph.width:.1f} mm wide and has {room:.1f} mm; use a smaller "
            f"text_pt or note_pt, fewer columns, or a wider figure"
        )


def _break(text: str, face: Face, room: float) -> tuple[str, ...]:
    scale = _PX_PER_PT / MM_PER_PT
    found: Sequence[str] = wrap_text(text, room * scale, face.size_pt * _PX_PER_PT, face.family)
    return tuple(line for line in (line.strip() for line in found) if line)


def _split_words(lines: Sequence[str]) -> list[str]:
    """The words as lines leave them: one that is broken within counts as two."""
    return " ".join(lines).split()
