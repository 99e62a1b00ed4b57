"""Silhouettes, black."""

from typing import TYPE_CHECKING

from render.shade.mode import Mode

if TYPE_CHECKING:
    import warp as wp


def make_shade() -> "wp.Function":
    """The shading function, for the resolve kernel."""
    import warp as wp

    from render.shade.surface_point import SurfacePoint

    # Not a label, so that edges are smooth where there is more than one sample a pixel.
    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        return wp.vec4f(0.0, 0.0, 0.0, 1.0)

    return shade


MODE = Mode(make_shade)
