"""Normals as colours: (n + 1) / 2, x right, y up, z towards the viewer."""

import warp as wp

from render.shade.surface_point import SurfacePoint


@wp.func
def shade(point: SurfacePoint) -> wp.vec3f:
    return 0.5 * (point.normal + wp.vec3f(1.0, 1.0, 1.0))
