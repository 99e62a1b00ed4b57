"""Colours that tell people and parts apart."""

from __future__ import annotations

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
# The same as linear light, for what is lit: display values are close to its roots.
CLAYS_LINEAR_RGB: tuple[Rgb, ...] = tuple((red**2, green**2, blue**2) for red, green, blue in CLAYS_RGB)


def _mix(rgb: Rgb, other: float, share: float) -> Rgb:
    """A colour with a share of a grey."""
    red, green, blue = (value + share * (other - value) for value in rgb)
    return (red, green, blue)


# Those of people, then each of them lighter, then each darker: that many people of a crowd are told apart.
CROWD_RGB: tuple[Rgb, ...] = (
    *PEOPLE_RGB,
    *(_mix(rgb, 1.0, 0.5) for rgb in PEOPLE_RGB),
    *(_mix(rgb, 0.0, 0.55) for rgb in PEOPLE_RGB),
)
# DensePose's.
PART_COUNT = 24
# Found by annealing, so that any two parts are told apart, also by the colour-blind, and those that touch
# each other in greys too; of colours that print. Index 0 is no part.
PARTS_RGB: tuple[Rgb, ...] = (
    (0.00, 0.00, 0.00),
    (0.98, 0.57, 0.98),
    (0.75, 0.96, 0.77),
    (0.08, 0.59, 0.80),
    (0.14, 0.77, 0.57),
    (0.35, 0.19, 0.59),
    (0.53, 0.39, 0.36),
    (0.88, 0.34, 0.29),
    (0.59, 0.03, 0.18),
    (0.25, 0.26, 0.48),
    (0.36, 0.43, 0.51),
    (0.93, 0.70, 0.24),
    (0.76, 0.71, 0.43),
    (0.58, 0.98, 0.61),
    (0.17, 0.98, 0.97),
    (0.89, 0.48, 0.68),
    (0.60, 0.52, 0.98),
    (0.50, 0.17, 0.02),
    (0.58, 0.38, 0.02),
    (0.91, 0.94, 0.46),
    (0.95, 0.73, 0.80),
    (0.02, 0.41, 0.79),
    (0.06, 0.32, 0.18),
    (0.47, 0.19, 0.33),
    (0.57, 0.58, 0.02),
)
