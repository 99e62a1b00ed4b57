"""The depth of a face over the picture."""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS

wp.set_module_options(MODULE_OPTIONS)


@wp.struct
class DepthPlane:
    """A face's depth over the picture: depth over w and 1/w are planes.

    Attributes:
        x, y: Its first corner, as seen from the corners of the samples.
        b, c: From there to the other two.
        scale: 1 / their cross product.
        z, w: Depth over w and 1/w at the first corner, and by how much those of the others differ.
        is_flat: 1/w is 1 throughout.
        near, far: Its least and greatest depth.
    """

    x: wp.float32
    y: wp.float32
    b: wp.vec2f
    c: wp.vec2f
    scale: wp.float32
    z: wp.vec3f
    w: wp.vec3f
    is_flat: wp.bool
    near: wp.float32
    far: wp.float32


@wp.func
def find_depth_plane(a: wp.vec4f, b: wp.vec4f, c: wp.vec4f) -> DepthPlane:
    plane = DepthPlane()
    # Half a sample less, so that whole numbers, which name samples, stand for their centres.
    plane.x = a[0] - 0.5
    plane.y = a[1] - 0.5
    plane.b = wp.vec2f(b[0] - a[0], b[1] - a[1])
    plane.c = wp.vec2f(c[0] - a[0], c[1] - a[1])
    cross = plane.b[0] * plane.c[1] - plane.b[1] * plane.c[0]
    # A face that has an area on the grid may have none as given. Then `scale` stays 0, and its depth is that
    # of its first corner.
    if cross != 0.0:
        plane.scale = 1.0 / cross
    za = a[2] * a[3]
    plane.z = wp.vec3f(za, b[2] * b[3] - za, c[2] * c[3] - za)
    plane.w = wp.vec3f(a[3], b[3] - a[3], c[3] - a[3])
    plane.is_flat = plane.w == wp.vec3f(1.0, 0.0, 0.0)
    plane.near = wp.min(wp.min(a[2], b[2]), c[2])
    plane.far = wp.max(wp.max(a[2], b[2]), c[2])
    return plane


@wp.func
def find_depth(plane: DepthPlane, x: wp.float32, y: wp.float32) -> wp.float32:
    """The depth at (x, y), and within the face's own depths.

    Args:
        plane: Of the face.
        x, y: In samples; whole numbers stand for the centres of the samples of these numbers.
    """
    dx = x - plane.x
    dy = y - plane.y
    wb = (dx * plane.c[1] - dy * plane.c[0]) * plane.scale
    wc = (plane.b[0] * dy - plane.b[1] * dx) * plane.scale
    depth = plane.z[0] + wb * plane.z[1] + wc * plane.z[2]
    # Only perspective needs the division.
    if not plane.is_flat:
        depth = depth / (plane.w[0] + wb * plane.w[1] + wc * plane.w[2])
    # A centre that snapping put into the face may lie outside of it as given.
    return wp.clamp(depth, plane.near, plane.far)


@wp.struct
class DepthSlopes:
    """The depth of a face over the picture, for many points with few operations each.

    Attributes:
        x, y: Its first corner, in samples.
        z, zx, zy: Depth over w there, and by how much more it is a sample to the right, and one down.
        w, wx, wy: The same of 1/w.
        near, far: The face's least and greatest depth.
    """

    x: wp.float32
    y: wp.float32
    z: wp.float32
    zx: wp.float32
    zy: wp.float32
    w: wp.float32
    wx: wp.float32
    wy: wp.float32
    near: wp.float32
    far: wp.float32


@wp.func
def find_depth_slopes(a: wp.vec4f, b: wp.vec4f, c: wp.vec4f) -> DepthSlopes:
    plane = find_depth_plane(a, b, c)
    bx, by = plane.c[1] * plane.scale, -plane.c[0] * plane.scale
    cx, cy = -plane.b[1] * plane.scale, plane.b[0] * plane.scale
    slopes = DepthSlopes()
    slopes.x = a[0]
    slopes.y = a[1]
    slopes.z = plane.z[0]
    slopes.zx = bx * plane.z[1] + cx * plane.z[2]
    slopes.zy = by * plane.z[1] + cy * plane.z[2]
    slopes.w = plane.w[0]
    slopes.wx = bx * plane.w[1] + cx * plane.w[2]
    slopes.wy = by * plane.w[1] + cy * plane.w[2]
    slopes.near = plane.near
    slopes.far = plane.far
    return slopes
