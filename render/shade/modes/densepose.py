"""Charts as the original EFT viewer draws them: red U, green V, blue part / 100."""

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
        # Faces without a chart are not coloured: what lies behind shows.
        if point.part == 0:
            return wp.vec4f()
        return wp.vec4f(point.uv[0], point.uv[1], wp.float32(point.part) / 100.0, 1.0)

    return shade


MODE = Mode(make_shade, needs_charts=True, centers_on_charts=True)
