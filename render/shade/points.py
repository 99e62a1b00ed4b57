"""What the kernels that colour pixels have in common: a body's point, and a colour over what is there."""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS, natural
from render.light.rays import KEY, find_origin, trace_light
from render.rasterize.barycentric import find_barycentric
from render.rasterize.kernel_views import Scene
from render.shade.mode import Mode
from render.shade.surface_point import Surface, SurfacePoint
from render.shade.texels import read_rgb, sample_texture

wp.set_module_options(MODULE_OPTIONS)

# What interpolation may add to a depth, as a share of it.
ROUNDING = wp.constant(1.0e-6)


@wp.func
def quantize(value: wp.float32) -> wp.uint8:
    """0..1 to 0..255, rounded to nearest."""
    return wp.uint8(wp.int32(255.0 * wp.clamp(value, 0.0, 1.0) + 0.5))


@wp.func
def find_height(a: wp.vec4f, b: wp.vec4f, c: wp.vec4f) -> wp.float32:
    """The distance of a from the line through b and c, on the picture."""
    bc = wp.vec2f(c[0] - b[0], c[1] - b[1])
    area = bc[0] * (a[1] - b[1]) - bc[1] * (a[0] - b[0])
    return wp.abs(area) / wp.max(wp.length(bc), 1.0e-6)


def make_find_surface(faces_viewer: bool) -> wp.Function:
    """Makes what finds where in its face a point lies, and which way the surface faces there.

    Args:
        faces_viewer: Normals of what is seen do not point away from the viewer, as interpolated ones do near
            outlines.

    Returns:
        A Warp function from the scene, placement and face, `x` and `y` in samples of the shot, to a
        `Surface`.
    """

    @wp.func
    def find_surface(
        scene: Scene, placement: wp.int32, face: wp.int32, x: wp.float32, y: wp.float32
    ) -> Surface:
        # Vertices are the placement's, for it has them on its shot; normals are the body's.
        corners = scene.faces[natural(face)]
        first = placement * scene.vert_count
        a, b, c = (
            scene.verts[natural(first + corners[0])],
            scene.verts[natural(first + corners[1])],
            scene.verts[natural(first + corners[2])],
        )
        weight = find_barycentric(a, b, c, x, y)
        own = scene.body[natural(placement)] * scene.vert_count
        n = (
            weight[0] * scene.normals[natural(own + corners[0])]
            + weight[1] * scene.normals[natural(own + corners[1])]
            + weight[2] * scene.normals[natural(own + corners[2])]
        )
        # Turning keeps lengths, so what a mode does not use of the normal need not be turned.
        n = scene.rotation[natural(placement)] * (n * (1.0 / wp.max(wp.length(n), 1.0e-30)))
        if wp.static(faces_viewer):
            # In the view z is away. Where a face shows its outside, so does the surface; y is down, so that
            # its area is negative there.
            is_outside = (b[0] - a[0]) * (c[1] - a[1]) < (b[1] - a[1]) * (c[0] - a[0])
            if n[2] > 0.0 and is_outside:
                aside = wp.sqrt(n[0] * n[0] + n[1] * n[1])
                n = wp.vec3f(n[0], n[1], 0.0) * (1.0 / wp.max(aside, 1.0e-30))
        surface = Surface()
        surface.weight = weight
        surface.normal = n
        surface.depth = weight[0] * a[2] + weight[1] * b[2] + weight[2] * c[2]
        return surface

    return find_surface


