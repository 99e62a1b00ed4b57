"""Worlds that have a floor, and no axis along gravity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from render.containers.json_values import RowFault
from render.fits.sequences.worlds import turn

# Of a plane's distance from the origin, m: a shorter one has no direction.
_NEAREST_M = 1e-6


@dataclass(frozen=True)
class Floor:
    """A plane in the world of a file: points x with normal . x = offset_m.

    Attributes:
        normal: (3,) of length 1, up, and not below the horizon: its y is not above 0.
        offset_m: Of the plane from the origin.
    """

    normal: np.ndarray
    offset_m: float

    @staticmethod
    def parse(key: str, planes: np.ndarray) -> Floor:
        """The floor of SLAHMR, a normal times a distance from the origin; of several, (F, 3), the first.

        Up is where its y is negative, as in a camera that is not upside down (slahmr/geometry/plane.py).

        Raises:
            RowFault: It has no direction.
        """
        plane = planes[:1].reshape(-1).astype(np.float64)
        offset = float(np.linalg.norm(plane))
        if not (np.isfinite(offset) and offset > _NEAREST_M):
            raise RowFault(key, "a normal times a distance from the origin", str(plane.tolist()))
        normal = plane / offset
        return Floor(-normal, -offset) if normal[1] > 0 else Floor(normal, offset)

    @property
    def rotation(self) -> np.ndarray:
        """(3, 3) the smallest turn that leads the normal to -y."""
        up = np.array([0.0, -1.0, 0.0])
        x, y, z = np.cross(self.normal, up).tolist()
        skew = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
        return np.eye(3) + skew + skew @ skew / (1 + self.normal @ up)

    def place(self, points_m: np.ndarray) -> np.ndarray:
        """(M, 3) points of the file in a world whose y is 0 on the floor, and down along gravity."""
        return turn(self.rotation, points_m) + np.array([0.0, self.offset_m, 0.0])
