"""Lengths of text on the paper, and how it is broken into lines, in millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from render.errors import ConfigError
from render.figure.venues import MM_PER_INCH
from render.text import letters
from render.text.breaks import split_pieces
from render.text.lines import measure_text, wrap_text

MM_PER_PT = MM_PER_INCH / 72
# As LaTeX leads its text: 9pt type has baselines 11pt apart.
_LEADING = 1.2
# Of digits and capitals above the baseline, in ems, as far as these fonts agree.
_DIGITS = 0.67
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

    @property
    def digits(self) -> float:
        """How far digits reach above the baseline, mm."""
        return _DIGITS * self.em


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
    """Lines of what can be drawn, so that all writers hold what was measured.

    Args:
        where: What it is, for messages.
        text: As the author wrote it.

    Raises:
        ConfigError: It is far too long.
    """
    text = text or ""
    if len(text) > MOST_LETTERS:
        raise ConfigError(f"{where}: expected at most {MOST_LETTERS} letters, found {len(text)}; shorten it")
    lines = (" ".join(letters.clean_text(line).split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


@lru_cache(maxsize=4096)
def measure(text: str, face: Face) -> tuple[float, float, float]:
    """Width, ascent and descent of a line, mm."""
    # The engine's lengths are in units of the size that it is given, whatever the unit.
    size = measure_text(text, face.em, face.family)
    if text.isascii():
        return size
    # Between letters of other scripts the engine has spaces of their fonts, Typst those of its first font.
    words = text.split(" ")
    width = sum(measure_text(word, face.em, face.family).width for word in words)
    width += measure_text(" ", face.em, face.family).width * (len(words) - 1)
    return max(size.width, width), size.ascent, size.descent


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
    # Where no word is wider, none is broken within.
    pieces = (piece for line in text.split("\n") for piece in split_pieces(line))
    wide, narrow = room, max(measure(piece.strip(), face)[0] for piece in pieces)
    # Halving finds the least room for as many lines; a fiftieth of the room cannot be seen.
    while len(lines) > 1 and wide - narrow > room / 50:
        middle = (wide + narrow) / 2
        trial = _break(text, face, middle)
        if len(trial) == len(lines):
            wide, lines = middle, trial
        else:
            narrow = middle
    sizes = [measure(line, face) for line in lines]
    ascent = max(ascent for _, ascent, _ in sizes)
    descent = max(descent for _, _, descent in sizes)
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
    lines = wrap_text(text, room, face.em, face.family)
    excess = max(measure(line, face)[0] for line in lines) - room
    if 0 < excess < room / 10:
        # Of wider spaces, see `measure`.
        lines = wrap_text(text, room - excess, face.em, face.family)
    return tuple(line for line in lines if line)
