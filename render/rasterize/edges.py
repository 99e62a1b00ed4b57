"""Coverage in fixed point: which pixel centres a face contains."""

import warp as wp

from render.kernels import MODULE_OPTIONS

wp.set_module_options(MODULE_OPTIONS)

# Fine enough that faces a third of a pixel wide keep their pixels.
SUBPIXEL_BITS = wp.constant(wp.int64(12))
UNITS_PER_PX = wp.constant(wp.int64(4096))
HALF_PX = wp.constant(wp.int64(2048))
# In samples. Beyond it a product of two differences, 2^30 each, would near 64 bits.
GUARD_PX = wp.constant(131072.0)


@wp.func
def is_drawable(vertex: wp.vec4f) -> wp.bool:
    """In front of the near plane, finite, and inside the guard band; written so that NaN fails."""
    return (
        vertex[3] > 0.0
        and wp.abs(vertex[0]) <= GUARD_PX
        and wp.abs(vertex[1]) <= GUARD_PX
        and wp.isfinite(vertex[2])
    )


@wp.func
def snap_to_grid(position_px: wp.float32) -> wp.int64:
    """The nearest point of the fixed-point grid."""
    return wp.int64(wp.round(position_px * wp.float32(UNITS_PER_PX)))


@wp.func
def covers_from(
    ax: wp.int64, ay: wp.int64, bx: wp.int64, by: wp.int64, px: wp.int64, py: wp.int64
) -> wp.int64:
    """Not negative where (px, py) is on the inner side of the edge from a to b.

    The inner side is to the right of an edge that goes down a face of positive area. A point on the edge is
    inside if the edge is a top or a left one: horizontal and going right, or going up.
    """
    inside = (bx - ax) * (py - ay) - (by - ay) * (px - ax)
    if by < ay or (by == ay and bx > ax):
        return inside
    return inside - wp.int64(1)
