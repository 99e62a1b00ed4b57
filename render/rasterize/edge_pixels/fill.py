"""What is in front at the samples of edge pixels: the same coverage and depth as at the centres of all."""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS, natural
from render.rasterize.buffer import order_depth
from render.rasterize.depth_plane import find_depth, find_depth_plane
from render.rasterize.edge_pixels.samples import ROWS, SAMPLES, has_marks, read_slot, row_of
from render.rasterize.edges import SUBPIXEL_BITS, UNITS_PER_PX, covers_from, find_outline
from render.rasterize.kernel_views import Panels, Scene

wp.set_module_options(MODULE_OPTIONS)

# Half of a sixteenth of a pixel, in units of the grid.
_HALF_STEP = wp.constant(wp.int64(128))
# Of pixels from side to side of a face's box: what edges give then is less than 31 bits.
_MOST_SMALL = wp.constant(6)


# A loop of C++: Warp would unroll it, and the compiler makes vectors of loops only. Of two's complement numbers
# that are less than 31 or 63 bits in the end, so that nothing is lost between.
_SNIPPET = """
    constexpr int rows[] = {{ {rows} }};
    int outside = 0;
    for (int i = 0; i < {count}; ++i) {{
        const {integer} column = 2 * i + 1, row = rows[i];
        // The sign is set where one of the edges leaves the sample out.
        const {integer} out = (e + row * ex - column * ey) | (f + row * fx - column * fy)
            | (g + row * gx - column * gy);
        outside |= (int)(out >> {sign}) & (1 << i);
    }}
    return outside ^ {all};
"""


def _fill_snippet(integer: str, sign: int) -> str:
    rows = ", ".join(str(2 * row + 1) for row in ROWS)
    return _SNIPPET.format(rows=rows, count=SAMPLES, integer=integer, sign=sign, all=(1 << SAMPLES) - 1)


@wp.func_native(_fill_snippet("int", 31))
def find_inside_small(
    e: wp.int32,
    ex: wp.int32,
    ey: wp.int32,
    f: wp.int32,
    fx: wp.int32,
    fy: wp.int32,
    g: wp.int32,
    gx: wp.int32,
    gy: wp.int32,
) -> wp.int32: ...


@wp.func_native(_fill_snippet("long long", 63))
def find_inside_large(
    e: wp.int64,
    ex: wp.int64,
    ey: wp.int64,
    f: wp.int64,
    fx: wp.int64,
    fy: wp.int64,
    g: wp.int64,
    gx: wp.int64,
    gy: wp.int64,
) -> wp.int32: ...


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
    bits: wp.array(dtype=wp.int32),
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
        x0 = wp.int32(wp.min(wp.min(ax, bx), cx) >> SUBPIXEL_BITS)
        x1 = wp.int32(wp.max(wp.max(ax, bx), cx) >> SUBPIXEL_BITS)
        y0 = wp.int32(wp.min(wp.min(ay, by), cy) >> SUBPIXEL_BITS)
        y1 = wp.int32(wp.max(wp.max(ay, by), cy) >> SUBPIXEL_BITS)
        is_small = x1 - x0 <= _MOST_SMALL and y1 - y0 <= _MOST_SMALL
        x0, x1 = wp.max(x0, left), wp.min(x1, right)
        y0, y1 = wp.max(y0, top), wp.min(y1, bottom)
        y = y0
        while y <= y1:
            row = base + y * stride
            x = x0
            while x <= x1:
                # Most faces are done with this question.
                width = wp.min(x1 - x + 1, 32)
                marked = has_marks(bits, row + x, width)
                while marked != wp.uint32(0):
                    lowest = marked & (~marked + wp.uint32(1))
                    marked = marked ^ lowest
                    column = x + wp.int32(wp.bit_count(lowest - wp.uint32(1)))
                    px, py = wp.int64(column) * UNITS_PER_PX, wp.int64(y) * UNITS_PER_PX
                    in_ab = covers_from(ax, ay, bx, by, px, py)
                    in_bc = covers_from(bx, by, cx, cy, px, py)
                    in_ca = covers_from(cx, cy, ax, ay, px, py)
                    ab_x, ab_y = (bx - ax) * _HALF_STEP, (by - ay) * _HALF_STEP
                    bc_x, bc_y = (cx - bx) * _HALF_STEP, (cy - by) * _HALF_STEP
                    ca_x, ca_y = (ax - cx) * _HALF_STEP, (ay - cy) * _HALF_STEP
                    inside = wp.int32(0)
                    if is_small:
                        inside = find_inside_small(
                            wp.int32(in_ab),
                            wp.int32(ab_x),
                            wp.int32(ab_y),
                            wp.int32(in_bc),
                            wp.int32(bc_x),
                            wp.int32(bc_y),
                            wp.int32(in_ca),
                            wp.int32(ca_x),
                            wp.int32(ca_y),
                        )
                    else:
                        inside = find_inside_large(in_ab, ab_x, ab_y, in_bc, bc_x, bc_y, in_ca, ca_x, ca_y)
                    if inside != 0:
                        plane = find_depth_plane(
                            scene.verts[natural(first_vertex + corners[0])],
                            scene.verts[natural(first_vertex + corners[1])],
                            scene.verts[natural(first_vertex + corners[2])],
                        )
                        first_sample = read_slot(keys[natural(row + column)]) * SAMPLES
                        while inside != 0:
                            one = inside & (-inside)
                            inside = inside ^ one
                            sample = wp.int32(wp.bit_count(one - 1))
                            # Whole numbers stand for the middles of pixels.
                            sx = wp.float32(column) + (wp.float32(2 * sample + 1) / 32.0 - 0.5)
                            sy = wp.float32(y) + (wp.float32(2 * row_of(sample) + 1) / 32.0 - 0.5)
                            key = order_depth(find_depth(plane, sx, sy)) | id
                            wp.atomic_min(samples, natural(first_sample + sample), key)
                x += width
            y += 1
