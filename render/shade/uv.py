"""Chart coordinates as a chequered texture: eight squares a side on each part."""

import warp as wp

from render.shade import Mode
from render.shade.geo import grey_of
from render.surface_point import SurfacePoint

SQUARES = wp.constant(8.0)


@wp.func
def shade(point: SurfacePoint) -> wp.vec4f:
    if point.part == 0:
        return wp.vec4f()
    parity = wp.int32(wp.floor(SQUARES * point.uv[0]) + wp.floor(SQUARES * point.uv[1])) & 1
    light = (0.4 + 0.6 * grey_of(point.normal)) * (1.0 - 0.45 * wp.float32(parity))
    return wp.vec4f(
        light * (0.25 + 0.75 * point.uv[0]), light * (0.25 + 0.75 * point.uv[1]), light * 0.6, 1.0
    )


MODE = Mode(shade, needs_charts=True)
