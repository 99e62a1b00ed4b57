"""One face of any size into the visibility buffer."""

from __future__ import annotations

import warp as wp

from render.compute.kernels import MODULE_OPTIONS, natural
from render.rasterize.buffer import make_index_row, make_index_sample, order_depth
from render.rasterize.depth_plane import find_depth, find_depth_plane
from render.rasterize.edges import HALF_PX, SUBPIXEL_BITS, UNITS_PER_PX, covers_from, find_outline

wp.set_module_options(MODULE_OPTIONS)


def make_fill_face(is_supersampled: bool) -> wp.Function:
    """Makes what fills the samples that a face covers.

    Args:
        is_supersampled: For shots of more than one sample a pixel.

    Returns:
        A Warp function from the face, its placement's vertices and ids, the columns and rows of samples that
        may be filled, the shot's place in the buffer and its sample `bits`, and the keys.
    """
    index_row, index_sample = make_index_row(is_supersampled), make_index_sample(is_supersampled)

    @wp.func
    def fill_face(
        face: wp.int32,
        faces: wp.array(dtype=wp.vec3i),
        verts: wp.array(dtype=wp.vec4f),
        grid: wp.array(dtype=wp.vec2i),
        first_vertex: wp.int32,
        first_id: wp.int64,
        culls: wp.bool,
        left: wp.int32,
        right: wp.int32,
        top: wp.int32,
        bottom: wp.int32,
        base: wp.int32,
        stride: wp.int32,
        bits: wp.int32,
        keys: wp.array(dtype=wp.int64),
    ):
        corners = faces[natural(face)]
        id = first_id + wp.int64(face)
        outline = find_outline(grid, first_vertex, corners, culls)
        if not outline.is_drawn:
            return
        ax, ay, bx, by, cx, cy = outline.ax, outline.ay, outline.bx, outline.by, outline.cx, outline.cy

        # The first centre at or right of x is ceil((x - half) / unit), the last left of it the floor.
        least_x, most_x = wp.min(wp.min(ax, bx), cx), wp.max(wp.max(ax, bx), cx)
        least_y, most_y = wp.min(wp.min(ay, by), cy), wp.max(wp.max(ay, by), cy)
        x0 = wp.max(wp.int32((least_x + HALF_PX - wp.int64(1)) >> SUBPIXEL_BITS), left)
        x1 = wp.min(wp.int32((most_x - HALF_PX) >> SUBPIXEL_BITS), right)
        y0 = wp.max(wp.int32((least_y + HALF_PX - wp.int64(1)) >> SUBPIXEL_BITS), top)
        y1 = wp.min(wp.int32((most_y - HALF_PX) >> SUBPIXEL_BITS), bottom)
        if x0 > x1 or y0 > y1:
            return

        # Edges at the first centre; from there on each step right or down adds or takes the same.
        px = wp.int64(x0) * UNITS_PER_PX + HALF_PX
        py = wp.int64(y0) * UNITS_PER_PX + HALF_PX
        row_ab = covers_from(ax, ay, bx, by, px, py)
        row_bc = covers_from(bx, by, cx, cy, px, py)
        row_ca = covers_from(cx, cy, ax, ay, px, py)
        right_ab, down_ab = (by - ay) * UNITS_PER_PX, (bx - ax) * UNITS_PER_PX
        right_bc, down_bc = (cy - by) * UNITS_PER_PX, (cx - bx) * UNITS_PER_PX
        right_ca, down_ca = (ay - cy) * UNITS_PER_PX, (ax - cx) * UNITS_PER_PX
        plane = find_depth_plane(
            verts[natural(first_vertex + corners[0])],
            verts[natural(first_vertex + corners[1])],
            verts[natural(first_vertex + corners[2])],
        )

        if x1 - x0 < 8 and y1 - y0 < 8:
            # Most faces are small. Which of 8 x 8 samples they cover is found without a branch, which
            # a processor could not foresee, and only those are gone through.
            inside = wp.uint64(0)
            columns = (wp.uint64(2) << wp.uint64(x1 - x0)) - wp.uint64(1)
            line = wp.int32(0)
            while y0 + line <= y1:
                found = wp.uint64(0)
                for i in range(8):
                    # The sign bit of `out` is set where one of the three edges leaves the sample out.
                    step = wp.int64(i)
                    out = row_ab - step * right_ab | row_bc - step * right_bc | row_ca - step * right_ca
                    found = found | (wp.uint64(wp.int64(1) + (out >> wp.int64(63))) << wp.uint64(i))
                inside = inside | ((found & columns) << wp.uint64(8 * line))
                row_ab += down_ab
                row_bc += down_bc
                row_ca += down_ca
                line += 1
            while inside != wp.uint64(0):
                # The lowest bit, and its number, which is that of the bits below it.
                lowest = inside & (~inside + wp.uint64(1))
                inside = inside ^ lowest
                bit = wp.int32(wp.bit_count(lowest - wp.uint64(1)))
                x = x0 + (bit & 7)
                y = y0 + (bit >> 3)
                key = order_depth(find_depth(plane, wp.float32(x), wp.float32(y))) | id
                wp.atomic_min(keys, index_sample(index_row(base, stride, y, bits), x, bits), key)
            return

        # Large faces: row by row, one sample after the other.
        y = y0
        while y <= y1:
            in_ab = row_ab
            in_bc = row_bc
            in_ca = row_ca
            row = index_row(base, stride, y, bits)
            x = x0
            while x <= x1:
                if (in_ab | in_bc | in_ca) >= wp.int64(0):
                    key = order_depth(find_depth(plane, wp.float32(x), wp.float32(y))) | id
                    wp.atomic_min(keys, index_sample(row, x, bits), key)
                in_ab -= right_ab
                in_bc -= right_bc
                in_ca -= right_ca
                x += 1
            row_ab += down_ab
            row_bc += down_bc
            row_ca += down_ca
            y += 1

    return fill_face
