"""The light of a demo photo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Light:
    """The light of a scene.

    Attributes:
        toward: Unit vector to the light (3,), x right, y up, z to the viewer.
        key: Colour of the direct light (3,), linear.
        sky: Colour of what comes from above.
        bounce: Colour of what comes from the floor.
        blur_m: Softness of a shadow's edge on the floor.
        radius_rad: Half of the angle that it takes.
    """

    toward: np.ndarray
    key: np.ndarray
    sky: np.ndarray
    bounce: np.ndarray
    blur_m: float
    radius_rad: float


def choose_light(rng: np.random.Generator, outdoors: bool) -> Light:
    """A light from the front and one side, so that faces are lit and shadows fall away from the viewer."""
    azimuth = rng.choice([-1, 1]) * np.radians(rng.uniform(20, 62))
    elevation = np.radians(rng.uniform(38, 56) if outdoors else rng.uniform(48, 64))
    flat = np.cos(elevation)
    toward = np.array([flat * np.sin(azimuth), np.sin(elevation), flat * np.cos(azimuth)])
    warmth = rng.uniform(0.0, 0.10)
    key = np.array([1 + warmth, 1.0, 1 - 1.4 * warmth])
    if outdoors:
        sky, bounce = np.array([0.34, 0.44, 0.62]), np.array([0.20, 0.18, 0.14])
        return Light(toward, 1.32 * key, sky, bounce, 0.022, 0.02)
    sky, bounce = np.array([0.44, 0.45, 0.48]), np.array([0.24, 0.21, 0.18])
    return Light(toward, 0.95 * key, sky, bounce, 0.07, 0.22)
