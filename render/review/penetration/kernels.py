"""Rays through closed surfaces: where they cross one, and how long it is wound around them twice."""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS, natural
from render.labels.joint_kernels import find_turn

wp.set_module_options(MODULE_OPTIONS)

# Of the fixed-point grid, in a cell; the ray of a cell goes through its centre.
UNITS_PER_CELL = 256
# Crossings that are kept of a ray. Bodies have six or eight where limbs cross, and more in hands.
MOST_CROSSINGS = 32

# Cells that are tried of a body, all faces together: a hundred times those of a body, a tenth of a second.
MOST_TRIED = 10_000_000

_UNITS = wp.constant(UNITS_PER_CELL)
_HALF = wp.constant(UNITS_PER_CELL // 2)
_MOST = wp.constant(MOST_CROSSINGS)
_MOST_TRIED = wp.constant(wp.int64(MOST_TRIED))


@wp.func
def find_depth(
    a: wp.vec2i,
    b: wp.vec2i,
    c: wp.vec2i,
    p: wp.vec2i,
    depth_a: wp.float32,
    depth_b: wp.float32,
    depth_c: wp.float32,
) -> wp.float32:
    """The depth of a face, which covers a point of the grid, at that point."""
    abx, aby = wp.float64(b[0] - a[0]), wp.float64(b[1] - a[1])
    acx, acy = wp.float64(c[0] - a[0]), wp.float64(c[1] - a[1])
    apx, apy = wp.float64(p[0] - a[0]), wp.float64(p[1] - a[1])
    area = abx * acy - aby * acx
    of_b = (apx * acy - apy * acx) / area
    of_c = (abx * apy - aby * apx) / area
    from_a = of_b * wp.float64(depth_b - depth_a) + of_c * wp.float64(depth_c - depth_a)
    return wp.float32(wp.float64(depth_a) + from_a)


# A thread a face; none does anything once `tried` is more than `MOST_TRIED`. The order in which a ray
# has its crossings is that of threads; `measure_rays` sorts them.
@wp.kernel
def note_crossings(
    faces: wp.array(dtype=wp.vec3i),
    grid: wp.array(dtype=wp.vec2i),
    depth_m: wp.array(dtype=wp.float32),
    width: wp.int32,
    tried: wp.array(dtype=wp.int64),
    count: wp.array(dtype=wp.int32),
    crossings: wp.array2d(dtype=wp.vec2f),
):
    corners = faces[wp.tid()]
    a = grid[natural(corners[0])]
    b = grid[natural(corners[1])]
    c = grid[natural(corners[2])]
    low = wp.min(wp.min(a, b), c)
    high = wp.max(wp.max(a, b), c)
    # Cells whose centres are in the box around the face; the grid has no negative places.
    top, bottom = (low[1] + _HALF - 1) / _UNITS, (high[1] + _HALF) / _UNITS
    left, right = (low[0] + _HALF - 1) / _UNITS, (high[0] + _HALF) / _UNITS
    cells = wp.int64(wp.max(bottom - top, 0)) * wp.int64(wp.max(right - left, 0))
    if wp.atomic_add(tried, 0, cells) + cells > _MOST_TRIED:
        return
    for row in range(top, bottom):
        for column in range(left, right):
            p = wp.vec2i(column * _UNITS + _HALF, row * _UNITS + _HALF)
            turn = find_turn(a, b, c, p)
            if turn != 0:
                ray = row * width + column
                slot = wp.atomic_add(count, ray, 1)
                if slot < _MOST:
                    depth = find_depth(
                        a,
                        b,
                        c,
                        p,
                        depth_m[natural(corners[0])],
                        depth_m[natural(corners[1])],
                        depth_m[natural(corners[2])],
                    )
                    crossings[natural(ray), natural(slot)] = wp.vec2f(depth, wp.float32(turn))


# A thread a ray. Crossings at the same depth may come in any order: nothing lies between them.
@wp.kernel
def measure_rays(
    count: wp.array(dtype=wp.int32),
    crossings: wp.array2d(dtype=wp.vec2f),
    twice_m: wp.array(dtype=wp.float64),
):
    ray = wp.tid()
    found = count[ray]
    length = wp.float64(0.0)
    # Fewer than four are of one part; of too many some are lost.
    if found >= 4 and found <= _MOST:
        for i in range(1, found):
            moved = crossings[ray, i]
            at = i
            while at > 0 and crossings[ray, wp.max(at - 1, 0)][0] > moved[0]:
                crossings[ray, at] = crossings[ray, at - 1]
                at -= 1
            crossings[ray, at] = moved
        winding = wp.float32(0.0)
        for i in range(found - 1):
            winding += crossings[ray, i][1]
            if wp.abs(winding) >= 2.0:
                length += wp.float64(crossings[ray, i + 1][0]) - wp.float64(crossings[ray, i][0])
        # It has come in through a hole, or not out again.
        if winding + crossings[ray, found - 1][1] != 0.0:
            length = wp.float64(0.0)
    twice_m[ray] = length
