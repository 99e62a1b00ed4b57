"""Data as scripts: a page that lies on the disk may load those, and nothing else."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np


def format_script(name: str, data: Any) -> bytes:
    """A script that hands data over under a name.

    All that is not ASCII is escaped, and `<` too: whatever a text has, it ends no string and no element.

    Args:
        name: Under which the page asks for it.
        data: What JSON can hold.
    """
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    # As a string, which browsers read sooner as JSON than they compile the same as a script.
    text = text.replace("\\", "\\\\").replace("'", "\\'").replace("<", "\\x3c")
    return f"receive({json.dumps(name)},'{text}');\n".encode()


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


def pack_numbers(numbers: np.ndarray, digits: int) -> dict[str, Any]:
    """Numbers that were written with so many digits, as the integers before the point was set.

    Divided by `scale` they are the numbers that the same texts stand for, bit for bit, where floats of 32
    bits are not: 0.1 is not to be more than 0.1. The least integer of the type stands for what is not known.

    Args:
        numbers: (N,) float64, NaN for what is not known.
        digits: Behind the point.

    Returns:
        As `pack_array`, and `scale`; of numbers that are not of so many digits all 64 bits, and no scale.
    """
    known = np.isfinite(numbers)
    scale = 10**digits
    integers = np.round(np.where(known, numbers, 0) * scale)
    most = np.abs(integers).max(initial=0)
    for kind in (np.int8, np.int16, np.int32):
        least = np.iinfo(kind).min
        if most < -least and np.array_equal(integers / scale, np.where(known, numbers, 0)):
            return pack_array(np.where(known, integers, least).astype(kind)) | {"scale": scale}
    return dict(pack_array(numbers))


def narrow_counts(counts: np.ndarray) -> np.ndarray:
    """Integers from 0 in the fewest bytes that hold them all."""
    return counts.astype(np.min_scalar_type(int(counts.max(initial=0))))
