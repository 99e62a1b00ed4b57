"""The grey shading in a colour for each person: one of seven by the row, so the same in every picture."""

import warp as wp

from render.shade import Mode
from render.shade.geo import grey_of
from render.surface_point import SurfacePoint

# Okabe and Ito, "Color Universal Design", 2008, without black: told apart by colour-blind readers too.
PALETTE_RGB = (
    (0.00, 0.45, 0.70),
    (0.90, 0.60, 0.00),
    (0.00, 0.62, 0.45),
    (0.80, 0.47, 0.65),
    (0.34, 0.71, 0.91),
    (0.84, 0.37, 0.00),
    (0.94, 0.89, 0.26),
)
_COUNT = wp.constant(len(PALETTE_RGB))
_PALETTE = wp.constant(wp.types.matrix(shape=(len(PALETTE_RGB), 3), dtype=wp.float32)(PALETTE_RGB))


@wp.func
def shade(point: SurfacePoint) -> wp.vec4f:
    grey = grey_of(point.normal)
    who = point.row % _COUNT
    return wp.vec4f(grey * _PALETTE[who, 0], grey * _PALETTE[who, 1], grey * _PALETTE[who, 2], 1.0)


MODE = Mode(shade)
