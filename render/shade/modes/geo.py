"""Grey shading of the original EFT viewer: a head light and a rim light, no ambient."""

from typing import TYPE_CHECKING

from render.shade.mode import Mode

if TYPE_CHECKING:
    import warp as wp


def make_shade() -> "wp.Function":
    """The shading function, for the resolve kernel."""
    import warp as wp

    from render.shade.grey import grey_of
    from render.shade.surface_point import SurfacePoint

    # The formula has a module of its own, for other modes colour it or lighten it.
    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        grey = grey_of(point.normal)
        return wp.vec4f(grey, grey, grey, 1.0)

    return shade


MODE = Mode(make_shade)
