"""Coverage in fixed point: which pixel centres a face contains."""

from typing import Any

import warp as wp

from render.compute.kernels import MODULE_OPTIONS, natural

wp.set_module_options(MODULE_OPTIONS)

# Fine enough that faces a third of a pixel wide keep their pixels.
SUBPIXEL_BITS = wp.constant(wp.int64(12))
UNITS_PER_PX = wp.constant(wp.int64(4096))
HALF_PX = wp.constant(wp.int64(2048))
# In samples. Beyond it a product of two differences, 2^30 each, would near 64 bits.
GUARD_PX = wp.constant(131072.0)
# In place of the x of a vertex that cannot be placed.
OFF_GRID = wp.constant(wp.int32(-(2**31)))


@wp.func
def snap_to_grid(vertex: wp.vec4f) -> wp.vec2i:
    """The nearest point of the fixed-point grid; OFF_GRID for a vertex that cannot be placed on it.

    Only those in front of the near plane, finite and inside the guard band can; written so that NaN fails.
    """
    if (
        vertex[3] > 0.0
        and wp.abs(vertex[0]) <= GUARD_PX
        and wp.abs(vertex[1]) <= GUARD_PX
        and wp.isfinite(vertex[2])
    ):
        # Times a power of two, which loses nothing: all that is lost is lost in rounding.
        units = wp.float32(UNITS_PER_PX)
        return wp.vec2i(wp.int32(wp.round(vertex[0] * units)), wp.int32(wp.round(vertex[1] * units)))
    return wp.vec2i(OFF_GRID, OFF_GRID)


@wp.struct
class Outline:
    """The corners of a face on the grid, in the order that `covers_from` wants.

    Attributes:
        is_drawn: Whether it can cover anything: all its corners are placed, and it has an area that is seen.
        ax, ay, bx, by, cx, cy: Where they are, in units of the grid.
    """

    is_drawn: wp.bool
    ax: wp.int64
    ay: wp.int64
    bx: wp.int64
    by: wp.int64
    cx: wp.int64
    cy: wp.int64


@wp.func
def find_outline(
    grid: wp.array(dtype=wp.vec2i), first_vertex: wp.int32, corners: wp.vec3i, culls: wp.bool
) -> Outline:
    """A face's outline.

    Args:
        grid: What `snap_to_grid` gives for the vertices of all placements.
        first_vertex: Of the placement.
        corners: Of the face, counted from there.
        culls: Whether faces that are turned away from the viewer are left out.
    """
    outline = Outline()
    ga = grid[natural(first_vertex + corners[0])]
    gb = grid[natural(first_vertex + corners[1])]
    gc = grid[natural(first_vertex + corners[2])]
    if ga[0] == OFF_GRID or gb[0] == OFF_GRID or gc[0] == OFF_GRID:
        return outline
    ax, ay = wp.int64(ga[0]), wp.int64(ga[1])
    bx, by = wp.int64(gb[0]), wp.int64(gb[1])
    cx, cy = wp.int64(gc[0]), wp.int64(gc[1])
    # y is down, so a face that turns its outside to the viewer has negative area.
    area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    if area == wp.int64(0) or (area > wp.int64(0) and culls):
        return outline
    # `covers_from` wants a positive area: two corners change places.
    if area < wp.int64(0):
        sx, sy = bx, by
        bx, by = cx, cy
        cx, cy = sx, sy
    outline.is_drawn = True
    outline.ax = ax
    outline.ay = ay
    outline.bx = bx
    outline.by = by
    outline.cx = cx
    outline.cy = cy
    return outline


@wp.func
def covers_from(ax: Any, ay: Any, bx: Any, by: Any, px: Any, py: Any) -> Any:
    """Not negative where (px, py) is on the inner side of the edge from a to b.

    The inner side is to the right of an edge that goes down a face of positive area. A point on the edge is
    inside if the edge is a top or a left one: horizontal and going right, or going up.

    Args:
        ax, ay: Where the edge begins, in units of the grid, as all of these. They are int64, or int32 where
            nothing is so far apart that products do not fit.
        bx, by: Where it ends.
        px, py: The point.
    """
    inside = (bx - ax) * (py - ay) - (by - ay) * (px - ax)
    if by < ay or (by == ay and bx > ax):
        return inside
    # In whole numbers that leaves out the points on the edge, where `inside` is 0, and no others.
    return inside - type(inside)(1)
