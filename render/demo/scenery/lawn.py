"""A lawn of the demo photos: blades of grass, drawn as shells above the ground, each seen where it stands."""

from __future__ import annotations

import numpy as np

from render.demo import palette
from render.demo.brushes import sample_noise, sample_octaves, smooth_step, tint
from render.demo.scenery.floors import Ground

SHELLS = 9
HEIGHT_M = 0.05
BLADE_M = 0.011


def draw_lawn(rng: np.random.Generator, ground: Ground) -> np.ndarray:
    """Grass as light finds it: dark between the blades, bright and a little yellow at their tips.

    Lengyel et al., "Real-time fur over arbitrary surfaces", 2001: a blade is where a noise on the ground is
    above a threshold that rises with the height of the shell.
    """
    colour, phase = palette.choose(rng, palette.GRASSES), float(rng.uniform())
    patch = sample_noise(ground.x_m / 3.1, ground.z_m / 3.1, phase)
    clumps = sample_octaves(ground.x_m, ground.z_m, (0.6, 0.25, 0.1), ground.size_z_m, phase + 0.3)
    length = 1 + 0.2 * clumps + 0.15 * patch
    # Where blades are finer than pixels their mean is seen.
    near = np.clip((2.2 * BLADE_M / ground.size_x_m - 0.6) / 0.9, 0, 1)
    value = np.full(ground.x_m.shape, 0.62, np.float32) + 0.09 * clumps * (1 - near)
    lean = sample_noise(ground.x_m / 0.09, ground.z_m / 0.09, phase + 0.5)
    tip = np.zeros_like(value)
    for shell in range(SHELLS):
        share = (shell + 0.5) / SHELLS
        raised = ground.raise_by(share * HEIGHT_M)
        bend = 0.3 * share * share * HEIGHT_M * lean
        blade = sample_noise((raised.x_m + bend) / BLADE_M, raised.z_m / (1.6 * BLADE_M), phase + 0.7)
        cover = near * smooth_step(blade - 1.9 * share * share / np.maximum(length, 0.3) - 0.1, 0.8)
        tone = 0.24 + 0.80 * share + 0.05 * clumps
        value += cover * (tone - value)
        tip += cover * (share - tip)
    dry = np.clip(0.16 + 0.16 * patch + 0.35 * tip * tip, 0, 1)
    straw = palette.linear("b3ad5c")[0]
    value = 1.25 * np.maximum(value * (1 + 0.07 * patch), 0.1)
    return tint(value * (1 - dry), colour) + tint(value * dry, straw)


def stand_before(hw: tuple[int, int], px_per_m: float) -> np.ndarray:
    """How much blades in front hide of what stands in the lawn at its foot (H, W), 0 to 1.

    Args:
        hw: Height and width of the picture.
        px_per_m: How large a metre is where it stands.
    """
    rows, columns = np.indices(hw, dtype=np.float32)
    unit = px_per_m / 180
    blades = sample_noise((columns + 0.2 * rows) / (4.5 * unit), rows / (16 * unit))
    return smooth_step(blades + 0.25, 0.9)
