"""DensePose's 24 parts in a fixed palette."""

from typing import TYPE_CHECKING

from render.shade.mode import Mode

if TYPE_CHECKING:
    import warp as wp


def make_shade() -> "wp.Function":
    """The shading function, for the resolve kernel."""
    import warp as wp

    from render.shade.look_up import make_pick
    from render.shade.palettes import PARTS_RGB
    from render.shade.surface_point import SurfacePoint

    pick = make_pick(PARTS_RGB)

    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        # Faces without a chart are not coloured: they are background.
        if point.part == 0:
            return wp.vec4f()
        colour = pick(point.part)
        return wp.vec4f(colour[0], colour[1], colour[2], 1.0)

    return shade


# The second has colours that are told apart in print and by the colour-blind.
MODE = Mode(make_shade, is_label=True, needs_charts=True, version=2)
