"""Colours of the demo photos, in linear light."""

from __future__ import annotations

import numpy as np

# The power law near sRGB's curve; `develop` undoes it.
GAMMA = 2.2


def linear(*codes: str) -> np.ndarray:
    """Colours in linear light.

    Args:
        codes: sRGB, such as "d8c9b0".

    Returns:
        R, G, B in 0..1 (N, 3), float32.
    """
    rgb = np.array([[int(code[k : k + 2], 16) for k in (0, 2, 4)] for code in codes])
    return ((rgb / 255) ** GAMMA).astype(np.float32)


def choose(rng: np.random.Generator, colours: np.ndarray, spread: float = 0.06) -> np.ndarray:
    """One of some colours, a little brighter or darker, and less so warmer or colder.

    Args:
        rng: What chooses.
        colours: (N, 3) in linear light.
        spread: How far the result may be off.

    Returns:
        The colour (3,).
    """
    factor = rng.normal(1, 1.5 * spread) + rng.normal(0, 0.4 * spread, 3)
    return colours[rng.integers(len(colours))] * factor.clip(0.75, 1.25).astype(np.float32)


SKIN = linear("f0c9ae", "e4b391", "d19f7c", "b9815c", "96633f", "86583c", "6b4630")
HAIR = linear("1c1613", "2b1d15", "46301f", "6b4a2e", "9a7546", "7d3f22", "8c8782")
TOPS = linear(
    "e9e6df", "24334f", "8e2f2b", "3d5d49", "d9a441", "5b7c99", "2b2b2e", "b9583f", "7a6a8c", "9fb6a0",
    "c98f94", "3f7f86",
)  # fmt: skip
BOTTOMS = linear("2d3a52", "47566b", "2b2b30", "6b6a66", "b3a68c", "4a4f3d", "5a3540", "8f9aa3")
SHOES = linear("e8e6e1", "2a2624", "5b3d2a", "7e8388", "8c2f2f", "2f4a6b")
SOLES = linear("f1efe9", "f1efe9", "d8cdb8", "2a2826")
SOCKS = linear("efece6", "2e2f33", "8b8f94")
WALLS = linear("d9d2c4", "c9d0cc", "b8c3cd", "d8c3ae", "c3bfa9", "cfc6d2")
WOODS = linear("a9794c", "8a5a34", "c19a6b", "75523a", "b08a5e")
TILES = linear("bfb9ad", "a9aeb0", "cbb59a", "8f969a")
BRICKS = linear("96513c", "a8644a", "7d4436", "b58a6a", "9c9186")
GRASSES = linear("5f7a35", "6f8440", "4f6f38", "86894a")
SANDS = linear("dcc6a6", "d2b893", "e2d1b6")
