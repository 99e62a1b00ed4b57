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
    from render.shade.palettes import PEOPLE_RGB
    from render.shade.surface_point import SurfacePoint

    count = wp.constant(len(PEOPLE_RGB))
    palette = wp.constant(wp.types.matrix(shape=(len(PEOPLE_RGB), 3), dtype=wp.float32)(PEOPLE_RGB))

    # Not by the number within the sheet: a person has the same colour alone and together.
    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        grey = grey_of(point.normal)
        who = point.colour % count
        return wp.vec4f(grey * palette[who, 0], grey * palette[who, 1], grey * palette[who, 2], 1.0)

    return shade


def find_legend(shown: "Shown") -> "Legend":
    """Who has which colour."""
    from render.shade.legend import name_people
    from render.shade.palettes import PEOPLE_RGB

    return name_people(shown, PEOPLE_RGB)


MODE = Mode(make_shade, legend=find_legend)
