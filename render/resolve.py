"""Colours the covered pixels of a visibility buffer, straight into the sheets."""

from __future__ import annotations

from functools import cache

import torch
import warp as wp

from render.kernels import MODULE_OPTIONS, launch
from render.shade import load_mode
from render.surface import EMPTY, Hit, find_barycentric, read_hit
from render.surface_point import SurfacePoint
from render.types import Bodies, Canvas, Charts, Draws, People, Visibility

wp.set_module_options(MODULE_OPTIONS)

CPU_SPAN = 256


@wp.struct
class Scene:
    """All that a point of a surface is read from; the fields are those of the types of their names."""

    verts: wp.array2d(dtype=wp.vec4f)
    faces: wp.array2d(dtype=wp.int32)
    normals: wp.array2d(dtype=wp.vec3f)
    rotation: wp.array(dtype=wp.mat33f)
    body: wp.array(dtype=wp.int32)
    panel: wp.array(dtype=wp.int32)
    instance: wp.array(dtype=wp.int32)
    row: wp.array(dtype=wp.int32)
    part: wp.array(dtype=wp.int32)
    uv: wp.array2d(dtype=wp.vec2f)
    near: wp.array(dtype=wp.float32)
    depth_scale: wp.array(dtype=wp.float32)


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


@cache
def make_resolve(mode: str, channels: int) -> wp.Kernel:
    """The resolve kernel of a mode for RGB or RGBA: a thread resolves `span` pixels of the visibility buffer.

    The mode's function is compiled into it, with only those of a point's fields that it may read.
    """
    described = load_mode(mode)
    shade, is_label, needs_charts = described.shade, described.is_label, described.needs_charts
    needs_edges = described.needs_edges

    @wp.func
    def find_point(scene: Scene, hit: Hit, sample_bits: wp.array(dtype=wp.int32)) -> SurfacePoint:
        ia, ib, ic = scene.faces[hit.face, 0], scene.faces[hit.face, 1], scene.faces[hit.face, 2]
        a, b, c = scene.verts[hit.draw, ia], scene.verts[hit.draw, ib], scene.verts[hit.draw, ic]
        weight = find_barycentric(a, b, c, hit.x, hit.y)
        m = scene.body[hit.draw]
        p = scene.panel[hit.draw]
        n = (
            weight[0] * scene.normals[m, ia]
            + weight[1] * scene.normals[m, ib]
            + weight[2] * scene.normals[m, ic]
        )
        n = wp.normalize(scene.rotation[hit.draw] * n)
        point = SurfacePoint()
        point.normal = wp.vec3f(n[0], -n[1], -n[2])
        depth = weight[0] * a[2] + weight[1] * b[2] + weight[2] * c[2]
        point.depth = wp.clamp((depth - scene.near[p]) * scene.depth_scale[p], 0.0, 1.0)
        point.instance = scene.instance[hit.draw]
        point.row = scene.row[hit.draw]
        if wp.static(needs_edges):
            ha, hb, hc = find_height(a, b, c), find_height(b, c, a), find_height(c, a, b)
            pixel = 1.0 / wp.float32(1 << sample_bits[p])
            point.face_px = pixel * wp.min(wp.min(ha, hb), hc)
            point.edge_px = pixel * wp.min(wp.min(weight[0] * ha, weight[1] * hb), weight[2] * hc)
        if wp.static(needs_charts):
            point.part = scene.part[hit.face]
            point.uv = (
                weight[0] * scene.uv[hit.face, 0]
                + weight[1] * scene.uv[hit.face, 1]
                + weight[2] * scene.uv[hit.face, 2]
            )
        return point

    @wp.kernel(module="unique", module_options=MODULE_OPTIONS)
    def resolve(
        first: wp.int64,
        pixel_count: wp.int32,
        span: wp.int32,
        samples: wp.int32,
        opacity: wp.float32,
        keys: wp.array(dtype=wp.int64),
        rect: wp.array(dtype=wp.vec4i),
        sample_bits: wp.array(dtype=wp.int32),
        start: wp.array(dtype=wp.int64),
        panel_start: wp.array(dtype=wp.int64),
        panel_stride: wp.array(dtype=wp.int32),
        scene: Scene,
        pixels: wp.array(dtype=wp.uint8),
    ):
        # The arguments are copied for each thread, so on the CPU a thread takes a run of pixels.
        begin = wp.tid() * span
        for pixel in range(begin, wp.min(begin + span, pixel_count)):
            index = first + wp.int64(pixel) * wp.int64(samples)
            total = wp.vec3f(0.0, 0.0, 0.0)
            covered = wp.float32(0.0)
            at = wp.int32(0)
            for sample in range(samples):
                key = keys[wp.int32(index) + sample]
                if key != EMPTY:
                    hit = read_hit(
                        index + wp.int64(sample),
                        key,
                        scene.faces.shape[0],
                        scene.panel,
                        rect,
                        sample_bits,
                        start,
                    )
                    shaded = shade(find_point(scene, hit, sample_bits))
                    p = scene.panel[hit.draw]
                    total += shaded[3] * wp.vec3f(shaded[0], shaded[1], shaded[2])
                    covered += shaded[3]
                    bits = sample_bits[p]
                    at = (
                        wp.int32(panel_start[p])
                        + (hit.y >> bits) * panel_stride[p]
                        + wp.static(channels) * (hit.x >> bits)
                    )
            if covered == 0.0:
                continue
            colour = total / covered
            alpha = wp.float32(1.0)
            if not wp.static(is_label):
                alpha = opacity * covered / wp.float32(samples)
            if wp.static(channels == 4):
                # Over, with straight alpha: Porter and Duff, "Compositing Digital Images", 1984.
                below = wp.float32(pixels[at + 3]) / 255.0 * (1.0 - alpha)
                whole = alpha + below
                for i in range(3):
                    mixed = alpha * colour[i] + below * wp.float32(pixels[at + i]) / 255.0
                    pixels[at + i] = quantize(mixed / whole)
                pixels[at + 3] = quantize(whole)
            else:
                for i in range(3):
                    mixed = alpha * colour[i] + (1.0 - alpha) * wp.float32(pixels[at + i]) / 255.0
                    pixels[at + i] = quantize(mixed)

    return resolve


