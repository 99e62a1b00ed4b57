"""Which way a line of text is read."""

from __future__ import annotations

import unicodedata


def is_right_to_left(text: str) -> bool:
    """As the first letter is that has a direction (rule P2 of Unicode's bidirectional algorithm).

    Example:
        >>> is_right_to_left("SMPL"), is_right_to_left("(a) \\u05e9\\u05dc")
        (False, False)
    """
    directions = (unicodedata.bidirectional(letter) for letter in text)
    return next((found for found in directions if found in ("L", "R", "AL")), "L") != "L"
