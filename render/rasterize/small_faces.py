"""Faces of a few samples on a CPU: eight samples of a row side by side.

The same coverage and depth as in the kernel that fills the visibility buffer, to the bit: the same operations
in the same order. But nothing depends on how many samples a face has, which a processor could not foresee.
"""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS
from render.rasterize.depth_plane import DepthPlane

wp.set_module_options(MODULE_OPTIONS)

# Samples of a row; a face that is wider is none of these.
WIDTH = wp.constant(8)

# Loops of C++, for the compiler makes vectors of them.
_LAY = """
#if !defined(__CUDA_ARCH__)
    long long* row = keys.data + first;
    long long ab[WIDTH], bc[WIDTH], ca[WIDTH];
    for (int i = 0; i < WIDTH; ++i) {
        ab[i] = row_ab - i * right_ab;
        bc[i] = row_bc - i * right_bc;
        ca[i] = row_ca - i * right_ca;
    }
    for (int y = y0; y <= y1; ++y) {
        const float dy = (float)y - plane.y;
        for (int i = 0; i < WIDTH; ++i) {
            // As `find_depth` has it.
            const float dx = (float)(x0 + i) - plane.x;
            const float wb = (dx * plane.c[1] - dy * plane.c[0]) * plane.scale;
            const float wc = (plane.b[0] * dy - plane.b[1] * dx) * plane.scale;
            const float over_w = plane.z[0] + wb * plane.z[1] + wc * plane.z[2];
            const float one_over_w = plane.w[0] + wb * plane.w[1] + wc * plane.w[2];
            const float depth = plane.is_flat ? over_w : over_w / one_over_w;
            const float within = depth > plane.near ? depth : plane.near;
            union { float depth; int bits; } order;
            order.depth = within < plane.far ? within : plane.far;
            // As `order_depth` has it.
            order.bits ^= (order.bits >> 31) & 0x7FFFFFFF;
            const long long key = ((long long)order.bits << 32) | id;
            // The sign is set where one of the edges leaves the sample out.
            const bool is_inside = ((ab[i] | bc[i] | ca[i]) >= 0) & (x0 + i <= x1);
            row[i] = is_inside & (key < row[i]) ? key : row[i];
            ab[i] += down_ab;
            bc[i] += down_bc;
            ca[i] += down_ca;
        }
        row += stride;
    }
#endif
""".replace("WIDTH", str(WIDTH))


# At each sample of a box of at most WIDTH columns that is inside of three edges the nearest key stays.
# `first` is the index of the box's first sample; `row_ab` is what `covers_from` says of it, `right_ab` how
# much less that is a sample to the right, `down_ab` how much more a sample down. Of each row WIDTH keys are
# read, and those that are not of the box are written as they were.
@wp.func_native(_LAY)
def lay_small_face(
    plane: DepthPlane,
    x0: wp.int32,
    x1: wp.int32,
    y0: wp.int32,
    y1: wp.int32,
    row_ab: wp.int64,
    row_bc: wp.int64,
    row_ca: wp.int64,
    right_ab: wp.int64,
    right_bc: wp.int64,
    right_ca: wp.int64,
    down_ab: wp.int64,
    down_bc: wp.int64,
    down_ca: wp.int64,
    id: wp.int64,
    first: wp.int32,
    stride: wp.int32,
    keys: wp.array(dtype=wp.int64),
): ...
