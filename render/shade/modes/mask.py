"""Instance masks: 1, 2, ... for the people of a sheet in the order of the fit file, 0 elsewhere."""

from typing import TYPE_CHECKING

from render.shade.mode import Mode

if TYPE_CHECKING:
    import warp as wp

# The pixels are bytes, and 0 is nobody.
MOST_PEOPLE = 255


def make_shade() -> "wp.Function":
    """The shading function, for the resolve kernel."""
    import warp as wp

    from render.shade.surface_point import SurfacePoint

    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        # The resolve kernel makes a byte of it again, times 255 and rounded.
        value = wp.float32(point.instance) / 255.0
        return wp.vec4f(value, value, value, 1.0)

    return shade


MODE = Mode(make_shade, is_label=True, is_exact=True, most_people=MOST_PEOPLE)