def make_scene(
    bodies: Bodies, charts: Charts | None, draws: Draws, people: People, panel_count: int
) -> Scene:
    """What the resolve kernels read, gathered once a batch. charts: None where no mode needs them."""
    panel, device = draws.panel.long(), draws.verts.device
    near = torch.full((panel_count,), torch.inf, device=device)
    near = near.scatter_reduce(0, panel, draws.low[:, 2], "amin")
    far = torch.full((panel_count,), -torch.inf, device=device)
    far = far.scatter_reduce(0, panel, draws.high[:, 2], "amax")
    scene = Scene()
    scene.verts = wp.from_torch(draws.verts, dtype=wp.vec4f)
    scene.faces = wp.from_torch(draws.faces)
    scene.normals = wp.from_torch(bodies.normals, dtype=wp.vec3f)
    scene.rotation = wp.from_torch(draws.rotation, dtype=wp.mat33f)
    scene.body = wp.from_torch(draws.body)
    scene.panel = wp.from_torch(draws.panel)
    scene.instance = wp.from_torch(people.instance)
    scene.row = wp.from_torch(people.row)
    scene.near = wp.from_torch(near)
    # Panels without bodies have no range, and no point that would ask for it.
    scene.depth_scale = wp.from_torch(1.0 / (far - near).clamp(min=1e-6))
    if charts is not None:
        scene.part = wp.from_torch(charts.part)
        scene.uv = wp.from_torch(charts.uv, dtype=wp.vec2f)
    return scene


def resolve(
    mode: str,
    opacity: float,
    scene: Scene,
    visibility: Visibility,
    canvas: Canvas,
    panels: range,
) -> None:
    """Shades the covered pixels of `panels`, all drawn in `mode`, in place in the canvas.

    opacity: 0 to 1, of the front-most surface over what the canvas holds; labels are always opaque.
    """
    first, end = int(visibility.start[panels.start]), int(visibility.start[panels.stop])
    samples = 4 ** int(visibility.sample_bits[panels.start])
    device = canvas.pixels.device
    pixel_count = (end - first) // samples
    span = 1 if device.type == "cuda" else CPU_SPAN
    launch(
        make_resolve(mode, canvas.channels),
        -(-pixel_count // span),
        [
            first,
            pixel_count,
            span,
            samples,
            opacity,
            visibility.keys,
            visibility.rect,
            visibility.sample_bits,
            visibility.start.to(device),
            canvas.panel_start,
            canvas.panel_stride,
            scene,
            canvas.pixels,
        ],
        device,
    )
