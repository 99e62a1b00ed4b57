"""The lines that put a figure into a paper of LaTeX's."""

from __future__ import annotations

import re

from render.figure.typesetting import MM_PER_PT, clean_text
from render.figure.venues import MM_PER_INCH, WIDTHS_MM
from render.figure.writers.numbers import write_number
from render.types.figure.page import FigurePage

# Wider figures reach over both columns of a paper that has two.
_MOST_COLUMN_MM = 100.0
_ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    **{character: f"\\{character}" for character in "#$%&_{}"},
}
_SPECIAL = re.compile("|".join(re.escape(character) for character in _ESCAPES))


def write_latex(page: FigurePage, name: str, caption: str | None) -> str:
    """A `figure`, or a `figure*` over both columns, that includes the PDF at its own size.

    Below it, as comments, stands the same with texts of LaTeX's own, by the package overpic.

    Args:
        page: The figure.
        name: Of its files, without extension.
        caption: None for none.

    Raises:
        ConfigError: The caption is far too long.
    """
    kind = "figure*" if page.width > _MOST_COLUMN_MM else "figure"
    width = _find_width(page.width)
    ending = []
    if caption:
        ending.append(f"  \\caption{{{escape_latex(clean_text('caption', caption))}}}")
    # LaTeX takes neither spaces nor other letters in labels everywhere.
    ending.append(f"  \\label{{fig:{re.sub('[^A-Za-z0-9:.-]', '-', name)}}}")
    plain = [f"\\begin{{{kind}}}[t]", "  \\centering"]
    plain.append(f"  \\includegraphics[width={width}]{{{name}.pdf}}")
    plain += [*ending, f"\\end{{{kind}}}"]
    over = [f"\\begin{{{kind}}}[t]", "  \\centering"]
    over.append(f"  \\begin{{overpic}}[percent,width={width}]{{{name}_pictures.pdf}}")
    over += [f"    {line}" for line in _put_texts(page)]
    over += ["  \\end{overpic}", *ending, f"\\end{{{kind}}}"]
    note = [
        "% With texts of LaTeX's own: \\usepackage{overpic,graphicx}, and the figure without its texts, by",
        f"%     typst compile --font-path FONTS --input texts=no {name}.typ {name}_pictures.pdf",
    ]
    return "\n".join([*plain, "", *note, *(f"% {line}" for line in over)]) + "\n"


def escape_latex(text: str) -> str:
    """Text that LaTeX prints as it is.

    Example:
        >>> escape_latex("50% of #1_a")
        '50\\\\% of \\\\#1\\\\_a'
    """
    # A line feed would end a comment, and two of them a paragraph, which captions must not have.
    return _SPECIAL.sub(lambda found: _ESCAPES[found[0]], " ".join(text.split()))


def _find_width(width_mm: float) -> str:
    """As a share of the page where it is a venue's, so that it stays right in another venue's style."""
    near = [name for name, known in WIDTHS_MM.items() if abs(known - width_mm) < 0.05]
    if not near:
        return f"{write_number(width_mm)}mm"
    return "\\columnwidth" if near[0].endswith(".column") else "\\textwidth"


def _put_texts(page: FigurePage) -> list[str]:
    """A line for each text, in hundredths of the figure's longer side, which is overpic's unit."""
    scale = 100 / max(page.width, page.height)
    anchors = {"start": "lb", "middle": "b", "end": "rb"}
    lines = []
    for text in page.texts:
        x, y = text.x * scale, (page.height - text.y) * scale
        # A box of no height, so that its baseline lies at y.
        words = f"\\smash{{{_size(text.size_pt)}{escape_latex(text.text)}}}"
        box = f"\\makebox(0,0)[{anchors[text.anchor]}]{{{words}}}"
        if text.angle_deg:
            box = f"\\rotatebox{{{write_number(text.angle_deg)}}}{{{box}}}"
        lines.append(f"\\put({write_number(x)},{write_number(y)}){{{box}}}")
    return lines


def _size(size_pt: float) -> str:
    # LaTeX's points are a little smaller, 72.27 to an inch.
    size = write_number(size_pt * MM_PER_PT / MM_PER_INCH * 72.27)
    return f"\\fontsize{{{size}}}{{{size}}}\\selectfont "
