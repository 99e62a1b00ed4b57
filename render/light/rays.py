"""What light of the studio reaches a point, found by rays: the quality for figures.

Of a point's rays one half is spread over the hemisphere above it, for the light of the sky and of the floor,
and one half over the disc of the key light. Everything is in the stage space of a sheet: m, relative to the
sheet's middle, with y down.
"""

from __future__ import annotations

import math

import warp as wp

from render.compute.kernels import MODULE_OPTIONS
from render.light.directions import KEY_RADIUS_RAD, KEY_WAY
from render.light.sequence import begin_points, find_point_of_square

wp.set_module_options(MODULE_OPTIONS)

# Longer than any scene.
FAR_M = wp.constant(wp.float32(1.0e6))
# How far above its face a ray starts, so that it does not meet that face: m, and as a share of the distance
# from the middle, for the last bits of float32.
LIFT_M = wp.constant(wp.float32(2.0e-4))
LIFT_SHARE = wp.constant(wp.float32(2.0e-6))
_LENGTH = math.hypot(*KEY_WAY)
KEY = wp.constant(wp.vec3f(*(way / _LENGTH for way in KEY_WAY)))
# Of the cap of the sphere that the key light takes: its height.
KEY_CAP = wp.constant(wp.float32(1.0 - math.cos(KEY_RADIUS_RAD)))
QUARTER_PI = wp.constant(wp.float32(0.7853981633974483))
AMBIENT_SEED = wp.constant(wp.uint32(0x9E3779B9))
GROUND_SEED = wp.constant(wp.uint32(0x94D049BB))
KEY_SEED = wp.constant(wp.uint32(0x7F4A7C15))


@wp.func
def find_smooth_place(
    place: wp.vec3f,
    weight: wp.vec3f,
    corners: wp.mat33f,
    normals: wp.mat33f,
) -> wp.vec3f:
    """Where a point of a face would lie on the smooth surface that the face stands for.

    A ray from the flat face of a round body meets its neighbours, and the border of the shadow shows the
    faces. From here it does not: Hanika, "Hacking the Shadow Terminator", 2021.

    Args:
        place: The point.
        weight: Its barycentric coordinates.
        corners: Of the face, a row each.
        normals: Of the corners, a row each, of unit length.
    """
    smooth = place
    for i in range(3):
        below = wp.dot(place - corners[i], normals[i])
        smooth = smooth - (weight[i] * wp.min(below, 0.0)) * normals[i]
    return smooth


@wp.func
def find_origin(
    mesh: wp.uint64, weight: wp.vec3f, corners: wp.mat33f, normals: wp.mat33f, normal: wp.vec3f
) -> wp.vec3f:
    """Where the rays of a point of a face start.

    Args:
        mesh: All bodies of the sheet.
        weight: The point's barycentric coordinates.
        corners: Of the face, a row each.
        normals: Of the corners, a row each, of unit length.
        normal: Of the point.
    """
    flat = weight[0] * corners[0] + weight[1] * corners[1] + weight[2] * corners[2]
    across = wp.cross(corners[1] - corners[0], corners[2] - corners[0])
    size = wp.length(across)
    # A face without an area has no side.
    out = normal
    if size > 0.0:
        out = across * (1.0 / size)
        if wp.dot(out, normal) < 0.0:
            out = -out
    lift = LIFT_M + LIFT_SHARE * wp.max(wp.abs(flat))
    origin = flat + lift * out
    moved = find_smooth_place(flat, weight, corners, normals) - flat
    length = wp.length(moved)
    if length == 0.0:
        return origin
    # Where limbs reach into one another, the smooth place may lie in the other limb, where it is dark.
    if wp.mesh_query_ray_anyhit(mesh, origin, moved * (1.0 / length), length):
        return origin
    return origin + moved


@wp.func
def spread_on_disc(point: wp.vec2f) -> wp.vec2f:
    """A point of the unit disc for one of the unit square: Shirley and Chiu, "A Low Distortion Map", 1997."""
    a, b = 2.0 * point[0] - 1.0, 2.0 * point[1] - 1.0
    is_wide = wp.abs(a) > wp.abs(b)
    radius, other = b, a
    if is_wide:
        radius, other = a, b
    if radius == 0.0:
        return wp.vec2f()
    angle = QUARTER_PI * other / radius
    square = angle * angle
    # Polynomials, for sines round in another way on each device; up to an eighth of a turn they are as good.
    sine = angle * (1.0 - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0)))
    cosine = 1.0 - square / 2.0 * (1.0 - square / 12.0 * (1.0 - square / 30.0 * (1.0 - square / 56.0)))
    if is_wide:
        return radius * wp.vec2f(cosine, sine)
    return radius * wp.vec2f(sine, cosine)


