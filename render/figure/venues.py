"""Widths of figures: millimetres, inches, or the columns and the text of the venues.

| venue | column, mm | text, mm | source |
|---|---|---|---|
| cvpr, iccv, 3dv | 83.34 | 174.63 | cvpr.sty of the author kit 2025: textwidth 6.875in, columnsep 0.3125in |
| wacv | 83.34 | 174.63 | wacv.sty, made of cvpr.sty, has the same |
| siggraph | 84.75 | 177.94 | acmart.cls, sigconf: letter paper, margins of 54pt, columnsep 2pc |
| ieee | 88.57 | 181.36 | IEEEtran.cls, journals: textwidth 43pc, columnsep 1pc |
| neurips | | 139.70 | neurips_2025.sty: textwidth 5.5in |
| iclr | | 139.70 | iclr2025_conference.sty: textwidth 5.5in |
| icml | 82.55 | 171.45 | icml2025.sty: textwidth 6.75in, columnsep 0.25in |
| eccv | | 122.00 | llncs.cls: textwidth 12.2cm |

A column is half of what the gap leaves of the text: the 3 1/4 inches of CVPR's guidelines are rounded. TeX's
points (pt) are 1/72.27 inch and its picas (pc) 12 of them. In papers of one column there is no `column`.
"""

from __future__ import annotations

import re

from render.errors import ConfigError

MM_PER_INCH = 25.4
_MM_PER_TEX_PT = MM_PER_INCH / 72.27


def _halve(text_mm: float, gap_mm: float) -> float:
    return (text_mm - gap_mm) / 2


_CVPR_TEXT, _CVPR_GAP = 6.875 * MM_PER_INCH, 0.3125 * MM_PER_INCH
_ACM_TEXT, _ACM_GAP = 8.5 * MM_PER_INCH - 108 * _MM_PER_TEX_PT, 24 * _MM_PER_TEX_PT
_IEEE_TEXT, _IEEE_GAP = 43 * 12 * _MM_PER_TEX_PT, 12 * _MM_PER_TEX_PT
_ICML_TEXT, _ICML_GAP = 6.75 * MM_PER_INCH, 0.25 * MM_PER_INCH
_TEXT_MM = {
    "cvpr": _CVPR_TEXT,
    "iccv": _CVPR_TEXT,
    "3dv": _CVPR_TEXT,
    "wacv": _CVPR_TEXT,
    "siggraph": _ACM_TEXT,
    "ieee": _IEEE_TEXT,
    "icml": _ICML_TEXT,
    "neurips": 5.5 * MM_PER_INCH,
    "iclr": 5.5 * MM_PER_INCH,
    "eccv": 122.0,
}
_GAP_MM = {
    "cvpr": _CVPR_GAP,
    "iccv": _CVPR_GAP,
    "3dv": _CVPR_GAP,
    "wacv": _CVPR_GAP,
    "siggraph": _ACM_GAP,
    "ieee": _IEEE_GAP,
    "icml": _ICML_GAP,
}
# By name, mm.
WIDTHS_MM = {
    **{f"{venue}.column": _halve(_TEXT_MM[venue], gap) for venue, gap in _GAP_MM.items()},
    **{f"{venue}.text": width for venue, width in _TEXT_MM.items()},
}
_UNITS_MM = {"mm": 1.0, "cm": 10.0, "in": MM_PER_INCH, "pt": MM_PER_INCH / 72}
_LENGTH = re.compile(r"(\d{1,5}(?:\.\d{1,6})?)\s*(mm|cm|in|pt)")
# A stamp, and a poster.
LEAST_MM, MOST_MM = 10.0, 1000.0


def parse_width(text: str) -> float:
    """The width of a figure.

    Args:
        text: A venue's, such as cvpr.column, or a length, such as 88mm or 3.25in.

    Returns:
        Millimetres.

    Raises:
        ConfigError: It is neither, or less than 10 mm or more than 1000 mm.

    Example:
        >>> parse_width("88mm")
        88.0
    """
    words = text.strip().lower()
    if words in WIDTHS_MM:
        return WIDTHS_MM[words]
    length = _LENGTH.fullmatch(words)
    if length is None:
        raise ConfigError(
            f"width: expected a length, such as 88mm or 3.25in, or one of {', '.join(WIDTHS_MM)}; "
            f"found {text[:100]!r}"
        )
    width_mm = float(length[1]) * _UNITS_MM[length[2]]
    if not LEAST_MM <= width_mm <= MOST_MM:
        raise ConfigError(f"width: expected {LEAST_MM:g} mm to {MOST_MM:g} mm, found {text[:100]!r}")
    return width_mm
