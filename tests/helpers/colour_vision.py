"""How colours are seen, also by the colour-blind, as numbers in CIELAB."""

import numpy as np

# How the colour-blind see linear RGB, at severity 1: Machado, Oliveira and Fernandes, 2009.
BLINDNESS = {
    "protanomaly": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranomaly": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "tritanomaly": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}
_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def find_lab(rgb, blindness: str | None = None) -> np.ndarray:
    """(N, 3) CIELAB, white D65, of (N, 3) sRGB from 0 to 1.

    Args:
        rgb: As displays take it.
        blindness: Whose eyes see them; None for most people's.
    """
    rgb = np.asarray(rgb)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    if blindness is not None:
        linear = np.clip(linear @ np.transpose(BLINDNESS[blindness]), 0, 1)
    share = linear @ _XYZ.T / _XYZ.sum(1)
    x, y, z = np.where(share > 216 / 24389, np.cbrt(share), (24389 / 27 * share + 16) / 116).T
    return np.column_stack([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def find_distances(rgb, blindness: str | None = None) -> np.ndarray:
    """(N, N) distances of colours in CIELAB (CIE 1976)."""
    lab = find_lab(rgb, blindness)
    return np.linalg.norm(lab[:, None] - lab, axis=2)
