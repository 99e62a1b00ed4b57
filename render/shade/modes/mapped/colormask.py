"""Instance masks to be looked at: each of the first 21 people of a sheet in a colour of its own."""

from typing import TYPE_CHECKING

from render.shade.mode import Mode

if TYPE_CHECKING:
    import warp as wp

    from render.shade.legend import Legend, Shown


def make_shade() -> "wp.Function":
    """The shading function, for the resolve kernel."""
    import warp as wp

    from render.shade.look_up import make_pick
    from render.shade.palettes import CROWD_RGB
    from render.shade.surface_point import SurfacePoint

    pick = make_pick(CROWD_RGB)

    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        # By the number within the sheet, where rows of one image may be far apart.
        colour = pick(point.instance - 1)
        return wp.vec4f(colour[0], colour[1], colour[2], 1.0)

    return shade


def find_legend(shown: "Shown") -> "Legend":
    """Who has which colour."""
    from render.shade.legend import Swatches
    from render.shade.palettes import CROWD_RGB

    return Swatches(tuple((one.name, CROWD_RGB[(one.instance - 1) % len(CROWD_RGB)]) for one in shown.people))


MODE = Mode(make_shade, legend=find_legend)
