"""From a page and the pixels of its pictures to all files of a figure."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from render.figure.writers.fonts import find_fallbacks
from render.figure.writers.latex import write_latex
from render.figure.writers.panels import encode_panels, name_folder
from render.figure.writers.svg import write_svg
from render.figure.writers.typst_files import compile_figure
from render.figure.writers.typst_source import write_source
from render.types.figure.page import FigurePage
from render.types.figure.spec import FigureSpec


def write_figure(
    page: FigurePage, spec: FigureSpec, name: str, pictures: Mapping[str, np.ndarray]
) -> dict[str, bytes]:
    """The content of a figure's files, by their names relative to its folder.

    These are the PDF, the SVG and the PNG; the source that Typst made the PDF and the PNG of, which can be
    edited; the lines for LaTeX; and the pictures. The same page and pixels give the same bytes.

    Args:
        page: The figure.
        spec: What was declared of it.
        name: Of its files, without extension: letters, digits, points, - and _.
        pictures: (H, W, 3) RGB or (H, W, 4) RGBA with straight alpha, uint8, by name, of the sizes that the
            page asks for.

    Raises:
        ConfigError: Typst is not installed.
        OutputError: There is no room for temporary files.
        SheetError: A picture is too large for a file, or Typst refuses the figure.
        ValueError: A picture is missing or of another size, or the name has other characters.
    """
    # It stands in comments of Typst's and in LaTeX's braces, which nothing must end.
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name):
        raise ValueError(f"name: expected letters, digits, points, - and _, found {name!r}")
    panels = encode_panels(page, pictures)
    fallbacks = find_fallbacks(page)
    source = write_source(page, name, tuple(panels), fallbacks)
    stored = {f"{name_folder(name)}/{file}": content for file, content in panels.items()}
    compiled = compile_figure(source, stored, page.dpi)
    return {
        f"{name}.pdf": compiled["pdf"],
        f"{name}.svg": write_svg(page, panels, fallbacks),
        f"{name}.png": compiled["png"],
        f"{name}.typ": source.encode(),
        f"{name}.tex": write_latex(page, name, spec.style.caption).encode(),
        **stored,
    }