def make_find_point(mode: Mode, has_rays: bool = False) -> wp.Function:
    """Makes what finds a point of a body, with only those of its fields that the mode may read.

    Args:
        mode: The mode.
        has_rays: The light of the studio is found by rays from the point, where the mode needs it.

    Returns:
        A Warp function from the scene, the shot's least and greatest depth, placement and face, the
        `Surface` there, `x` and `y` in samples of the shot, and its sample `bits`, to a `SurfacePoint`.
    """
    needs_charts, needs_edges = mode.needs_charts, mode.needs_edges
    needs_texture, needs_colors = mode.needs_texture, mode.needs_colors
    needs_values = mode.needs_values
    needs_light, needs_rays = mode.needs_light, mode.needs_light and has_rays
    needs_maps = mode.needs_light and not has_rays

    @wp.func
    def find_point(
        scene: Scene,
        depth_range: wp.vec2f,
        placement: wp.int32,
        face: wp.int32,
        surface: Surface,
        x: wp.float32,
        y: wp.float32,
        bits: wp.int32,
    ) -> SurfacePoint:
        corners = scene.faces[natural(face)]
        first = placement * scene.vert_count
        own = scene.body[natural(placement)] * scene.vert_count
        weight, n, depth = surface.weight, surface.normal, surface.depth
        point = SurfacePoint()
        # From y down and z away to y up and z towards the viewer.
        point.normal = wp.vec3f(n[0], -n[1], -n[2])
        # What lies in one plane, facing the eye, is all nearest: it differs by rounding alone.
        span = depth_range[1] - depth_range[0]
        if span > ROUNDING * wp.max(wp.abs(depth_range[0]), wp.abs(depth_range[1])):
            point.depth = wp.clamp((depth - depth_range[0]) / span, 0.0, 1.0)
        point.instance = scene.instance[placement]
        point.colour = scene.colour[placement]
        if wp.static(needs_edges):
            # A corner's weight is the distance from the edge across from it over the corner's own, with
            # perspective nearly so. Heights are in samples, a mode's distances in pixels.
            a, b, c = (
                scene.verts[natural(first + corners[0])],
                scene.verts[natural(first + corners[1])],
                scene.verts[natural(first + corners[2])],
            )
            ha, hb, hc = find_height(a, b, c), find_height(b, c, a), find_height(c, a, b)
            pixel = 1.0 / wp.float32(1 << bits)
            point.face_px = pixel * wp.min(wp.min(ha, hb), hc)
            point.edge_px = pixel * wp.min(wp.min(weight[0] * ha, weight[1] * hb), weight[2] * hc)
        if wp.static(needs_charts):
            point.part = scene.part[face]
            point.uv = (
                weight[0] * scene.uv[3 * face]
                + weight[1] * scene.uv[3 * face + 1]
                + weight[2] * scene.uv[3 * face + 2]
            )
        if wp.static(needs_texture):
            texture_uv = (
                weight[0] * scene.texture_uv[3 * face]
                + weight[1] * scene.texture_uv[3 * face + 1]
                + weight[2] * scene.texture_uv[3 * face + 2]
            )
            point.texture_rgb = sample_texture(scene.texels, texture_uv)
        if wp.static(needs_colors):
            body = scene.body[natural(placement)]
            point.vertex_rgb = (
                weight[0] * read_rgb(scene.colors, body, corners[0])
                + weight[1] * read_rgb(scene.colors, body, corners[1])
                + weight[2] * read_rgb(scene.colors, body, corners[2])
            )
        if wp.static(needs_values):
            of_body = scene.body[natural(placement)]
            point.value = scene.value_scale * (
                weight[0] * scene.values[of_body, corners[0]]
                + weight[1] * scene.values[of_body, corners[1]]
                + weight[2] * scene.values[of_body, corners[2]]
            )
        if wp.static(needs_light):
            rig = scene.rig[natural(placement)]
            point.rig_normal = rig * point.normal
            point.rig_view = wp.vec3f(rig[0, 2], rig[1, 2], rig[2, 2])
        if wp.static(needs_rays):
            lit_body = scene.body[natural(placement)]
            turn = scene.stage_turn[natural(lit_body)]
            places, ways = wp.mat33f(), wp.mat33f()
            for i in range(3):
                at = own + corners[i]
                places[i] = scene.stage_verts[natural(at)]
                ways[i] = turn * wp.normalize(scene.normals[natural(at)])
            # Not the one that faces the viewer: what reaches a point is the same in all views.
            outward = wp.normalize(weight[0] * ways[0] + weight[1] * ways[1] + weight[2] * ways[2])
            light = trace_light(
                scene.mesh[natural(lit_body)],
                scene.ray_count,
                find_origin(scene.mesh[natural(lit_body)], weight, places, ways, outward),
                outward,
                scene.to_stage[natural(placement)] * KEY,
                scene.stage_ground[natural(lit_body)],
                wp.int32(x),
                wp.int32(y),
                bits,
            )
            point.sky = light[0]
            point.floor = light[1]
            point.key = light[2]
        if wp.static(needs_maps):
            # What reaches a body is the same in all of its views; the key light goes with the viewer.
            ambient = (
                weight[0] * scene.ambient[natural(own + corners[0])]
                + weight[1] * scene.ambient[natural(own + corners[1])]
                + weight[2] * scene.ambient[natural(own + corners[2])]
            )
            point.sky = ambient[0]
            point.floor = ambient[1]
            point.key = (
                weight[0] * scene.key[natural(first + corners[0])]
                + weight[1] * scene.key[natural(first + corners[1])]
                + weight[2] * scene.key[natural(first + corners[2])]
            )
        return point

    return find_point


def make_lay_over(channels: int) -> wp.Function:
    """Makes what lays a colour over a pixel.

    Args:
        channels: 3 for RGB, 4 for RGBA.

    Returns:
        A Warp function from `colour` and `alpha`, 0 to 1, the index `at` of the pixel's first byte, and
        `pixels`.
    """

    @wp.func
    def lay_over(colour: wp.vec3f, alpha: wp.float32, at: wp.int32, pixels: wp.array(dtype=wp.uint8)):
        # Most are opaque, and then what is below need not be read.
        if alpha == 1.0:
            for i in range(3):
                pixels[natural(at + i)] = quantize(colour[i])
            if wp.static(channels == 4):
                pixels[natural(at + 3)] = wp.uint8(255)
            return
        if wp.static(channels == 4):
            # Over, with straight alpha: Porter and Duff, "Compositing Digital Images", 1984.
            below = wp.float32(pixels[natural(at + 3)]) / 255.0 * (1.0 - alpha)
            whole = alpha + below
            for i in range(3):
                mixed = alpha * colour[i] + below * wp.float32(pixels[natural(at + i)]) / 255.0
                pixels[natural(at + i)] = quantize(mixed / whole)
            pixels[natural(at + 3)] = quantize(whole)
        else:
            for i in range(3):
                mixed = alpha * colour[i] + (1.0 - alpha) * wp.float32(pixels[natural(at + i)]) / 255.0
                pixels[natural(at + i)] = quantize(mixed)

    return lay_over


def make_lay_shaded(channels: int, is_label: bool) -> wp.Function:
    """Makes what lays what a mode gives over a pixel.

    Args:
        channels: 3 for RGB, 4 for RGBA.
        is_label: Whether it is opaque whatever `opacity` says.

    Returns:
        A Warp function from RGB with coverage, the `opacity`, the index `at` of the pixel's first byte, and
        `pixels`.
    """
    lay_over = make_lay_over(channels)

    @wp.func
    def lay_shaded(shaded: wp.vec4f, opacity: wp.float32, at: wp.int32, pixels: wp.array(dtype=wp.uint8)):
        if shaded[3] > 0.0:
            alpha = wp.float32(1.0)
            if not wp.static(is_label):
                alpha = opacity * shaded[3]
            lay_over(wp.vec3f(shaded[0], shaded[1], shaded[2]), alpha, at, pixels)

    return lay_shaded
