"""Data as scripts: a page that lies on the disk may load those, and nothing else."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np

# A number that a float of 32 bits holds to all of its digits.
_EXACT_IN_32_BITS = 1 << 24


def format_script(name: str, data: Any) -> bytes:
    """A script that hands data over under a name.

    All that is not ASCII is escaped, and `<` too: whatever a text has, it ends no string and no element.

    Args:
        name: Under which the page asks for it.
        data: What JSON can hold.
    """
    text = json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return f"receive({json.dumps(name)},{text});\n".encode()


def pack_array(array: np.ndarray) -> dict[str, str]:
    """An array as the page unpacks it: its type and its bytes, little-endian, in base64.

    Args:
        array: Of any shape; of integers from 0, or of floats.
    """
    little = array.astype(array.dtype.newbyteorder("<"))
    return {
        "type": f"{little.dtype.kind}{little.dtype.itemsize}",
        "data": base64.b64encode(little.tobytes()).decode(),
    }


def narrow_numbers(numbers: np.ndarray, digits: int) -> np.ndarray:
    """Float64 as float32, where each is the same when it is rounded to its digits."""
    narrow = numbers.astype(np.float32)
    known = numbers[np.isfinite(numbers)]
    is_small = not len(known) or np.abs(known).max() * 10.0**digits < _EXACT_IN_32_BITS
    return narrow if is_small else numbers


def narrow_counts(counts: np.ndarray) -> np.ndarray:
    """Integers from 0 in the fewest bytes that hold them all."""
    return counts.astype(np.min_scalar_type(int(counts.max(initial=0))))
