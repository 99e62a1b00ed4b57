"""Grey shading of the original EFT viewer: a head light and a rim light, no ambient."""

import warp as wp

from render.shade import Mode
from render.surface_point import SurfacePoint


@wp.func
def grey_of(normal: wp.vec3f) -> wp.float32:
    """clamp(n.z + 0.2 max(0, 1 - 2 n.z^2)^16): facebookresearch/eft's shader without its window."""
    rim = wp.max(0.0, 1.0 - 2.0 * normal[2] * normal[2])
    rim2 = rim * rim
    rim4 = rim2 * rim2
    rim8 = rim4 * rim4
    return wp.clamp(normal[2] + 0.2 * rim8 * rim8, 0.0, 1.0)


@wp.func
def shade(point: SurfacePoint) -> wp.vec4f:
    grey = grey_of(point.normal)
    return wp.vec4f(grey, grey, grey, 1.0)


MODE = Mode(shade)
