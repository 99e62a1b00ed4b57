"""Normals as colours: (n + 1) / 2, x right, y up, z towards the viewer."""

from typing import TYPE_CHECKING

from render.shade.mode import Mode

if TYPE_CHECKING:
    import warp as wp


def make_shade() -> "wp.Function":
    """The shading function, for the resolve kernel."""
    import warp as wp

    from render.shade.surface_point import SurfacePoint

    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        # From -1..1 to 0..1.
        n = point.normal
        return wp.vec4f(0.5 * n[0] + 0.5, 0.5 * n[1] + 0.5, 0.5 * n[2] + 0.5, 1.0)

    return shade


MODE = Mode(make_shade)
