"""Instance masks to be looked at: each of the first 21 people of a sheet in a colour of its own."""

from typing import TYPE_CHECKING

from render.shade.mode import Mode

if TYPE_CHECKING:
    import warp as wp

    from render.shade.legend import Legend, Shown


def make_shade() -> "wp.Function":
    """The shading function, for the resolve kernel."""
    import warp as wp

    from render.shade.palettes import CROWD_RGB
    from render.shade.surface_point import SurfacePoint

    count = wp.constant(len(CROWD_RGB))
    palette = wp.constant(wp.types.matrix(shape=(len(CROWD_RGB), 3), dtype=wp.float32)(CROWD_RGB))

    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        # By the number within the sheet, where rows of one image may be far apart.
        who = (point.instance - 1) % count
        return wp.vec4f(palette[who, 0], palette[who, 1], palette[who, 2], 1.0)

    return shade


def find_legend(shown: "Shown") -> "Legend":
    """Who has which colour."""
    from render.shade.legend import Swatches
    from render.shade.palettes import CROWD_RGB

    return Swatches(tuple((one.name, CROWD_RGB[(one.instance - 1) % len(CROWD_RGB)]) for one in shown.people))


MODE = Mode(make_shade, legend=find_legend)
