"""A mode that shows the light itself: red for the sky's, green for the floor's, blue for the key's."""

import warp as wp

from render.shade.mode import Mode
from render.shade.surface_point import SurfacePoint


def make_shade() -> wp.Function:
    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        return wp.vec4f(point.sky, point.floor, point.key, 1.0)

    return shade


MODE = Mode(make_shade, needs_light=True)
