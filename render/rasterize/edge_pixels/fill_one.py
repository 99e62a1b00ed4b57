"""One face of any size into the samples of edge pixels."""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS, natural
from render.rasterize.depth_plane import DepthSlopes, find_depth_slopes
from render.rasterize.edge_pixels.samples import ROWS, SAMPLES, has_marks, read_slot
from render.rasterize.edges import SUBPIXEL_BITS, UNITS_PER_PX, covers_from, find_outline

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
    const float z = slopes.z + x * slopes.zx + y * slopes.zy, w = slopes.w + x * slopes.wx + y * slopes.wy;
    for (int i = 0; i < {count}; ++i) {{
        const float over_w = z + columns[i] * slopes.zx + rows[i] * slopes.zy;
        const float one_over_w = w + columns[i] * slopes.wx + rows[i] * slopes.wy;
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


# At each sample that has its bit in `inside` the nearest key stays. (x, y) is where the pixel's
# top-left corner is, from the face's first corner.
@wp.func_native(_write_lay_samples())
def lay_samples(
    slopes: DepthSlopes,
    x: wp.float32,
    y: wp.float32,
    inside: wp.int32,
    id: wp.int64,
    samples: wp.array(dtype=wp.int64),
    first: wp.int32,
): ...


@wp.func
def has_marks_in(
    bits: wp.array(dtype=wp.int32),
    base: wp.int32,
    stride: wp.int32,
    x0: wp.int32,
    x1: wp.int32,
    y0: wp.int32,
    y1: wp.int32,
) -> wp.bool:
    """Whether a box of pixels has marks; it says so of all that are wider than 32."""
    if x1 - x0 >= 32:
        return y0 <= y1
    if x0 > x1:
        return False
    found = wp.uint32(0)
    y = y0
    while y <= y1:
        found = found | has_marks(bits, base + y * stride + x0, x1 - x0 + 1)
        y += 1
    return found != wp.uint32(0)


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
    keys: wp.array(dtype=wp.int64),
    bits: wp.array(dtype=wp.int32),
    samples: wp.array(dtype=wp.int64),
):
    corners = faces[natural(face)]
    id = first_id + wp.int64(face)
    ga = grid[natural(first_vertex + corners[0])]
    gb = grid[natural(first_vertex + corners[1])]
    gc = grid[natural(first_vertex + corners[2])]
    x0 = wp.min(wp.min(ga[0], gb[0]), gc[0]) >> wp.int32(SUBPIXEL_BITS)
    x1 = wp.max(wp.max(ga[0], gb[0]), gc[0]) >> wp.int32(SUBPIXEL_BITS)
    y0 = wp.min(wp.min(ga[1], gb[1]), gc[1]) >> wp.int32(SUBPIXEL_BITS)
    y1 = wp.max(wp.max(ga[1], gb[1]), gc[1]) >> wp.int32(SUBPIXEL_BITS)
    is_small = x1 - x0 <= _MOST_SMALL and y1 - y0 <= _MOST_SMALL
    x0, x1 = wp.max(x0, left), wp.min(x1, right)
    y0, y1 = wp.max(y0, top), wp.min(y1, bottom)
    outline = find_outline(grid, first_vertex, corners, culls)
    # Most faces are done with these questions.
    if not outline.is_drawn or not has_marks_in(bits, base, stride, x0, x1, y0, y1):
        return
    ax, ay, bx, by, cx, cy = outline.ax, outline.ay, outline.bx, outline.by, outline.cx, outline.cy
    slopes = find_depth_slopes(
        verts[natural(first_vertex + corners[0])],
        verts[natural(first_vertex + corners[1])],
        verts[natural(first_vertex + corners[2])],
    )
    # Edges at the box's first pixel's top-left corner, and how they change from one pixel to the next.
    px, py = wp.int64(x0) * UNITS_PER_PX, wp.int64(y0) * UNITS_PER_PX
    row_ab = covers_from(ax, ay, bx, by, px, py)
    row_bc = covers_from(bx, by, cx, cy, px, py)
    row_ca = covers_from(cx, cy, ax, ay, px, py)
    abx, aby, bcx, bcy, cax, cay = bx - ax, by - ay, cx - bx, cy - by, ax - cx, ay - cy
    step = wp.int64(wp.static(_HALF_STEP))
    sabx, saby = wp.int32(abx * step), wp.int32(aby * step)
    sbcx, sbcy = wp.int32(bcx * step), wp.int32(bcy * step)
    scax, scay = wp.int32(cax * step), wp.int32(cay * step)
    y = y0
    while y <= y1:
        row = base + y * stride
        x = x0
        while x <= x1:
            width = wp.min(x1 - x + 1, 32)
            marked = has_marks(bits, row + x, width)
            while marked != wp.uint32(0):
                lowest = marked & (~marked + wp.uint32(1))
                marked = marked ^ lowest
                column = x + wp.int32(wp.bit_count(lowest - wp.uint32(1)))
                right_px = wp.int64(column - x0) * UNITS_PER_PX
                in_ab, in_bc, in_ca = (
                    row_ab - right_px * aby,
                    row_bc - right_px * bcy,
                    row_ca - right_px * cay,
                )
                inside = wp.int32(0)
                if is_small:
                    inside = find_inside_small(
                        wp.int32(in_ab),
                        sabx,
                        saby,
                        wp.int32(in_bc),
                        sbcx,
                        sbcy,
                        wp.int32(in_ca),
                        scax,
                        scay,
                    )
                else:
                    inside = find_inside_large(
                        in_ab,
                        abx * step,
                        aby * step,
                        in_bc,
                        bcx * step,
                        bcy * step,
                        in_ca,
                        cax * step,
                        cay * step,
                    )
                if inside != 0:
                    slot = read_slot(keys[natural(row + column)])
                    from_x, from_y = wp.float32(column) - slopes.x, wp.float32(y) - slopes.y
                    lay_samples(slopes, from_x, from_y, inside, id, samples, slot * SAMPLES)
            x += width
        row_ab += abx * UNITS_PER_PX
        row_bc += bcx * UNITS_PER_PX
        row_ca += cax * UNITS_PER_PX
        y += 1
