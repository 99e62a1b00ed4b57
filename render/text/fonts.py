"""The fonts that come with the package: families by name, and what stands in for letters that they lack."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import uharfbuzz

from render.errors import RenderError
from render.resources import FONTS_DIR


@dataclass(frozen=True)
class Family:
    """A font that texts are set in.

    Attributes:
        title: What the file calls itself, for programs that look fonts up by name.
        file: Below `FONTS_DIR`.
    """

    title: str
    file: str


FAMILIES = {
    "sans": Family("Noto Sans", "noto/NotoSans-Regular.ttf"),
    "times": Family("TeX Gyre Termes", "gust/texgyretermes-regular.otf"),
    "helvetica": Family("TeX Gyre Heros", "gust/texgyreheros-regular.otf"),
    "computer-modern": Family("Latin Modern Roman", "gust/lmroman10-regular.otf"),
}
_CHINESE = "droid/DroidSansFallback.ttf"
# They have letters of many scripts, so whatever is made for a script goes before them.
_SYMBOLS = ("NotoSansSymbols", "NotoSansSymbols2", "NotoSansMath")


@dataclass(frozen=True, eq=False)
class Font:
    """A font that is open. Nothing of it changes, so threads may share it.

    Attributes:
        shaper: HarfBuzz's, in units of the font.
        letters: The code points that it can draw.
        units: To the em, which is as long as the size of a text.
    """

    shaper: uharfbuzz.Font
    letters: frozenset[int]
    units: int


def find_font(family: str) -> Path:
    """The file of a family's font.

    Raises:
        RenderError: There is no such family.
    """
    if family not in FAMILIES:
        raise RenderError(f"font: expected one of {', '.join(FAMILIES)}, found {family!r}")
    return FONTS_DIR / FAMILIES[family].file


@lru_cache(maxsize=16)
def list_fonts(family: str) -> tuple[Path, ...]:
    """The files of a family's font and of those that stand in for it, in the order in which they are asked.

    Those are the plain font, one for each script, and those of symbols: whatever lies beside the plain font.

    Raises:
        RenderError: There is no such family.
    """
    first, plain = find_font(family), find_font("sans")
    beside = sorted(plain.parent.glob("*-Regular.ttf"))
    symbols = [plain.with_name(f"{name}-Regular.ttf") for name in _SYMBOLS]
    scripts = [path for path in beside if path not in symbols]
    # The plain font is among the scripts, too.
    return tuple(dict.fromkeys([first, plain, *scripts, FONTS_DIR / _CHINESE, *symbols]))


# There are fewer files than that.
@lru_cache(maxsize=64)
def open_font(path: Path) -> Font:
    """Opens a font, once.

    Raises:
        RenderError: It cannot be read, or is none.
    """
    try:
        face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)))
    except (OSError, uharfbuzz.HarfBuzzError) as error:
        raise RenderError(f"{path}: a font of this package, which cannot be read; install it anew") from error
    if not face.glyph_count:
        raise RenderError(f"{path}: a font of this package, which is damaged; install it anew")
    return Font(uharfbuzz.Font(face), frozenset(face.unicodes), face.upem)
