"""Depth as grey: white at the nearest point of the panel's bodies, down to 51 at the farthest."""

import warp as wp

from render.shade import Mode
from render.surface_point import SurfacePoint

# So that the farthest point is told from the background.
FARTHEST = wp.constant(0.2)


@wp.func
def shade(point: SurfacePoint) -> wp.vec4f:
    grey = 1.0 - (1.0 - FARTHEST) * point.depth
    return wp.vec4f(grey, grey, grey, 1.0)


MODE = Mode(shade, is_label=True)
