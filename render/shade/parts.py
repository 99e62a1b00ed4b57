"""DensePose's 24 parts in a fixed palette."""

import colorsys

import warp as wp

from render.shade import Mode
from render.surface_point import SurfacePoint

PART_COUNT = 24


def _part_colour(part: int) -> tuple[float, float, float]:
    """Seven twenty-fourths of the circle of hues a part, so that neighbours in number are far in hue."""
    return colorsys.hsv_to_rgb(
        part * 7 % PART_COUNT / PART_COUNT, 0.55 if part % 2 else 0.8, 0.95 if part % 3 else 0.75
    )


# Index 0 is no part.
PALETTE_RGB = ((0.0, 0.0, 0.0), *(_part_colour(part) for part in range(1, PART_COUNT + 1)))
_PALETTE = wp.constant(wp.types.matrix(shape=(PART_COUNT + 1, 3), dtype=wp.float32)(PALETTE_RGB))


@wp.func
def shade(point: SurfacePoint) -> wp.vec4f:
    if point.part == 0:
        return wp.vec4f()
    return wp.vec4f(_PALETTE[point.part, 0], _PALETTE[point.part, 1], _PALETTE[point.part, 2], 1.0)


MODE = Mode(shade, is_label=True, needs_charts=True)
