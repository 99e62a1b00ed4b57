"""The mesh's edges over the grey shading; crops and large bodies show them best."""

from typing import TYPE_CHECKING

from render.shade.mode import Mode

if TYPE_CHECKING:
    import warp as wp


def make_shade() -> "wp.Function":
    """The shading function, for the resolve kernel."""
    import warp as wp

    from render.shade.grey import grey_of
    from render.shade.surface_point import SurfacePoint

    # To either side of an edge; the two sides are of two faces.
    line_px = wp.constant(0.7)
    # Faces lower than this would be all line: their edges fade.
    least_face_px = wp.constant(5.0)
    ink = wp.constant(wp.vec3f(0.05, 0.20, 0.45))

    @wp.func
    def shade(point: SurfacePoint) -> wp.vec4f:
        # Half a pixel more or less about the line's border: it is smooth with one sample a pixel.
        line = wp.clamp(line_px + 0.5 - point.edge_px, 0.0, 1.0) * wp.min(point.face_px / least_face_px, 1.0)
        # Lighter than geo, for the lines to stand out.
        grey = 0.35 + 0.65 * grey_of(point.normal)
        colour = wp.lerp(wp.vec3f(grey, grey, grey), ink, line)
        return wp.vec4f(colour[0], colour[1], colour[2], 1.0)

    return shade


MODE = Mode(make_shade, needs_edges=True)
