"""Normals as colours: (n + 1) / 2, x right, y up, z towards the viewer."""

import warp as wp

from render.shade import Mode
from render.surface_point import SurfacePoint


@wp.func
def shade(point: SurfacePoint) -> wp.vec4f:
    n = point.normal
    return wp.vec4f(0.5 * n[0] + 0.5, 0.5 * n[1] + 0.5, 0.5 * n[2] + 0.5, 1.0)


MODE = Mode(shade)
