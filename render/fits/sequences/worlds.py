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
from render.fits.rotations import axis_angle_to_rotmat

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


def know_gravity(rotation: np.ndarray, root_world: np.ndarray, root_camera: np.ndarray) -> World:
    """The world of people of whom a file has two turns: R_w as its world has it, R_c as the camera sees it.

    What takes the one to the other is how the camera is turned: rotation R_w R_c^T. Places stay unknown.

    Args:
        rotation: (3, 3) from the axes of the file's world to those of `Fits`.
        root_world: (M, 3) axis-angle of a body's root in the file's world.
        root_camera: (M, 3) axis-angle of the same root in the camera's frame.
    """
    turned, seen = (axis_angle_to_rotmat(root).astype(np.float64) for root in (root_world, root_camera))
    found = rotation @ turned @ seen.transpose(0, 2, 1)
    # A damaged world costs no picture.
    found[~np.isfinite(found).all((1, 2))] = np.nan
    return World(found, np.full((len(found), 3), np.nan))


def turn(rotation: np.ndarray, points: np.ndarray) -> np.ndarray:
    """(M, 3) points turned by (3, 3), or each by its own of (M, 3, 3), float64."""
    return np.einsum("...ij,...j->...i", rotation.astype(np.float64), points.astype(np.float64))
