"""Small faces at edge pixels, on a CPU: the sixteen samples of a pixel are filled side by side.

The same coverage and depth as in the kernel that fills edge pixels, to the bit.
"""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS
from render.rasterize.edge_pixels.samples import ROWS, SAMPLES
from render.rasterize.faces.blocks import FACES, write_blocks
from render.types.buffer import Visibility

wp.set_module_options(MODULE_OPTIONS)

# The marks of a box of 8 x 8 pixels fit 64 bits.
_FITS = "(x1 - x0 < 8) & (y1 - y0 < 8)"
_NOTE = """
            if (!is_found[i])
                continue;
            // Most faces are done with this question.
            unsigned long long all = 0;
#pragma clang loop vectorize(disable)
            for (int row = 0; row <= (high_px[i] | 3); ++row) {
                // Up to the third whether the box has that many or not, for a processor foresees that.
                const int line = least(row, high_px[i]), at = base + (box_y[i] + line) * stride + box_x[i];
                unsigned short window;
                __builtin_memcpy(&window, (const char*)bits.data + (at >> 3), 2);
                all |= (unsigned long long)(window >> (at & 7) & ((2 << wide_px[i]) - 1)) << 8 * line;
            }
            found[count] = face + group + i;
            marks[count] = all;
            count += all != 0;
"""
_FILL = """
        const Ints columns = { COLUMNS }, rows = { ROWS };
        const Floats column_shares = __builtin_convertvector(columns, Floats) / 32.0f;
        const Floats row_shares = __builtin_convertvector(rows, Floats) / 32.0f;
        float z[W], zx[W], zy[W], w[W], wx[W], wy[W];
        for (int i = 0; i < W; ++i) {
            // As `find_depth_slopes` has it.
            const float ab_x = b[i].x - a[i].x, ab_y = b[i].y - a[i].y;
            const float ac_x = c[i].x - a[i].x, ac_y = c[i].y - a[i].y;
            const float cross = ab_x * ac_y - ab_y * ac_x, whole = 1.0f / cross;
            const float scale = cross != 0.0f ? whole : 0.0f;
            const float bx = ac_y * scale, by = -ac_x * scale, cx = -ab_y * scale, cy = ab_x * scale;
            z[i] = a[i].z * a[i].w;
            w[i] = a[i].w;
            const float zb = b[i].z * b[i].w - z[i], zc = c[i].z * c[i].w - z[i];
            const float wb = b[i].w - w[i], wc = c[i].w - w[i];
            zx[i] = bx * zb + cx * zc;
            zy[i] = by * zb + cy * zc;
            wx[i] = bx * wb + cx * wc;
            wy[i] = by * wb + cy * wc;
        }
        for (int f = 0; f < least(W, count - group); ++f) {
            Ints inner[3];
            for (int k = 0; k < 3; ++k)
                inner[k] = 128 * (rows * down[k][f] - columns * right[k][f]);
            const Floats z_right = column_shares * zx[f], z_down = row_shares * zy[f];
            const Floats w_right = column_shares * wx[f], w_down = row_shares * wy[f];
            const long long id = first_id + found[group + f];
            for (unsigned long long marked = marks[group + f]; marked != 0; marked &= marked - 1) {
                const int bit = __builtin_ctzll(marked), column = bit & 7, row = bit >> 3;
                // The sign is set where an edge leaves the sample out.
                Ints out = 0;
                for (int k = 0; k < 3; ++k) {
                    const long long moved = (long long)row * down[k][f] - (long long)column * right[k][f];
                    out |= cut(edge[k][f] + 4096 * moved) + inner[k];
                }
                const float x = (float)(first_x[f] + column) - a[f].x, y = (float)(first_y[f] + row) - a[f].y;
                const Floats over_w = z[f] + x * zx[f] + y * zy[f] + z_right + z_down;
                Floats depth = over_w / (w[f] + x * wx[f] + y * wy[f] + w_right + w_down);
                // A sample that snapping put into the face may lie outside of it as given.
                depth = depth < near[f] ? (Floats)near[f] : depth;
                depth = depth > far[f] ? (Floats)far[f] : depth;
                // As `order_depth` has it.
                Ints order = __builtin_bit_cast(Ints, depth);
                order ^= (order >> 31) & 0x7FFFFFFF;
                const Longs key = __builtin_convertvector(order, Longs) << 32 | id;
                const Longs fresh = __builtin_convertvector(out, Longs) >= 0 ? key : (Longs)EMPTY;
                // The slot is in the lower half of a mark.
                typedef long long Stored __attribute__((ext_vector_type(16), aligned(8)));
                const int slot = (int)keys.data[base + (first_y[f] + row) * stride + first_x[f] + column];
                Stored* const at = (Stored*)(samples.data + 16 * slot);
                *at = __builtin_elementwise_min((Longs)*at, fresh);
            }
        }
"""


def _write_fill() -> str:
    columns, rows = (", ".join(str(2 * at + 1) for at in places) for places in (range(SAMPLES), ROWS))
    fill = _FILL.replace("COLUMNS", columns).replace("ROWS", rows).replace("EMPTY", f"{Visibility.EMPTY}LL")
    return f"    unsigned long long marks[{FACES}];\n" + write_blocks(0, _FITS, _NOTE, fill)


# Fills the samples of marked pixels, as its namesake does those of the buffer; `bits` has the marks.
@wp.func_native(_write_fill())
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
    left: wp.array(dtype=wp.int32),
    keys: wp.array(dtype=wp.int64),
    bits: wp.array(dtype=wp.int32),
    samples: wp.array(dtype=wp.int64),
) -> wp.int32: ...
