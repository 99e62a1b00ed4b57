"""Grey shading of the original EFT viewer: a head light and a rim light, no ambient."""

import warp as wp

from render.shade.surface_point import SurfacePoint


@wp.func
def shade(point: SurfacePoint) -> wp.vec3f:
    z = point.normal[2]
    rim = wp.max(0.0, 1.0 - 2.0 * z * z)
    rim2 = rim * rim
    rim4 = rim2 * rim2
    rim8 = rim4 * rim4
    grey = z + 0.2 * rim8 * rim8
    return wp.vec3f(grey, grey, grey)
