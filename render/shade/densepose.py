"""Charts as the original EFT viewer draws them: red U, green V, blue part / 100."""

import warp as wp

from render.shade import Mode
from render.surface_point import SurfacePoint


@wp.func
def shade(point: SurfacePoint) -> wp.vec4f:
    if point.part == 0:
        return wp.vec4f()
    return wp.vec4f(point.uv[0], point.uv[1], wp.float32(point.part) / 100.0, 1.0)


MODE = Mode(shade, needs_charts=True)
