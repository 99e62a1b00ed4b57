"""Chart coordinates as a chequered texture: eight squares a side on each part."""

from typing import TYPE_CHECKING

from render.shade.mode import Mode

if TYPE_CHECKING:
    import warp as wp


def make_shade() -> "wp.Function":
    """The shading function, for the resolve kernel."""
    import warp as wp

    from render.shade.grey import grey_of
    from render.shade.surface_point import SurfacePoint

    squares = wp.constant(8.0)

    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        # Faces without a chart are not coloured: what lies behind shows.
        if point.part == 0:
            return wp.vec4f()
        parity = wp.int32(wp.floor(squares * point.uv[0]) + wp.floor(squares * point.uv[1])) & 1
        # Lighter than geo, for the texture to be seen on what is turned away too.
        light = (0.4 + 0.6 * grey_of(point.normal)) * (1.0 - 0.45 * wp.float32(parity))
        return wp.vec4f(
            light * (0.25 + 0.75 * point.uv[0]), light * (0.25 + 0.75 * point.uv[1]), light * 0.6, 1.0
        )

    return shade


MODE = Mode(make_shade, needs_charts=True)
