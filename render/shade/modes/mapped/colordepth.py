"""Depth in a colour map: light at the nearest point of the shot's bodies, dark at the farthest."""

from typing import TYPE_CHECKING

from render.shade.mode import Mode

if TYPE_CHECKING:
    import warp as wp

    from render.shade.legend import Legend, Shown


def make_shade() -> "wp.Function":
    """The shading function, for the resolve kernel."""
    import warp as wp

    from render.shade.colour_maps import DEPTHS_RGB
    from render.shade.look_up import make_look_up
    from render.shade.surface_point import SurfacePoint

    look_up = make_look_up(DEPTHS_RGB)

    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        colour = look_up(point.depth)
        return wp.vec4f(colour[0], colour[1], colour[2], 1.0)

    return shade


def find_legend(shown: "Shown") -> "Legend":
    """The distances of the nearest and the farthest point, where they are known."""
    from render.shade.colour_maps import DEPTHS_RGB
    from render.shade.legend import ColourBar

    if shown.depths_m is None:
        return ColourBar("depth", "", 0.0, 1.0, DEPTHS_RGB, ends=("near", "far"))
    return ColourBar("depth", "m", *shown.depths_m, DEPTHS_RGB)


MODE = Mode(make_shade, legend=find_legend)
