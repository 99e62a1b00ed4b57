"""Depth as grey: white at the nearest point of the shot's bodies, down to 51 at the farthest."""

from typing import TYPE_CHECKING

from render.shade.mode import Mode

if TYPE_CHECKING:
    import warp as wp


def make_shade() -> "wp.Function":
    """The shading function, for the resolve kernel."""
    import warp as wp

    from render.shade.surface_point import SurfacePoint

    # So that the farthest point is told from the background.
    farthest = wp.constant(0.2)

    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        grey = 1.0 - (1.0 - farthest) * point.depth
        return wp.vec4f(grey, grey, grey, 1.0)

    return shade


MODE = Mode(make_shade, is_label=True)
