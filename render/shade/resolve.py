"""Colours the covered pixels of a visibility buffer, straight into the sheets."""

from __future__ import annotations

from functools import cache
from importlib import import_module

import warp as wp

from render.kernels import MODULE_OPTIONS, launch
from render.shade.surface_point import SurfacePoint
from render.surface import EMPTY, find_barycentric, read_hit
from render.types import Bodies, Canvas, Draws, Visibility


@wp.func
def quantize(value: wp.float32) -> wp.uint8:
    """0..1 to 0..255, rounded to nearest."""
    return wp.uint8(wp.int32(255.0 * wp.clamp(value, 0.0, 1.0) + 0.5))


@cache
def make_resolve(mode: str) -> wp.Kernel:
    """The resolve kernel of a mode: one thread a pixel of the visibility buffer.

    The mode's function takes a SurfacePoint to RGB in 0..1, and is compiled into the kernel.
    """
    shade = import_module(f"render.shade.{mode}").shade

    @wp.kernel(module="unique", module_options=MODULE_OPTIONS)
    def resolve(
        first_pixel: wp.int64,
        keys: wp.array(dtype=wp.int64),
        rect: wp.array(dtype=wp.vec4i),
        start: wp.array(dtype=wp.int64),
        verts: wp.array2d(dtype=wp.vec4f),
        faces: wp.array2d(dtype=wp.int32),
        normals: wp.array2d(dtype=wp.vec3f),
        rotation: wp.array(dtype=wp.mat33f),
        body: wp.array(dtype=wp.int32),
        panel: wp.array(dtype=wp.int32),
        panel_start: wp.array(dtype=wp.int64),
        panel_stride: wp.array(dtype=wp.int32),
        pixels: wp.array(dtype=wp.uint8),
    ):
        pixel = first_pixel + wp.int64(wp.tid())
        key = keys[wp.int32(pixel)]
        if key == EMPTY:
            return
        hit = read_hit(pixel, key, faces.shape[0], panel, rect, start)
        ia, ib, ic = faces[hit.face, 0], faces[hit.face, 1], faces[hit.face, 2]
        weight = find_barycentric(verts[hit.draw, ia], verts[hit.draw, ib], verts[hit.draw, ic], hit.x, hit.y)
        m = body[hit.draw]
        n = weight[0] * normals[m, ia] + weight[1] * normals[m, ib] + weight[2] * normals[m, ic]
        n = wp.normalize(rotation[hit.draw] * n)
        point = SurfacePoint()
        point.normal = wp.vec3f(n[0], -n[1], -n[2])
        colour = shade(point)
        p = panel[hit.draw]
        at = wp.int32(panel_start[p]) + hit.y * panel_stride[p] + 3 * hit.x
        pixels[at] = quantize(colour[0])
        pixels[at + 1] = quantize(colour[1])
        pixels[at + 2] = quantize(colour[2])

    return resolve


def resolve(
    mode: str, bodies: Bodies, draws: Draws, visibility: Visibility, canvas: Canvas, panels: range
) -> None:
    """Shades the covered pixels of `panels` in `mode`, in place in the canvas."""
    first, end = int(visibility.start[panels.start]), int(visibility.start[panels.stop])
    device = draws.verts.device
    launch(
        make_resolve(mode),
        end - first,
        [
            first,
            visibility.keys,
            visibility.rect,
            visibility.start.to(device),
            draws.verts,
            draws.faces,
            bodies.normals,
            draws.rotation,
            draws.body,
            draws.panel,
            canvas.panel_start,
            canvas.panel_stride,
            canvas.pixels,
        ],
        device,
    )
