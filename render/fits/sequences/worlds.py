"""Worlds of sequences: bodies over their photos, or where they stand in the world of the file.

Here a world is x right, y down along gravity and z away, see `Fits`. Extrinsics are applied to vertices,
never to parameters of poses: SMPL turns about its pelvis, not about its origin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from render.fits.cameras import PhotoCameras, World, framed
from render.fits.reader import ReaderOption

SPACE = ReaderOption(
    "space",
    "camera draws people over the photos; world where they stand in the world of the file, without photos",
    ("camera", "world"),
)
WORLD_NOTE = "space: the world of the file, without its camera and photos"


def is_world(options: Mapping[str, Any]) -> bool:
    """Whether people are asked for in their world."""
    return options.get(SPACE.name, "camera") == "world"


def stand_in_world(rotation: np.ndarray, world_m: np.ndarray) -> tuple[PhotoCameras, World]:
    """People in their world, who are drawn whole without a camera.

    Args:
        rotation: (3, 3), or (M, 3, 3), from the axes of posed vertices to the world's.
        world_m: (M, 3) added after it.
    """
    count = len(world_m)
    turned = np.broadcast_to(rotation, (count, 3, 3)).astype(np.float64)
    upright = np.tile(np.eye(3), (count, 1, 1))
    return replace(framed(count), rotation=turned), World(upright, np.asarray(world_m, np.float64))


def turn(rotation: np.ndarray, points: np.ndarray) -> np.ndarray:
    """(M, 3) points turned by (3, 3), or each by its own of (M, 3, 3), float64."""
    return np.einsum("...ij,...j->...i", rotation.astype(np.float64), points.astype(np.float64))
