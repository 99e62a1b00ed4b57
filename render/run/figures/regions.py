"""Regions of views: what of a view a cell shows, so that people fill it and share a scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

# Left free around people, as a share of the longer side of their box.
MARGIN = 0.08
# Widths over heights that pictures have where nobody says which.
NARROWEST, WIDEST = 0.66, 1.5
# Of a region, px of the view.
LEAST_PX = 4.0


class Region(NamedTuple):
    """A rectangle of a view, in its pixels.

    Attributes:
        left: Of its corner.
        top: Of its corner.
        width: Of it.
        height: Of it.
    """

    left: float
    top: float
    width: float
    height: float

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width / self.height

    def share(self, point: np.ndarray) -> tuple[float, float]:
        """Where a point (2,) of the view lies, as shares of the width and the height."""
        return (float(point[0]) - self.left) / self.width, (float(point[1]) - self.top) / self.height


def enclose(
    low: Sequence[float] | np.ndarray,
    high: Sequence[float] | np.ndarray,
    within: tuple[float, float] | None = None,
    margin: float | None = None,
) -> Region:
    """A rectangle with a margin around what lies between two corners.

    Args:
        low: (2,) least x and y.
        high: (2,) greatest x and y.
        within: Width and height of the photo, to which it keeps where it can; None for no photo.
        margin: Left free at each side, px; None for a share of the longer side.
    """
    least, most = np.asarray(low, np.float64), np.asarray(high, np.float64)
    if margin is None:
        margin = MARGIN * max(float((most - least).max()), LEAST_PX)
    corner, size = least - margin, np.maximum(most - least, LEAST_PX) + 2 * margin
    if within is not None:
        inside = corner.clip(0, within), (corner + size).clip(0, within)
        # Of who is outside of his photo nothing is seen there, and then that is what is shown.
        if (inside[1] - inside[0] >= LEAST_PX).all():
            corner, size = inside[0], inside[1] - inside[0]
    return Region(*corner.tolist(), *size.tolist())


def choose_aspect(regions: Sequence[tuple[Region, tuple[float, float] | None]]) -> float:
    """The width over height that goes with all regions: their geometric mean.

    It keeps within bounds, and where it can to what each photo has room for.

    Args:
        regions: What must be shown, and width and height of the photo.
    """
    if not regions:
        return 1.0
    mean = float(np.exp(np.mean([np.log(region.aspect) for region, _ in regions])))
    chosen = min(max(mean, NARROWEST), WIDEST)
    # The least and the most at which a region that holds what must be shown is no larger than its photo.
    rooms = [
        (region.width / room[1], room[0] / region.height) for region, room in regions if room is not None
    ]
    least, most = (
        max((low for low, _ in rooms), default=0.0),
        min((high for _, high in rooms), default=np.inf),
    )
    return float(min(max(chosen, least), most)) if least <= most else chosen


def widen(region: Region, aspect: float, within: tuple[float, float] | None = None) -> Region:
    """The least region of an aspect that has all of another in it.

    Args:
        region: What it must hold.
        aspect: Width over height.
        within: Width and height of the photo; it is moved to lie within that, where it is no larger.
    """
    width = max(region.width, region.height * aspect)
    height = width / aspect
    left = region.left + (region.width - width) / 2
    top = region.top + (region.height - height) / 2
    if within is not None:
        left = _keep(left, width, within[0])
        top = _keep(top, height, within[1])
    return Region(left, top, width, height)


def cut_square(region: Region, at: tuple[float, float], size: float) -> tuple[float, float, float, float]:
    """The square part of a region about a point, moved to lie within it.

    Args:
        region: Of the view.
        at: The point, as shares of the region.
        size: Of the square, as a share of the region's shorter side.

    Returns:
        Left, top, width and height, as shares of the region.
    """
    side = size * min(region.width, region.height)
    width, height = side / region.width, side / region.height
    return (
        min(max(at[0] - width / 2, 0.0), 1.0 - width),
        min(max(at[1] - height / 2, 0.0), 1.0 - height),
        width,
        height,
    )


def _keep(start: float, length: float, room: float) -> float:
    """Within 0 and `room`, or in its middle where there is not room enough."""
    if length >= room:
        return (room - length) / 2
    return min(max(start, 0.0), room - length)