@wp.func
def find_aside(normal: wp.vec3f) -> wp.vec3f:
    """A direction at right angles: Duff et al., "Building an Orthonormal Basis, Revisited", 2017."""
    sign = wp.where(normal[2] < 0.0, -1.0, 1.0)
    x, y = normal[0], normal[1]
    a = -sign / (sign + normal[2])
    return wp.vec3f(1.0 + x * x * a, x * y * a, -sign * x)


@wp.func
def lean_towards(point: wp.vec2f, normal: wp.vec3f) -> wp.vec3f:
    """A direction of the hemisphere around a normal, more of them the nearer to it: Malley's method.

    Args:
        point: Of the unit square.
        normal: Of unit length.
    """
    at = spread_on_disc(point)
    aside = find_aside(normal)
    # Lifted from the disc to the hemisphere, directions have the cosine's share.
    rise = wp.sqrt(wp.max(1.0 - wp.dot(at, at), 0.0))
    return at[0] * aside + at[1] * wp.cross(normal, aside) + rise * normal


@wp.func
def see_ground(
    mesh: wp.uint64, origin: wp.vec3f, towards: wp.vec3f, ground: wp.float32, number: wp.uint32
) -> wp.float32:
    """How bright the floor is that a ray downwards meets: 1 where a ray from there on meets the sky.

    Args:
        mesh: All bodies of the sheet.
        origin: Of the ray.
        towards: Its direction.
        ground: y of the floor; where that is NaN, all that is below is as bright.
        number: Of the ray's point, by which the way on is chosen.
    """
    along = wp.max(ground - origin[1], 0.0) / wp.max(towards[1], 1.0e-3)
    # Written so that NaN is passed over. The greater of NaN and 0 may be 0, so `along` need not be NaN.
    if not (ground < FAR_M and along < FAR_M):
        return 1.0
    up = wp.vec3f(0.0, -1.0, 0.0)
    start = origin + along * towards
    start = wp.vec3f(start[0], ground - LIFT_M, start[2])
    way = lean_towards(find_point_of_square(number, GROUND_SEED), up)
    if wp.mesh_query_ray_anyhit(mesh, start, way, FAR_M):
        return 0.0
    return 1.0


@wp.func
def trace_light(
    mesh: wp.uint64,
    count: wp.int32,
    origin: wp.vec3f,
    normal: wp.vec3f,
    key: wp.vec3f,
    ground: wp.float32,
    x: wp.int32,
    y: wp.int32,
    bits: wp.int32,
) -> wp.vec3f:
    """What light reaches a point: of the sky, of the floor and of the key light, as `Light` has them.

    Args:
        mesh: All bodies of the sheet.
        count: Rays a pixel, a power of 2.
        origin: Where they start.
        normal: Of the point, of unit length.
        key: Where the key light is, of unit length.
        ground: y of the floor, NaN where there is none.
        x, y: The pixel; where pixels have 4 ** bits samples each, the sample.
        bits: 0 where a pixel has one sample. Its samples share the rays.
    """
    half = wp.max(count >> (1 + 2 * bits), 1)
    first = begin_points(x, y, half)
    sky, floor = wp.float32(0.0), wp.float32(0.0)
    for i in range(half):
        number = first + wp.uint32(i)
        towards = lean_towards(find_point_of_square(number, AMBIENT_SEED), normal)
        if not wp.mesh_query_ray_anyhit(mesh, origin, towards, FAR_M):
            if towards[1] < 0.0:
                sky += 1.0
            else:
                floor += see_ground(mesh, origin, towards, ground, number)
    aside = find_aside(key)
    across = wp.cross(key, aside)
    seen, whole = wp.float32(0.0), wp.float32(0.0)
    for i in range(half):
        at = spread_on_disc(find_point_of_square(first + wp.uint32(i), KEY_SEED))
        # Even by solid angle, for the cap's height grows evenly with its area.
        drop = KEY_CAP * wp.dot(at, at)
        wide = wp.sqrt(KEY_CAP * (2.0 - drop))
        towards = (1.0 - drop) * key + wide * (at[0] * aside + at[1] * across)
        lean = wp.dot(towards, normal)
        if lean > 0.0:
            whole += lean
            if not wp.mesh_query_ray_anyhit(mesh, origin, towards, FAR_M):
                seen += lean
    # What is below the horizon counts on neither side.
    share = wp.float32(1.0)
    if whole > 0.0:
        share = seen / whole
    return wp.vec3f(sky / wp.float32(half), floor / wp.float32(half), share)
