"""Where in a face a point of the picture lies."""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS

wp.set_module_options(MODULE_OPTIONS)


@wp.func
def find_barycentric(a: wp.vec4f, b: wp.vec4f, c: wp.vec4f, x_px: wp.float32, y_px: wp.float32) -> wp.vec3f:
    """Perspective-correct barycentric coordinates of the point (x, y) of the picture in the face a, b, c.

    Areas are ratios of the vertices as given. Where snapping put the centre of a sample into a face that it
    lies a hair outside of, they are brought back into it.

    Args:
        a, b, c: Vertices of the face, as `Placements` has them.
        x_px, y_px: The point, in samples of the shot.
    """
    abx, aby = b[0] - a[0], b[1] - a[1]
    acx, acy = c[0] - a[0], c[1] - a[1]
    dx, dy = x_px - a[0], y_px - a[1]
    cross = abx * acy - aby * acx
    wb = wp.float32(0.0)
    wc = wp.float32(0.0)
    # A face that has an area on the fixed-point grid may have none as given: its first corner stands for it.
    if cross != 0.0:
        scale = 1.0 / cross
        wb = wp.clamp((dx * acy - dy * acx) * scale, 0.0, 1.0)
        wc = wp.clamp((abx * dy - aby * dx) * scale, 0.0, 1.0 - wb)
    # 1/w is linear on the picture: Blinn, "Hyperbolic Interpolation", 1992.
    wa = (1.0 - wb - wc) * a[3]
    wb = wb * b[3]
    wc = wc * c[3]
    # Not 0: faces with a vertex behind the near plane, where 1/w is 0, are not drawn.
    scale_w = 1.0 / (wa + wb + wc)
    return wp.vec3f(wa * scale_w, wb * scale_w, wc * scale_w)
