"""Clay in the soft light of a studio, with the shadows of bodies on themselves and on each other."""

from typing import TYPE_CHECKING

from render.shade.mode import Mode

if TYPE_CHECKING:
    import warp as wp


def make_shade() -> "wp.Function":
    """The shading function, for the resolve kernel."""
    import warp as wp

    from render.shade.lit import clay_of
    from render.shade.surface_point import SurfacePoint

    albedo = wp.constant(wp.vec3f(0.60, 0.565, 0.52))

    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        return clay_of(point, albedo)

    return shade


MODE = Mode(make_shade, needs_light=True)
