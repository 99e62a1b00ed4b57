"""The mesh's edges over the grey shading; crops and large bodies show them best."""

import warp as wp

from render.shade import Mode
from render.shade.geo import grey_of
from render.surface_point import SurfacePoint

LINE_PX = wp.constant(0.7)
# Faces lower than this would be all line: their edges fade.
LEAST_FACE_PX = wp.constant(5.0)
INK = wp.constant(wp.vec3f(0.05, 0.20, 0.45))


@wp.func
def shade(point: SurfacePoint) -> wp.vec4f:
    line = wp.clamp(LINE_PX + 0.5 - point.edge_px, 0.0, 1.0) * wp.min(point.face_px / LEAST_FACE_PX, 1.0)
    # Lighter than geo, for the lines to stand out.
    grey = 0.35 + 0.65 * grey_of(point.normal)
    colour = wp.lerp(wp.vec3f(grey, grey, grey), INK, line)
    return wp.vec4f(colour[0], colour[1], colour[2], 1.0)


MODE = Mode(shade, needs_edges=True)
