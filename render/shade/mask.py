"""Instance masks: 1, 2, ... for the people of a sheet in the order of the fit file, 0 elsewhere."""

import warp as wp

from render.shade import Mode
from render.surface_point import SurfacePoint


@wp.func
def shade(point: SurfacePoint) -> wp.vec4f:
    value = wp.float32(point.instance) / 255.0
    return wp.vec4f(value, value, value, 1.0)


MODE = Mode(shade, is_label=True, is_exact=True)
