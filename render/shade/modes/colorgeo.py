"""The grey shading in a colour for each person: one of seven, the same in every picture."""

from typing import TYPE_CHECKING

from render.shade.mode import Mode

if TYPE_CHECKING:
    import warp as wp

    from render.shade.legend import Legend, Shown


def make_shade() -> "wp.Function":
    """The shading function, for the resolve kernel."""
    import warp as wp

    from render.shade.grey import grey_of
    from render.shade.look_up import make_pick
    from render.shade.palettes import PEOPLE_RGB
    from render.shade.surface_point import SurfacePoint

    pick = make_pick(PEOPLE_RGB)

    # Not by the number within the sheet: a person has the same colour alone and together.
    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        colour = grey_of(point.normal) * pick(point.colour)
        return wp.vec4f(colour[0], colour[1], colour[2], 1.0)

    return shade


def find_legend(shown: "Shown") -> "Legend":
    """Who has which colour."""
    from render.shade.legend import name_people
    from render.shade.palettes import PEOPLE_RGB

    return name_people(shown, PEOPLE_RGB)


MODE = Mode(make_shade, legend=find_legend)
