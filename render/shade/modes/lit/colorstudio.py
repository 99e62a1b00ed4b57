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
    from render.shade.look_up import make_pick
    from render.shade.palettes import CLAYS_LINEAR_RGB
    from render.shade.surface_point import SurfacePoint

    pick = make_pick(CLAYS_LINEAR_RGB)

    # Not by the number within the sheet: a person has the same colour alone and together.
    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        return clay_of(point, pick(point.colour))

    return shade


MODE = Mode(make_shade, needs_light=True, legend=find_legend)
