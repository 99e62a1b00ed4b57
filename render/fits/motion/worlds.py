"""Bodies of a world whose up is known, shown whole or by cameras.

Rotations of files are applied to vertices, never to poses: SMPL turns about its root joint, which is not the
origin.
"""

from __future__ import annotations

import numpy as np

from render.fits.cameras import PhotoCameras, World
from render.fits.sequences.worlds import stand_in_world, turn

# From a file's axes, by the one that points up, to those of `Fits`: x right, y down, z away. x stays x, and
# SMPL's front is turned to the viewer.
TO_WORLD = {
    "y": np.diag([1.0, -1.0, -1.0]),
    "z": np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]]),
}


def stand(up: str, transl_m: np.ndarray) -> tuple[PhotoCameras, World]:
    """People of a file without cameras, and where they are in the world.

    Args:
        up: Axis of the file that points up, a key of TO_WORLD.
        transl_m: (M, 3) of bodies, in the file's axes; NaN where it is not known.
    """
    place_m = turn(TO_WORLD[up], transl_m)
    is_lost = np.isnan(place_m).any(1)
    # Where a file knows it of others this is damage, which checks of rows are to find.
    if not is_lost.all():
        place_m[is_lost] = np.inf
    return stand_in_world(TO_WORLD[up], place_m)


def see(
    up: str, transl_m: np.ndarray, rotation: np.ndarray, camera_transl_m: np.ndarray
) -> tuple[np.ndarray, World]:
    """Where people of a world are for cameras in it.

    Args:
        up: Axis of the file's world that points up, a key of TO_WORLD.
        transl_m: (M, 3) of bodies in the file's world.
        rotation: (M, 3, 3) from the file's world to the camera's frame.
        camera_transl_m: (M, 3) added after it.

    Returns:
        (M, 3) m of bodies in the camera's frame, after the rotation; and the world.
    """
    world = World(TO_WORLD[up] @ rotation.transpose(0, 2, 1), turn(TO_WORLD[up], transl_m))
    return turn(rotation, transl_m) + camera_transl_m, world
