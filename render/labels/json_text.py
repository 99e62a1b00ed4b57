"""JSON that is the same for equal values: no spaces, ASCII, rounded numbers, none that is not finite."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

# Of lengths in pixels: 0.01 px.
PIXEL_DIGITS = 2
# Of shares and of DensePose's U and V, whose 255 steps it keeps apart.
SHARE_DIGITS = 4


def format_json(value: Any) -> str:
    """One line without its end.

    Raises:
        ValueError: A number is not finite.
    """
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def round_numbers(values: np.ndarray, digits: int) -> list[Any]:
    """Numbers as lists of the array's shape.

    Args:
        values: Of any shape.
        digits: How many behind the point are kept.
    """
    # 0 is added for the sign that -0.001 leaves behind.
    return (np.round(values.astype(np.float64), digits) + 0.0).tolist()
