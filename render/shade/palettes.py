"""Colours that tell people and parts apart."""

from __future__ import annotations

import colorsys

Rgb = tuple[float, float, float]

# Okabe and Ito, "Color Universal Design", 2008, without black: told apart by colour-blind readers too.
PEOPLE_RGB: tuple[Rgb, ...] = (
    (0.00, 0.45, 0.70),
    (0.90, 0.60, 0.00),
    (0.00, 0.62, 0.45),
    (0.80, 0.47, 0.65),
    (0.34, 0.71, 0.91),
    (0.84, 0.37, 0.00),
    (0.94, 0.89, 0.26),
)
# Softer, for bodies in the light of a studio. Under each kind of colour blindness, as Machado, Oliveira and
# Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency", 2009, have it, any two
# are as far apart as the nearest two of those above.
CLAYS_RGB: tuple[Rgb, ...] = (
    (0.32, 0.69, 0.91),
    (0.90, 0.58, 0.32),
    (0.44, 0.69, 0.51),
    (0.85, 0.65, 0.76),
    (0.90, 0.87, 0.51),
    (0.45, 0.44, 0.81),
    (0.71, 0.30, 0.41),
)
# DensePose's.
PART_COUNT = 24


def _part_colour(part: int) -> Rgb:
    """Seven twenty-fourths of the circle of hues a part, so that neighbours in number are far in hue."""
    # Seven and twenty-four have no common factor, so no two parts share a hue.
    return colorsys.hsv_to_rgb(
        part * 7 % PART_COUNT / PART_COUNT, 0.55 if part % 2 else 0.8, 0.95 if part % 3 else 0.75
    )


# Index 0 is no part.
PARTS_RGB: tuple[Rgb, ...] = ((0.0, 0.0, 0.0), *(_part_colour(part) for part in range(1, PART_COUNT + 1)))
