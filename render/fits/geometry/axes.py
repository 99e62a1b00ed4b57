"""Axes and units of files, and what makes them ours: metres, x right, y down, z away."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

# Rows are our axes in those of the file.
AXES = {
    # x right, y down, z away from the camera.
    "opencv": np.diag([1.0, 1.0, 1.0]),
    # x right, y up, z towards the camera.
    "opengl": np.diag([1.0, -1.0, -1.0]),
    # x left, y up, z away from the camera.
    "pytorch3d": np.diag([-1.0, -1.0, 1.0]),
    # A world whose y is up, seen along -z; as rotations, the same as opengl.
    "y_up": np.diag([1.0, -1.0, -1.0]),
    # A world whose z is up, as of AMASS and Blender, seen along y.
    "z_up": np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]]),
}
UNITS_M = {"m": 1.0, "cm": 0.01, "mm": 0.001}


class Frame(NamedTuple):
    """The frame of a file.

    Attributes:
        axes: A name of AXES.
        units: A name of UNITS_M.
    """

    axes: str = "opencv"
    units: str = "m"

    @property
    def is_ours(self) -> bool:
        """Whether nothing is to be done."""
        return bool((AXES[self.axes] == np.eye(3)).all()) and UNITS_M[self.units] == 1

    def turn(self, points: np.ndarray) -> np.ndarray:
        """Points (..., 3) of the file in our frame, float64."""
        return np.asarray(points, np.float64) @ (AXES[self.axes].T * UNITS_M[self.units])

    def turn_verts(self, verts: np.ndarray) -> np.ndarray:
        """Vertices (..., 3) of the file in our frame, float32; as they are where nothing is to be done."""
        if self.is_ours:
            return np.asarray(verts, np.float32)
        matrix = (AXES[self.axes].T * UNITS_M[self.units]).astype(np.float64)
        # Doubles of all vertices would take twice as much as is kept.
        turned = np.empty(verts.shape, np.float32)
        for place in np.ndindex(verts.shape[:-2]):
            turned[place] = verts[place].astype(np.float64) @ matrix
        return turned
