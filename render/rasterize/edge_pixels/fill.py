"""What is in front at the samples of edge pixels: the same coverage and depth as at the centres of all."""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS, natural
from render.rasterize.buffer import order_depth
from render.rasterize.depth_plane import find_depth, find_depth_plane
from render.rasterize.edge_pixels.samples import ROWS, SAMPLES, is_mark, read_slot
from render.rasterize.edges import SUBPIXEL_BITS, UNITS_PER_PX, covers_from, find_outline
from render.rasterize.kernel_views import Panels, Scene

wp.set_module_options(MODULE_OPTIONS)

_rows = wp.constant(wp.types.vector(length=SAMPLES, dtype=wp.int32)(*ROWS))
# Half of a sixteenth of a pixel, in units of the grid.
_HALF_STEP = wp.constant(wp.int64(128))


@wp.func
def leave_out(inside: wp.int64, dx: wp.int64, dy: wp.int64, column: wp.int32, row: wp.int32) -> wp.int64:
    """Negative where an edge leaves a sample out; `inside` is of the pixel's top-left corner."""
    return inside + wp.int64(2 * row + 1) * dx - wp.int64(2 * column + 1) * dy


# Each of a placement's `lanes` threads takes `lane_faces` faces, as in the kernel that fills the buffer.
@wp.kernel
def fill_edge_pixels(
    first_placement: wp.int32,
    first_row: wp.int32,
    end_row: wp.int32,
    origin: wp.int64,
    lane_faces: wp.int32,
    lanes: wp.int32,
    scene: Scene,
    grid: wp.array(dtype=wp.vec2i),
    cull: wp.array(dtype=wp.int32),
    panels: Panels,
    keys: wp.array(dtype=wp.int64),
    samples: wp.array(dtype=wp.int64),
):
    thread = wp.tid()
    placement = first_placement + thread / lanes
    face = (thread % lanes) * lane_faces
    end = wp.min(face + lane_faces, scene.faces.shape[0])
    p = scene.panel[placement]
    r = panels.rect[p]
    above = panels.first_row[p]
    left, right = r[0], r[0] + r[2] - 1
    top = wp.max(r[1], first_row - above)
    bottom = wp.min(r[1] + r[3], end_row - above) - 1
    if left > right or top > bottom:
        return
    stride = panels.stride[p]
    base = wp.int32(panels.start[p] - origin)
    culls = cull[placement] != 0
    first_vertex = placement * scene.vert_count
    first_id = wp.int64(placement) * wp.int64(scene.faces.shape[0])
    while face < end:
        corners = scene.faces[natural(face)]
        id = first_id + wp.int64(face)
        face += 1
        outline = find_outline(grid, first_vertex, corners, culls)
        if not outline.is_drawn:
            continue
        ax, ay, bx, by, cx, cy = outline.ax, outline.ay, outline.bx, outline.by, outline.cx, outline.cy
        x0 = wp.max(wp.int32(wp.min(wp.min(ax, bx), cx) >> SUBPIXEL_BITS), left)
        x1 = wp.min(wp.int32(wp.max(wp.max(ax, bx), cx) >> SUBPIXEL_BITS), right)
        y0 = wp.max(wp.int32(wp.min(wp.min(ay, by), cy) >> SUBPIXEL_BITS), top)
        y1 = wp.min(wp.int32(wp.max(wp.max(ay, by), cy) >> SUBPIXEL_BITS), bottom)
        y = y0
        while y <= y1:
            x = x0
            while x <= x1:
                mark = keys[natural(base + y * stride + x)]
                # Most faces are done with this question.
                if is_mark(mark):
                    px, py = wp.int64(x) * UNITS_PER_PX, wp.int64(y) * UNITS_PER_PX
                    in_ab = covers_from(ax, ay, bx, by, px, py)
                    in_bc = covers_from(bx, by, cx, cy, px, py)
                    in_ca = covers_from(cx, cy, ax, ay, px, py)
                    ab_x, ab_y = (bx - ax) * _HALF_STEP, (by - ay) * _HALF_STEP
                    bc_x, bc_y = (cx - bx) * _HALF_STEP, (cy - by) * _HALF_STEP
                    ca_x, ca_y = (ax - cx) * _HALF_STEP, (ay - cy) * _HALF_STEP
                    inside = wp.int32(0)
                    for i in range(SAMPLES):
                        out = (
                            leave_out(in_ab, ab_x, ab_y, i, _rows[i])
                            | leave_out(in_bc, bc_x, bc_y, i, _rows[i])
                            | leave_out(in_ca, ca_x, ca_y, i, _rows[i])
                        )
                        inside = inside | (wp.int32(wp.int64(1) + (out >> wp.int64(63))) << i)
                    if inside != 0:
                        plane = find_depth_plane(
                            scene.verts[natural(first_vertex + corners[0])],
                            scene.verts[natural(first_vertex + corners[1])],
                            scene.verts[natural(first_vertex + corners[2])],
                        )
                        first_sample = read_slot(mark) * SAMPLES
                        while inside != 0:
                            lowest = inside & (-inside)
                            inside = inside ^ lowest
                            sample = wp.int32(wp.bit_count(lowest - 1))
                            # Whole numbers stand for the middles of pixels.
                            sx = wp.float32(x) + (wp.float32(2 * sample + 1) / 32.0 - 0.5)
                            sy = wp.float32(y) + (wp.float32(2 * _rows[sample] + 1) / 32.0 - 0.5)
                            key = order_depth(find_depth(plane, sx, sy)) | id
                            wp.atomic_min(samples, natural(first_sample + sample), key)
                x += 1
            y += 1
