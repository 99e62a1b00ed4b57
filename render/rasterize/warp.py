"""The visibility kernel: one thread a (draw, face), the nearest face of each pixel wins.

Coverage is decided in 64-bit fixed point with the top-left rule (Direct3D 11 functional specification,
3.4.2), so a closed surface has no holes and no pixel of a shared edge is drawn twice. Depth and barycentric
coordinates come from the vertices as given, not as snapped.
"""

from __future__ import annotations

import warp as wp

from render.kernels import MODULE_OPTIONS, launch
from render.rasterize.edges import (
    HALF_PX,
    SUBPIXEL_BITS,
    UNITS_PER_PX,
    covers_from,
    is_drawable,
    snap_to_grid,
)
from render.types import Draws, Visibility

wp.set_module_options(MODULE_OPTIONS)


@wp.func
def order_depth(depth: wp.float32) -> wp.int64:
    """A signed 32-bit integer that sorts as the float does, shifted to a key's upper half."""
    bits = wp.cast(depth, wp.int32)
    if bits < 0:
        bits = bits ^ wp.int32(0x7FFFFFFF)
    return wp.int64(bits) << wp.int64(32)


@wp.kernel
def fill_visibility(
    verts: wp.array2d(dtype=wp.vec4f),
    faces: wp.array2d(dtype=wp.int32),
    panel: wp.array(dtype=wp.int32),
    cull: wp.array(dtype=wp.int32),
    rect: wp.array(dtype=wp.vec4i),
    sample_bits: wp.array(dtype=wp.int32),
    start: wp.array(dtype=wp.int64),
    first_draw: wp.int32,
    keys: wp.array(dtype=wp.int64),
):
    thread_draw, face = wp.tid()
    draw = first_draw + thread_draw
    a = verts[draw, faces[face, 0]]
    b = verts[draw, faces[face, 1]]
    c = verts[draw, faces[face, 2]]
    if not (is_drawable(a) and is_drawable(b) and is_drawable(c)):
        return

    # y is down, so a face that turns its outside to the viewer has negative area.
    ax, ay = snap_to_grid(a[0]), snap_to_grid(a[1])
    bx, by = snap_to_grid(b[0]), snap_to_grid(b[1])
    cx, cy = snap_to_grid(c[0]), snap_to_grid(c[1])
    area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    if area == wp.int64(0) or (area > wp.int64(0) and cull[draw] != 0):
        return
    if area < wp.int64(0):
        sx, sy = bx, by
        bx, by = cx, cy
        cx, cy = sx, sy

    p = panel[draw]
    pixels = rect[p]
    sample_bit = sample_bits[p]
    mask = (1 << sample_bit) - 1
    r = wp.vec4i(
        pixels[0] << sample_bit, pixels[1] << sample_bit, pixels[2] << sample_bit, pixels[3] << sample_bit
    )
    # The first pixel centre at or right of x is ceil((x - half) / unit), the last at or left of it the floor.
    x0 = wp.max(wp.int32((wp.min(wp.min(ax, bx), cx) + HALF_PX - wp.int64(1)) >> SUBPIXEL_BITS), r[0])
    x1 = wp.min(wp.int32((wp.max(wp.max(ax, bx), cx) - HALF_PX) >> SUBPIXEL_BITS), r[0] + r[2] - 1)
    y0 = wp.max(wp.int32((wp.min(wp.min(ay, by), cy) + HALF_PX - wp.int64(1)) >> SUBPIXEL_BITS), r[1])
    y1 = wp.min(wp.int32((wp.max(wp.max(ay, by), cy) - HALF_PX) >> SUBPIXEL_BITS), r[1] + r[3] - 1)
    if x0 > x1 or y0 > y1:
        return

    px = wp.int64(x0) * UNITS_PER_PX + HALF_PX
    py = wp.int64(y0) * UNITS_PER_PX + HALF_PX
    row_ab = covers_from(ax, ay, bx, by, px, py)
    row_bc = covers_from(bx, by, cx, cy, px, py)
    row_ca = covers_from(cx, cy, ax, ay, px, py)

    # Depth over w and 1/w are planes over the picture.
    abx, aby = b[0] - a[0], b[1] - a[1]
    acx, acy = c[0] - a[0], c[1] - a[1]
    cross = abx * acy - aby * acx
    scale = wp.float32(0.0)
    if cross != 0.0:
        scale = 1.0 / cross
    za, zb, zc = a[2] * a[3], b[2] * b[3], c[2] * c[3]
    near = wp.min(wp.min(a[2], b[2]), c[2])
    far = wp.max(wp.max(a[2], b[2]), c[2])
    id = wp.int64(draw) * wp.int64(faces.shape[0]) + wp.int64(face)

    for y in range(y0, y1 + 1):
        in_ab = row_ab
        in_bc = row_bc
        in_ca = row_ca
        dy = wp.float32(y) + 0.5 - a[1]
        row = ((y >> sample_bit) - pixels[1]) * pixels[2] - pixels[0]
        sample_row = (y & mask) << sample_bit
        for x in range(x0, x1 + 1):
            if (in_ab | in_bc | in_ca) >= wp.int64(0):
                dx = wp.float32(x) + 0.5 - a[0]
                wb = (dx * acy - dy * acx) * scale
                wc = (abx * dy - aby * dx) * scale
                depth = za + wb * (zb - za) + wc * (zc - za)
                inv_w = a[3] + wb * (b[3] - a[3]) + wc * (c[3] - a[3])
                depth = wp.clamp(depth / inv_w, near, far)
                index = ((row + (x >> sample_bit)) << (2 * sample_bit)) + sample_row + (x & mask)
                wp.atomic_min(keys, wp.int32(start[p]) + index, order_depth(depth) | id)
            in_ab -= (by - ay) * UNITS_PER_PX
            in_bc -= (cy - by) * UNITS_PER_PX
            in_ca -= (ay - cy) * UNITS_PER_PX
        row_ab += (bx - ax) * UNITS_PER_PX
        row_bc += (cx - bx) * UNITS_PER_PX
        row_ca += (ax - cx) * UNITS_PER_PX


def rasterize(draws: Draws, visibility: Visibility, panels: range) -> None:
    """Draws all draws of `panels` into `visibility`, in place.

    Panels share no memory, so threads may each take their own range of them. On the CPU one panel must not be
    split between threads.
    """
    first, end = int(visibility.first_draw[panels.start]), int(visibility.first_draw[panels.stop])
    device = draws.verts.device
    launch(
        fill_visibility,
        (end - first, len(draws.faces)),
        [
            draws.verts,
            draws.faces,
            draws.panel,
            draws.cull,
            visibility.rect,
            visibility.sample_bits,
            visibility.start.to(device),
            first,
            visibility.keys,
        ],
        device,
    )
