"""What a finished figure is, in a line: size, bytes, least resolution, smallest text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from render.figure.venues import MM_PER_INCH
from render.types.figure.page import FigurePage


@dataclass(frozen=True)
class FigureReport:
    """What an author must know of a figure before it is sent in.

    Attributes:
        width_mm: Of the page.
        height_mm: Of the page.
        least_ppi: Pixels an inch of the coarsest picture.
        smallest_pt: Size of the smallest text; None without text.
    """

    width_mm: float
    height_mm: float
    least_ppi: float
    smallest_pt: float | None


def measure_page(page: FigurePage) -> FigureReport:
    """Measures a page."""
    ppi = [
        pixels * MM_PER_INCH / side
        for picture in page.pictures
        for pixels, side in zip(picture.size_px, (picture.box.w, picture.box.h), strict=True)
    ]
    sizes = [text.size_pt for text in page.texts]
    return FigureReport(page.width, page.height, min(ppi), min(sizes, default=None))


def describe(page: FigurePage, files: Mapping[str, bytes]) -> str:
    """The line that a run says of a figure.

    Args:
        page: The figure.
        files: The content of its files, by name.
    """
    found = measure_page(page)
    text = "no text" if found.smallest_pt is None else f"smallest text {found.smallest_pt:g} pt"
    sizes = ", ".join(
        f"{extension} {len(content) / 1e6:.2f} MB"
        for extension in ("pdf", "svg", "png")
        for name, content in files.items()
        # The pictures lie in a folder, and are not the figure.
        if "/" not in name and name.endswith(f".{extension}")
    )
    # Rounded down: 299.9 are not 300.
    return (
        f"{found.width_mm:.1f} x {found.height_mm:.1f} mm, {int(found.least_ppi + 1e-6)} ppi at least, "
        f"{text}; {sizes}"
    )
