"""The camera of a photo as a viewer knows one: an eye that looks somewhere, and an angle of view."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

# Wider than this, a picture is no longer what a camera on an axis shows.
_WIDEST_TAN = math.tan(math.radians(80))


@dataclass(frozen=True)
class Lens:
    """A pinhole at the origin of its scene, whose axes are x right, y down and z away, in metres.

    Attributes:
        focal_px: In both directions, pixels of the photo.
        princpt_px: Principal point, pixels of the photo.
        size_px: Width and height of the photo.
    """

    focal_px: float
    princpt_px: tuple[float, float]
    size_px: tuple[int, int]

    def unproject(self, places_px: np.ndarray, depth_m: np.ndarray | float) -> np.ndarray:
        """The points that lie on places of the photo, at given depths.

        Args:
            places_px: (K, 2) px.
            depth_m: (K,), or one for all.

        Returns:
            (K, 3) m, float64.
        """
        depth = np.broadcast_to(np.asarray(depth_m, np.float64), len(places_px))[:, None]
        aside = (places_px - np.array(self.princpt_px)) / self.focal_px
        return np.hstack([aside * depth, depth])

    @property
    def gaze(self) -> np.ndarray:
        """(3,) where the eye looks, a unit vector: along the axis, so that the photo stays a rectangle.

        A photo that has been cut out of another may have its principal point beside it. Then it is the middle
        of the photo.
        """
        width, height = self.size_px
        x, y = self.princpt_px
        if 0 <= x <= width and 0 <= y <= height:
            return np.array([0.0, 0.0, 1.0])
        middle = self.unproject(np.array([[width / 2, height / 2]]), 1.0)[0]
        return middle / np.linalg.norm(middle)

    @property
    def half_view(self) -> tuple[float, float]:
        """Tangents of half the angles of view, across and down, in which the eye sees the whole photo."""
        width, height = self.size_px
        corners_px = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
        corners = self.unproject(corners_px, 1.0)
        gaze = self.gaze
        right = np.cross([0.0, 1.0, 0.0], gaze)
        right /= np.linalg.norm(right)
        down = np.cross(gaze, right)
        depth = np.maximum(corners @ gaze, 1e-3)
        across, along = (float(np.abs(corners @ axis / depth).max()) for axis in (right, down))
        return min(across, _WIDEST_TAN), min(along, _WIDEST_TAN)


def find_view_rad(half_view: tuple[float, float], aspect: float) -> float:
    """The vertical angle of view in which a window shows a whole photo.

    Args:
        half_view: See `Lens.half_view`.
        aspect: Width over height of the window.
    """
    across, along = half_view
    return 2 * math.atan(max(along, across / aspect))
