"""Colour maps of numbers: of errors, neutral where they are small, and of depths, from near to far."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from render.shade.palettes import Rgb


def _read_knots(digits: str) -> tuple[Rgb, ...]:
    """Colours from six hexadecimal digits each."""
    values = [value / 255 for value in bytes.fromhex(digits)]
    return tuple(zip(values[0::3], values[1::3], values[2::3], strict=True))


# From light grey over orange and red to wine, at equal distances in CIELAB and always darker, so that it is
# read in print and by the colour-blind too. Its own, for those that are published begin with white, black or
# a colour: a body without errors is to look like a body.
ERRORS_RGB = _read_knots(
    "deddd9e1d9cee4d4c3e6cfb8e8caade9c5a2eabf97ecb98dedb382eead78eea66eee9f64ed965cec8d55ea844ee97b48"
    "e67041e2653adc5934d54e31ce4330c6382fbc2d2db1252ba61f2a9b1b299017288614277b13267112256712245e1323"
    "551322"
)
# Matplotlib's plasma from its end, by Nathaniel Smith and Stefan van der Walt (CC0). None of it looks like
# grass or sky.
DEPTHS_RGB = _read_knots(
    "f0f921f5eb27f9dd25fcd025fdc328feb72dfdab33fb9f3af89441f48a48f07f4feb7555e66c5ce06263d9596ad25071"
    "cb4778c33e80bb3587b22c8ea923969f1a9c9511a28909a67e03a87201a86600a75901a54c02a13f049c310596220690"
    "0d0887"
)


def sample_map(knots: Sequence[Rgb], at: np.ndarray) -> np.ndarray:
    """Colours of a map (N, 3), 0 to 1.

    Args:
        knots: Of the map, at equal steps; between them colours change in a straight line.
        at: (N,) shares of the map, 0 to 1.
    """
    places = np.linspace(0.0, 1.0, len(knots))
    return np.stack([np.interp(at, places, channel) for channel in np.transpose(knots)], 1)
