"""Silhouettes, black."""

import warp as wp

from render.shade import Mode
from render.surface_point import SurfacePoint


@wp.func
def shade(point: SurfacePoint) -> wp.vec4f:
    return wp.vec4f(0.0, 0.0, 0.0, 1.0)


MODE = Mode(shade)
