"""A page while things are put on it."""

from __future__ import annotations

from dataclasses import dataclass, field

from render.figure.typesetting import Face, Paragraph
from render.types.figure.page import PlacedLine, PlacedPicture, PlacedPlate, PlacedText, Role


@dataclass
class Sketch:
    """What lies on the page so far.

    Attributes:
        ink: Colour of text, rules and ticks, as hexadecimal digits.
        pictures: Of cells.
        insets: Pictures that lie over those of cells.
        lines: Strokes.
        plates: Below letters over pictures.
        texts: Lines of text.
    """

    ink: str
    pictures: list[PlacedPicture] = field(default_factory=list)
    insets: list[PlacedPicture] = field(default_factory=list)
    lines: list[PlacedLine] = field(default_factory=list)
    plates: list[PlacedPlate] = field(default_factory=list)
    texts: list[PlacedText] = field(default_factory=list)

    def write(self, paragraph: Paragraph, face: Face, role: Role, x: float, first: float) -> None:
        """Puts lines of text below one another, centred.

        Args:
            paragraph: The lines.
            face: What they are set in.
            role: What they are for.
            x: Of their middle, mm.
            first: Of the first baseline, mm.
        """
        for number, line in enumerate(paragraph.lines):
            y = first + number * paragraph.leading
            self.texts.append(PlacedText(line, x, y, face.size_pt, role, colour=self.ink))

    def write_upwards(self, paragraph: Paragraph, face: Face, role: Role, first: float, y: float) -> None:
        """Puts lines of text beside one another that are read upwards, centred.

        Args:
            paragraph: The lines.
            face: What they are set in.
            role: What they are for.
            first: x of the first baseline, mm.
            y: Of their middle, mm.
        """
        for number, line in enumerate(paragraph.lines):
            x = first + number * paragraph.leading
            self.texts.append(PlacedText(line, x, y, face.size_pt, role, angle_deg=90.0, colour=self.ink))
