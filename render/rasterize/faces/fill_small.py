"""Small faces on a CPU: their samples are filled in squares of 4 x 4, side by side.

The same coverage and depth as in the kernel that fills the visibility buffer, to the bit: the same operations
in the same order. But hardly anything depends on how many samples a face has, which a processor could not
foresee.
"""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS
from render.rasterize.faces.blocks import write_blocks
from render.types.buffer import Visibility

wp.set_module_options(MODULE_OPTIONS)

# Not at the very end of the buffer, where there are no whole squares.
_FITS = "base + (y1 + 3) * stride + x1 + 3 < size"
_NOTE = """
            found[count] = face + group + i;
            count += is_found[i];
"""
# Samples of a square that are not the face's own are written as they were.
_FILL = """
        typedef long long Row __attribute__((ext_vector_type(4)));
        typedef long long Stored __attribute__((ext_vector_type(4), aligned(8)));
        const auto lay = [](long long* at, Row fresh) {
            *(Stored*)at = __builtin_elementwise_min((Row)*(Stored*)at, fresh);
        };
        const Ints columns = { 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3 };
        const Ints rows = { 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3 };
        const Floats column_places = __builtin_convertvector(columns, Floats);
        const Floats row_places = __builtin_convertvector(rows, Floats);
        float bx[W], by[W], cx[W], cy[W], scale[W], z[3][W], w[3][W];
        int is_flat[W];
        for (int i = 0; i < W; ++i) {
            // As `find_depth_plane` has it.
            bx[i] = b[i].x - a[i].x;
            by[i] = b[i].y - a[i].y;
            cx[i] = c[i].x - a[i].x;
            cy[i] = c[i].y - a[i].y;
            const float cross = bx[i] * cy[i] - by[i] * cx[i], whole = 1.0f / cross;
            scale[i] = cross != 0.0f ? whole : 0.0f;
            z[0][i] = a[i].z * a[i].w;
            z[1][i] = b[i].z * b[i].w - z[0][i];
            z[2][i] = c[i].z * c[i].w - z[0][i];
            w[0][i] = a[i].w;
            w[1][i] = b[i].w - a[i].w;
            w[2][i] = c[i].w - a[i].w;
            is_flat[i] = (w[0][i] == 1.0f) & (w[1][i] == 0.0f) & (w[2][i] == 0.0f);
        }
        for (int f = 0; f < least(W, count - group); ++f) {
            Ints inner[3];
            for (int k = 0; k < 3; ++k)
                inner[k] = 4096 * (rows * down[k][f] - columns * right[k][f]);
            const long long id = first_id + found[group + f];
            for (int y = first_y[f]; y <= last_y[f]; y += 4) {
                for (int x = first_x[f]; x <= last_x[f]; x += 4) {
                    // The sign is set where an edge leaves the sample out, or it is beyond the face's box.
                    Ints out = (last_x[f] - x - columns) | (last_y[f] - y - rows);
                    for (int k = 0; k < 3; ++k) {
                        const long long to_right = (long long)(x - first_x[f]) * right[k][f];
                        const long long to_bottom = (long long)(y - first_y[f]) * down[k][f];
                        out |= cut(edge[k][f] + 4096 * (to_bottom - to_right)) + inner[k];
                    }
                    // As `find_depth` has it.
                    const Floats dx = column_places + (float)x - (a[f].x - 0.5f);
                    const Floats dy = row_places + (float)y - (a[f].y - 0.5f);
                    const Floats wb = (dx * cy[f] - dy * cx[f]) * scale[f];
                    const Floats wc = (bx[f] * dy - by[f] * dx) * scale[f];
                    Floats depth = z[0][f] + wb * z[1][f] + wc * z[2][f];
                    if (!is_flat[f])
                        depth /= w[0][f] + wb * w[1][f] + wc * w[2][f];
                    depth = depth > near[f] ? depth : (Floats)near[f];
                    depth = depth < far[f] ? depth : (Floats)far[f];
                    // As `order_depth` has it.
                    Ints order = __builtin_bit_cast(Ints, depth);
                    order ^= (order >> 31) & 0x7FFFFFFF;
                    const Longs key = __builtin_convertvector(order, Longs) << 32 | id;
                    const Longs fresh = __builtin_convertvector(out, Longs) >= 0 ? key : (Longs)EMPTY;
                    long long* const at = keys.data + base + y * stride + x;
                    lay(at, __builtin_shufflevector(fresh, fresh, 0, 1, 2, 3));
                    lay(at + stride, __builtin_shufflevector(fresh, fresh, 4, 5, 6, 7));
                    lay(at + 2 * stride, __builtin_shufflevector(fresh, fresh, 8, 9, 10, 11));
                    lay(at + 3 * stride, __builtin_shufflevector(fresh, fresh, 12, 13, 14, 15));
                }
            }
        }
""".replace("EMPTY", f"{Visibility.EMPTY}LL")


# Fills what faces cover of rows top_px to bottom_px and columns left_px to right_px of a shot. Those of FACES
# from `face` on that are not small are in `left`; it returns how many they are.
@wp.func_native(write_blocks(from_centre=2048, fits=_FITS, note=_NOTE, rest=_FILL))
def fill_small_faces(
    face: wp.int32,
    end: wp.int32,
    faces: wp.array(dtype=wp.vec3i),
    first_vertex: wp.int32,
    verts: wp.array(dtype=wp.vec4f),
    grid: wp.array(dtype=wp.vec2i),
    culls: wp.bool,
    first_id: wp.int64,
    left_px: wp.int32,
    right_px: wp.int32,
    top_px: wp.int32,
    bottom_px: wp.int32,
    base: wp.int32,
    stride: wp.int32,
    size: wp.int32,
    left: wp.array(dtype=wp.int32),
    keys: wp.array(dtype=wp.int64),
) -> wp.int32: ...
