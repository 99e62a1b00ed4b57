"""Colours of the vertices, of coloured meshes or of body.colors, in a studio's soft light."""

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
        colour = studio_on(point.normal, point.vertex_rgb)
        return wp.vec4f(colour[0], colour[1], colour[2], 1.0)

    return shade


MODE = Mode(make_shade, needs_colors=True)
