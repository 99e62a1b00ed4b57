"""From a key of the visibility buffer back to the point of the surface that it stands for."""

import warp as wp

from render.kernels import MODULE_OPTIONS
from render.types import Visibility

wp.set_module_options(MODULE_OPTIONS)

EMPTY = wp.constant(wp.int64(Visibility.EMPTY))
_ID_MASK = wp.constant(wp.int64(0xFFFFFFFF))


@wp.struct
class Hit:
    """What is in front at a sample: its draw and face, and the sample (x, y) in samples of the panel."""

    draw: wp.int32
    face: wp.int32
    x: wp.int32
    y: wp.int32


@wp.func
def read_hit(
    index: wp.int64,
    key: wp.int64,
    face_count: wp.int32,
    panel: wp.array(dtype=wp.int32),
    rect: wp.array(dtype=wp.vec4i),
    sample_bits: wp.array(dtype=wp.int32),
    start: wp.array(dtype=wp.int64),
) -> Hit:
    """Takes apart the key at flat index `index` of the visibility buffer."""
    # Divisions of 64 bits cost several times those of 32.
    id = wp.uint32(key & _ID_MASK)
    draw = id / wp.uint32(face_count)
    hit = Hit()
    hit.draw = wp.int32(draw)
    hit.face = wp.int32(id - draw * wp.uint32(face_count))
    p = panel[hit.draw]
    r = rect[p]
    bits = sample_bits[p]
    local = wp.int32(index - start[p])
    pixel = local >> (2 * bits)
    sample = local - (pixel << (2 * bits))
    line = pixel / r[2]
    hit.x = ((r[0] + pixel - line * r[2]) << bits) + (sample & ((1 << bits) - 1))
    hit.y = ((r[1] + line) << bits) + (sample >> bits)
    return hit


@wp.func
def find_barycentric(a: wp.vec4f, b: wp.vec4f, c: wp.vec4f, x: wp.int32, y: wp.int32) -> wp.vec3f:
    """Perspective-correct barycentric coordinates of the centre of sample (x, y) in the face a, b, c.

    Areas are ratios of the vertices as given. Where snapping put the centre of a sample into a face that it
    lies a hair outside of, they are brought back into it.
    """
    abx, aby = b[0] - a[0], b[1] - a[1]
    acx, acy = c[0] - a[0], c[1] - a[1]
    dx = wp.float32(x) + 0.5 - a[0]
    dy = wp.float32(y) + 0.5 - a[1]
    cross = abx * acy - aby * acx
    wb = wp.float32(0.0)
    wc = wp.float32(0.0)
    if cross != 0.0:
        scale = 1.0 / cross
        wb = wp.clamp((dx * acy - dy * acx) * scale, 0.0, 1.0)
        wc = wp.clamp((abx * dy - aby * dx) * scale, 0.0, 1.0 - wb)
    # 1/w is linear on the picture: Blinn, "Hyperbolic Interpolation", 1992.
    wa = (1.0 - wb - wc) * a[3]
    wb = wb * b[3]
    wc = wc * c[3]
    scale_w = 1.0 / (wa + wb + wc)
    return wp.vec3f(wa * scale_w, wb * scale_w, wc * scale_w)
