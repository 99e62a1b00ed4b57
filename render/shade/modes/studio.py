"""Clay in the soft light of a studio, with the shadows of bodies on themselves and on each other."""

from typing import TYPE_CHECKING

from render.shade.mode import Mode

if TYPE_CHECKING:
    import warp as wp


def make_shade() -> "wp.Function":
    """The shading function, for the resolve kernel."""
    import warp as wp

    from render.shade.studio import studio_of
    from render.shade.surface_point import SurfacePoint

    albedo = wp.constant(wp.vec3f(0.69, 0.635, 0.575))

    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        lit = 0.2 + 0.4 * point.key + 0.4 * wp.min(point.sky + point.floor, 1.0)
        colour = lit * studio_of(point.rig_normal, albedo)
        return wp.vec4f(colour[0], colour[1], colour[2], 1.0)

    return shade


MODE = Mode(make_shade, needs_light=True)
