"""Texts as cells of CSV files, which spreadsheets are not to take for formulas."""

from __future__ import annotations

import re

# A spreadsheet computes what begins like this, half or full width; an apostrophe before it makes it a text.
# Those that begin with apostrophes themselves get one more, so that what is read is what was written.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_TEXT_OF_FORMULA = re.compile(rf"'{_FORMULA.pattern}")


def spell_cell(text: str) -> str:
    """A text as it is written."""
    return f"'{text}" if _FORMULA.match(text) else text


def read_cell(cell: str) -> str:
    """The text that `spell_cell` was given."""
    return cell[1:] if _TEXT_OF_FORMULA.match(cell) else cell
