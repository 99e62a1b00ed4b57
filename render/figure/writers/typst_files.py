"""PDF and PNG of a figure, by Typst.

Not by matplotlib: its PDF of the same figure is three times as large, its pictures are encoded anew, and its
text is not in the paper's fonts.
"""

from __future__ import annotations

import struct
import tempfile
import zlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from render.errors import ConfigError, OutputError, SheetError
from render.resources import FONTS_DIR

if TYPE_CHECKING:
    import typst

# pdfTeX warns of pictures that are newer than what it writes itself.
_PDF_VERSION = "1.5"
# Of a PNG: its signature, and the chunk IHDR, which is first and always as long.
_HEADER = 8 + 25


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
        OutputError: There is no room for temporary files.
        SheetError: Typst refuses the figure.
    """
    try:
        return _compile(source, panels, dpi)
    except OSError as error:
        raise OutputError(
            f"a figure needs temporary files, which cannot be written: {error.strerror or error}; free some "
            f"space there, or set the environment variable TMPDIR to a folder on another disk"
        ) from error


def _compile(source: str, panels: Mapping[str, bytes], dpi: int) -> dict[str, bytes]:
    compiler = open_typst()
    with tempfile.TemporaryDirectory(prefix="smpl-render-figure-") as folder:
        main = Path(folder) / "figure.typ"
        main.write_text(source, encoding="utf-8")
        for name, content in panels.items():
            path = Path(folder) / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        options = {"root": folder, "font_paths": _find_fonts(), "timestamp": 0}
        try:
            pdf = compiler.compile(str(main), format="pdf", pdf_standards=_PDF_VERSION, **options)
            png = compiler.compile(str(main), format="png", ppi=float(dpi), **options)
        except compiler.TypstError as error:
            said = next(iter(str(error).splitlines()), "")
            raise SheetError(f"Typst {compiler.__version__} cannot set the figure: {said}") from error
    return {"pdf": pdf, "png": _note_resolution(png, dpi)}


def _note_resolution(png: bytes, dpi: int) -> bytes:
    """Adds what Typst leaves out of a PNG: how large it is on paper, by the chunk pHYs, in pixels a metre."""
    per_metre = round(dpi / 0.0254)
    chunk = b"pHYs" + struct.pack(">IIB", per_metre, per_metre, 1)
    whole = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return png[:_HEADER] + whole + png[_HEADER:]


def open_typst() -> Any:
    """Typst's module.

    Raises:
        ConfigError: It is not installed.
    """
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

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS_DIR)])
