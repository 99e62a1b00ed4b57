"""From where the studio's light comes: directions all around, and over the disc of the key light.

They are few and fixed, so that the same bodies have the same light in every run. Depth maps look along them.
"""

from __future__ import annotations

import math

import numpy as np

# All around, the upper half of them first.
SPHERE_COUNT = 96
# Over the disc of the key light, which stands in the frame of the rig, see `Light`: x to the viewer's right,
# y up, z level towards the viewer.
DISC_COUNT = 24
KEY_WAY = (-0.64, 0.62, 0.455)
# Half of the angle that the disc takes: a soft box of 1.2 m at 2.2 m.
KEY_RADIUS_RAD = 0.27
GOLDEN_ANGLE_RAD = math.pi * (3.0 - math.sqrt(5.0))


def spread_over_sphere(count: int) -> np.ndarray:
    """Directions that share a sphere evenly: a Fibonacci lattice.

    González, "Measurement of areas on a sphere using Fibonacci and latitude-longitude lattices", 2010, with
    half a step at either pole.

    Args:
        count: How many; of an even number half point up.

    Returns:
        (count, 3) float64 unit vectors, y down as in the space of a stage, from the topmost to the lowest.
    """
    number = np.arange(count)
    y = (2.0 * number + 1.0) / count - 1.0
    aside = np.sqrt(1.0 - y * y)
    turn = GOLDEN_ANGLE_RAD * number
    return np.stack([aside * np.cos(turn), y, aside * np.sin(turn)], 1)


def spread_over_disc(count: int, middle: tuple[float, float, float], radius_rad: float) -> np.ndarray:
    """Directions that share a round light evenly by its solid angle.

    The spiral of Vogel, "A better way to construct the sunflower head", 1979, on the cap of a sphere.

    Args:
        count: How many.
        middle: Towards the light's middle, of any length.
        radius_rad: Half of the angle that it takes.

    Returns:
        (count, 3) float64 unit vectors, in the frame of `middle`.
    """
    number = np.arange(count)
    along = 1.0 - (1.0 - math.cos(radius_rad)) * (number + 0.5) / count
    aside = np.sqrt(1.0 - along * along)
    turn = GOLDEN_ANGLE_RAD * number
    right, up, way = frame_directions(np.array([middle]) / np.linalg.norm(middle))[0]
    return (
        along[:, None] * way + (aside * np.cos(turn))[:, None] * right + (aside * np.sin(turn))[:, None] * up
    )


def frame_directions(ways: np.ndarray) -> np.ndarray:
    """Frames to look along directions in.

    Args:
        ways: (K, 3) unit vectors.

    Returns:
        (K, 3, 3) float64 rotations, whose rows are two axes across and the direction. The second axis is as
        near to y as it can be, for bodies are longest along it.
    """
    y, x = np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0])
    # Where y is the direction itself, any other axis will do.
    upward = np.where(np.abs(ways[:, 1:2]) < 0.999, y, x)
    first = np.cross(upward, ways)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    return np.stack([first, np.cross(ways, first), ways], 1)
