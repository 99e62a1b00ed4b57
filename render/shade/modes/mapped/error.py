"""How far each vertex is from the same vertex of reference=, in a colour map from 0 to error_mm."""

from typing import TYPE_CHECKING

from render.shade.mode import Mode

if TYPE_CHECKING:
    import warp as wp

    from render.shade.legend import Legend, Shown

# Of people who have nobody to be compared with: no colour of the map.
UNKNOWN = 0.62


def make_shade() -> "wp.Function":
    """The shading function, for the resolve kernel."""
    import warp as wp

    from render.shade.colour_maps import ERRORS_RGB
    from render.shade.look_up import make_look_up
    from render.shade.surface_point import SurfacePoint

    look_up = make_look_up(ERRORS_RGB)
    unknown = wp.constant(wp.vec3f(UNKNOWN, UNKNOWN, UNKNOWN))
    light = wp.constant(wp.vec3f(-0.35, 0.45, 0.82))
    # What the side away from the light loses. No more: a map's own light says how large errors are.
    shadow = wp.constant(0.1)

    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        colour = unknown
        if wp.isfinite(point.value):
            colour = look_up(point.value)
        colour *= 1.0 - shadow * (1.0 - wp.clamp(wp.dot(point.normal, light), 0.0, 1.0))
        return wp.vec4f(colour[0], colour[1], colour[2], 1.0)

    return shade


def find_legend(shown: "Shown") -> "Legend":
    """The scale of errors, the same on all panels."""
    from render.shade.colour_maps import ERRORS_RGB
    from render.shade.legend import ColourBar

    return ColourBar("error", "mm", 0.0, shown.error_mm, ERRORS_RGB, is_clamped=True)


MODE = Mode(make_shade, needs_values=True, legend=find_legend)
