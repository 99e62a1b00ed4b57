"""Clay in the light of `studio`, in a colour for each person: one of seven, the same in every picture."""

from typing import TYPE_CHECKING

from render.shade.mode import Mode
from render.shade.modes.colorclay import find_legend

if TYPE_CHECKING:
    import warp as wp


def make_shade() -> "wp.Function":
    """The shading function, for the resolve kernel."""
    import warp as wp

    from render.shade.lit import clay_of
    from render.shade.palettes import CLAYS_RGB
    from render.shade.surface_point import SurfacePoint

    count = wp.constant(len(CLAYS_RGB))
    # The palette is of display values, and the light is linear.
    linear = [[value * value for value in rgb] for rgb in CLAYS_RGB]
    palette = wp.constant(wp.types.matrix(shape=(len(CLAYS_RGB), 3), dtype=wp.float32)(linear))

    # Not by the number within the sheet: a person has the same colour alone and together.
    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        who = point.colour % count
        return clay_of(point, wp.vec3f(palette[who, 0], palette[who, 1], palette[who, 2]))

    return shade


MODE = Mode(make_shade, needs_light=True, legend=find_legend)
