"""Run lengths in the letters of COCO's compressed form, as numbers.

It is ours although pycocotools has a decoder: that one is in C, and takes whatever it is given.
"""

from __future__ import annotations

import numpy as np

from render.containers.json_values import RowFault
from render.fits.annotations.checks import KEY, MOST_NUMBERS

# Six bits a letter: five of the number, lowest first, and whether more follow. No length needs more of them.
_FIRST_LETTER, _MORE, _MOST_LETTERS = 48, 0x20, 7


def decode_counts(letters: str) -> np.ndarray:
    """(k,) float64 run lengths.

    As in `rleFrString` of pycocotools' maskApi.c: from the fourth on each is the difference to the one before
    the last.

    Args:
        letters: Of the compressed form.

    Raises:
        RowFault: They are no such form.
    """
    try:
        codes = np.frombuffer(letters.encode("ascii"), np.uint8).astype(np.int64) - _FIRST_LETTER
    except UnicodeEncodeError:
        raise RowFault(KEY, "compressed run lengths", "letters that these do not have") from None
    if len(codes) > MOST_NUMBERS * _MOST_LETTERS:
        raise RowFault(KEY, f"at most {MOST_NUMBERS} numbers", f"{len(codes)} letters")
    has_more = codes & _MORE > 0
    if not len(codes) or codes.min() < 0 or codes.max() > 63 or has_more[-1]:
        raise RowFault(KEY, "compressed run lengths", "letters that are none")
    ends = np.flatnonzero(~has_more)
    firsts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - firsts + 1
    if lengths.max() > _MOST_LETTERS or len(ends) > MOST_NUMBERS:
        raise RowFault(KEY, f"at most {MOST_NUMBERS} run lengths of {_MOST_LETTERS} letters", "more")
    place = np.arange(len(codes)) - np.repeat(firsts, lengths)
    counts = np.add.reduceat((codes & 0x1F) << (5 * place), firsts)
    # The highest bit is the sign.
    counts -= np.where(codes[ends] & 0x10, np.int64(1) << (5 * lengths), 0)
    for start in (1, 2):
        counts[start::2] = np.cumsum(counts[start::2])
    return counts.astype(np.float64)
