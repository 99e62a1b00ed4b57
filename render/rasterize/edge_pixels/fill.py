"""What is in front at the samples of edge pixels: the same coverage and depth as at the centres of all."""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS, natural
from render.rasterize.depth_plane import DepthSlopes, find_depth_plane, find_depth_slopes
from render.rasterize.edge_pixels.samples import ROWS, SAMPLES, has_marks, read_slot
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


_lay_snippet = f"""
    constexpr float columns[] = {{ {", ".join(f"{2 * i + 1}.0f / 32.0f" for i in range(SAMPLES))} }};
    constexpr float rows[] = {{ {", ".join(f"{2 * row + 1}.0f / 32.0f" for row in ROWS)} }};
    long long* keys = samples.data + first;
    for (int i = 0; i < {SAMPLES}; ++i) {{
        const float over_w = slopes.z + columns[i] * slopes.zx + rows[i] * slopes.zy;
        const float one_over_w = slopes.w + columns[i] * slopes.wx + rows[i] * slopes.wy;
        const float depth = over_w / one_over_w;
        const float within = depth < slopes.near ? slopes.near : depth;
        union {{ float depth; int bits; }} order;
        order.depth = within > slopes.far ? slopes.far : within;
        order.bits ^= (order.bits >> 31) & 0x7FFFFFFF;
        const long long key = ((long long)order.bits << 32) | id;
#if defined(__CUDA_ARCH__)
        if (inside >> i & 1)
            atomicMin(keys + i, key);
#else
        const long long nearer = key < keys[i] ? key : keys[i];
        keys[i] = inside >> i & 1 ? nearer : keys[i];
#endif
    }}
"""


@wp.func_native(_lay_snippet)
def lay_samples(
    slopes: DepthSlopes, inside: wp.int32, id: wp.int64, samples: wp.array(dtype=wp.int64), first: wp.int32
): ...


@wp.func
def find_inside_of_small(
    ax: wp.int32, ay: wp.int32, bx: wp.int32, by: wp.int32, cx: wp.int32, cy: wp.int32
) -> wp.int32:
    """The samples of a pixel that are in a face, a bit each; corners are given from the pixel's own."""
    return find_inside_small(
        covers_from(ax, ay, bx, by, 0, 0),
        (bx - ax) * 128,
        (by - ay) * 128,
        covers_from(bx, by, cx, cy, 0, 0),
        (cx - bx) * 128,
        (cy - by) * 128,
        covers_from(cx, cy, ax, ay, 0, 0),
        (ax - cx) * 128,
        (ay - cy) * 128,
    )


@wp.func
def find_inside_of_large(
    ax: wp.int64, ay: wp.int64, bx: wp.int64, by: wp.int64, cx: wp.int64, cy: wp.int64
) -> wp.int32:
    """As `find_inside_of_small`, for faces of any size."""
    zero, step = wp.int64(0), wp.int64(128)
    return find_inside_large(
        covers_from(ax, ay, bx, by, zero, zero),
        (bx - ax) * step,
        (by - ay) * step,
        covers_from(bx, by, cx, cy, zero, zero),
        (cx - bx) * step,
        (cy - by) * step,
        covers_from(cx, cy, ax, ay, zero, zero),
        (ax - cx) * step,
        (ay - cy) * step,
    )


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
                    # From the pixel's top-left corner.
                    px, py = wp.int64(column) * UNITS_PER_PX, wp.int64(y) * UNITS_PER_PX
                    inside = wp.int32(0)
                    if is_small:
                        inside = find_inside_of_small(
                            wp.int32(ax - px),
                            wp.int32(ay - py),
                            wp.int32(bx - px),
                            wp.int32(by - py),
                            wp.int32(cx - px),
                            wp.int32(cy - py),
                        )
                    else:
                        inside = find_inside_of_large(ax - px, ay - py, bx - px, by - py, cx - px, cy - py)
                    if inside != 0:
                        plane = find_depth_plane(
                            scene.verts[natural(first_vertex + corners[0])],
                            scene.verts[natural(first_vertex + corners[1])],
                            scene.verts[natural(first_vertex + corners[2])],
                        )
                        slot = read_slot(keys[natural(row + column)])
                        # Whole numbers stand for the middles of pixels.
                        slopes = find_depth_slopes(plane, wp.float32(column) - 0.5, wp.float32(y) - 0.5)
                        lay_samples(slopes, inside, id, samples, slot * SAMPLES)
                x += width
            y += 1
