"""The picture of body.texture on the body's own UV map, in a studio's soft light."""

from typing import TYPE_CHECKING

from render.shade.mode import Mode

if TYPE_CHECKING:
    import warp as wp


def make_shade() -> "wp.Function":
    """The shading function, for the resolve kernel."""
    import warp as wp

    from render.shade.studio import studio_on
    from render.shade.surface_point import SurfacePoint

    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        colour = studio_on(point.normal, point.texture_rgb)
        return wp.vec4f(colour[0], colour[1], colour[2], 1.0)

    return shade


MODE = Mode(make_shade, needs_texture=True)
