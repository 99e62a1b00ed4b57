"""The fonts that the files of a figure name."""

from __future__ import annotations

import uharfbuzz

from render.text.fonts import list_fonts
from render.text.runs import split_runs
from render.types.figure.page import FigurePage

# Fonts of the same widths, or at least of the same look, that people have; the last is a generic name.
# Termes has the widths of Times, and Heros those of Helvetica.
ALIKE = {
    "times": ("Nimbus Roman", "Times New Roman", "Times", "serif"),
    "helvetica": ("Nimbus Sans", "Helvetica", "Arial", "sans-serif"),
    "computer-modern": ("LM Roman 10", "CMU Serif", "New Computer Modern", "serif"),
}


def find_fallbacks(page: FigurePage) -> tuple[str, ...]:
    """Families of the letters that the figure's own font has not, in the order in which they are asked."""
    others = list_fonts(page.font)[1:]
    used = {run.font for text in page.texts for run in split_runs(text.text, page.font)}
    faces = (uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(font))) for font in others if font in used)
    return tuple(str(face.get_name(uharfbuzz.OTNameIdPredefined.FONT_FAMILY)) for face in faces)
