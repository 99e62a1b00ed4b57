"""What is in front at the samples of edge pixels: the same coverage and depth as at the centres of all."""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS, natural
from render.rasterize.depth_plane import DepthSlopes, find_depth_plane, find_depth_slopes
from render.rasterize.edge_pixels.samples import ROWS, SAMPLES, has_marks, read_slot
from render.rasterize.edges import SUBPIXEL_BITS, UNITS_PER_PX, covers_from, find_outline
from render.rasterize.kernel_views import Panels, Scene

wp.set_module_options(MODULE_OPTIONS)

# Half of a step of the samples, in units of the grid.
_HALF_STEP = 4096 // (2 * SAMPLES)
# Of pixels from side to side of a face's box: what its edges give fits 31 bits then.
_MOST_SMALL = wp.constant(6)

# Loops of C++, for the compiler makes vectors of them: Warp unrolls its own, and takes three times as long.
# Whatever is added is less than 31 or 63 bits.
_FIND_INSIDE = """
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
_LAY_SAMPLES = """
    constexpr float columns[] = {{ {columns} }};
    constexpr float rows[] = {{ {rows} }};
    long long* keys = samples.data + first;
    for (int i = 0; i < {count}; ++i) {{
        const float over_w = slopes.z + columns[i] * slopes.zx + rows[i] * slopes.zy;
        const float one_over_w = slopes.w + columns[i] * slopes.wx + rows[i] * slopes.wy;
        const float depth = over_w / one_over_w;
        // A sample that snapping put into the face may lie outside of it as given.
        const float within = depth < slopes.near ? slopes.near : depth;
        union {{ float depth; int bits; }} order;
        order.depth = within > slopes.far ? slopes.far : within;
        // As `order_depth` has it.
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


def _write_find_inside(integer: str, sign: int) -> str:
    rows = ", ".join(str(2 * row + 1) for row in ROWS)
    return _FIND_INSIDE.format(rows=rows, count=SAMPLES, integer=integer, sign=sign, all=(1 << SAMPLES) - 1)


def _write_lay_samples() -> str:
    columns, rows = (
        ", ".join(f"{2 * at + 1}.0f / {2 * SAMPLES}.0f" for at in places) for places in (range(SAMPLES), ROWS)
    )
    return _LAY_SAMPLES.format(columns=columns, rows=rows, count=SAMPLES)


# A bit for each sample of a pixel that is inside of three edges. What `covers_from` says of the pixel's
# top-left corner is e, f and g; ex, ey and so on are how far the edges go, in half steps of the samples.
@wp.func_native(_write_find_inside("int", 31))
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


@wp.func_native(_write_find_inside("long long", 63))
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


# At each sample that has its bit in `inside` the nearest key stays. `slopes` are from the pixel's top-left
# corner.
@wp.func_native(_write_lay_samples())
def lay_samples(
    slopes: DepthSlopes, inside: wp.int32, id: wp.int64, samples: wp.array(dtype=wp.int64), first: wp.int32
): ...


@wp.func
def find_inside(
    ax: wp.int64, ay: wp.int64, bx: wp.int64, by: wp.int64, cx: wp.int64, cy: wp.int64, is_small: wp.bool
) -> wp.int32:
    """The samples of a pixel that are in a face, a bit each.

    Args:
        ax, ay, bx, by, cx, cy: Its corners, in units of the grid from the pixel's top-left corner.
        is_small: The face's box has no more than _MOST_SMALL pixels from side to side.
    """
    if is_small:
        sax, say, sbx, sby = wp.int32(ax), wp.int32(ay), wp.int32(bx), wp.int32(by)
        scx, scy = wp.int32(cx), wp.int32(cy)
        half = wp.static(_HALF_STEP)
        return find_inside_small(
            covers_from(sax, say, sbx, sby, 0, 0),
            (sbx - sax) * half,
            (sby - say) * half,
            covers_from(sbx, sby, scx, scy, 0, 0),
            (scx - sbx) * half,
            (scy - sby) * half,
            covers_from(scx, scy, sax, say, 0, 0),
            (sax - scx) * half,
            (say - scy) * half,
        )
    zero, step = wp.int64(0), wp.int64(wp.static(_HALF_STEP))
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
                    inside = find_inside(ax - px, ay - py, bx - px, by - py, cx - px, cy - py, is_small)
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
