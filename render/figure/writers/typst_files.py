"""PDF and PNG of a figure, by Typst.

Not by matplotlib: its PDF of the same figure is three times as large, its pictures are encoded anew, and its
text is not in the paper's fonts.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from render.errors import ConfigError, SheetError
from render.resources import FONTS_DIR

if TYPE_CHECKING:
    import typst


def compile_figure(source: str, panels: Mapping[str, bytes], dpi: int) -> dict[str, bytes]:
    """The content of the figure's PDF and PNG, by extension.

    Typst sees a folder of its own with nothing in it but the figure's source and pictures, and the fonts of
    this package: neither the fonts nor the clock of a machine change a byte.

    Args:
        source: Of `write_source`.
        panels: The content of its pictures, by their names relative to the source.
        dpi: Of the PNG.

    Raises:
        ConfigError: Typst is not installed.
        SheetError: Typst refuses the figure.
    """
    compiler = _open()
    with tempfile.TemporaryDirectory(prefix="smpl-render-figure-") as folder:
        main = Path(folder) / "figure.typ"
        main.write_text(source, encoding="utf-8")
        for name, content in panels.items():
            path = Path(folder) / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        formats: tuple[Literal["pdf", "png"], ...] = ("pdf", "png")
        try:
            return {
                kind: compiler.compile(
                    str(main), root=folder, font_paths=_find_fonts(), format=kind, ppi=float(dpi), timestamp=0
                )
                for kind in formats
            }
        except compiler.TypstError as error:
            raise SheetError(f"Typst {compiler.__version__} cannot set the figure: {error}") from error


def _open():  # type: ignore[no-untyped-def]
    try:
        import typst
    except ImportError as error:
        raise ConfigError(
            "job=figure needs Typst, which is not installed; install it with: "
            "pip install 'smpl-render[figure]'"
        ) from error
    return typst


# Some 40 files are read, for all figures of a process once.
@lru_cache(maxsize=1)
def _find_fonts() -> typst.Fonts:
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(FONTS_DIR)])
