"""Colours the covered pixels of a visibility buffer, straight into the sheets."""

from __future__ import annotations

from collections.abc import Callable

import torch
import warp as wp

from render.compute.kernels import CUDA_ROW_LANES, MODULE_OPTIONS, Relaunch, build_once, natural
from render.rasterize.barycentric import find_barycentric
from render.rasterize.buffer import EMPTY, index_pixel, place_sample, read_id
from render.rasterize.kernel_views import Panels, Scene, tensor_device, view_panels
from render.shade.mode import MODES
from render.shade.surface_point import SurfacePoint
from render.types.buffer import Canvas, Chunk, Layout

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


@build_once
def make_resolve(mode: str, channels: int, is_supersampled: bool) -> wp.Kernel:
    """The resolve kernel of a mode: `lanes` threads colour a row of pixels.

    The mode's function is compiled into it, with only those of a point's fields that it may read.

    Args:
        mode: The mode's name.
        channels: 3 for RGB, 4 for RGBA.
        is_supersampled: For panels of more than one sample a pixel.
    """
    described = MODES.load(mode)
    shade, is_label, needs_charts = described.make_shade(), described.is_label, described.needs_charts
    needs_edges = described.needs_edges

    @wp.func
    def find_point(
        scene: Scene,
        depth_range: wp.vec2f,
        placement: wp.int32,
        face: wp.int32,
        x: wp.int32,
        y: wp.int32,
        bits: int,
    ) -> SurfacePoint:
        # Vertices are the placement's, for it has them on its panel; normals are the body's.
        corners = scene.faces[natural(face)]
        first = placement * scene.vert_count
        a, b, c = (
            scene.verts[natural(first + corners[0])],
            scene.verts[natural(first + corners[1])],
            scene.verts[natural(first + corners[2])],
        )
        weight = find_barycentric(a, b, c, wp.float32(x) + 0.5, wp.float32(y) + 0.5)
        own = scene.body[natural(placement)] * scene.vert_count
        n = (
            weight[0] * scene.normals[natural(own + corners[0])]
            + weight[1] * scene.normals[natural(own + corners[1])]
            + weight[2] * scene.normals[natural(own + corners[2])]
        )
        # Turning keeps lengths, so what a mode does not use of the normal need not be turned.
        n = scene.rotation[natural(placement)] * (n * (1.0 / wp.max(wp.length(n), 1.0e-30)))
        point = SurfacePoint()
        # From y down and z away to y up and z towards the viewer.
        point.normal = wp.vec3f(n[0], -n[1], -n[2])
        depth = weight[0] * a[2] + weight[1] * b[2] + weight[2] * c[2]
        # What lies in one plane, facing the eye, is all nearest: it differs by rounding alone.
        span = depth_range[1] - depth_range[0]
        if span > ROUNDING * wp.max(wp.abs(depth_range[0]), wp.abs(depth_range[1])):
            point.depth = wp.clamp((depth - depth_range[0]) / span, 0.0, 1.0)
        point.instance = scene.instance[placement]
        point.colour = scene.colour[placement]
        if wp.static(needs_edges):
            # A corner's weight is the distance from the edge across from it over the corner's own, with
            # perspective nearly so. Heights are in samples, a mode's distances in pixels.
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
        return point

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

    @wp.kernel(module="unique", module_options=MODULE_OPTIONS)
    def resolve(
        first_row: wp.int32,
        origin: wp.int64,
        lanes: wp.int32,
        opacity: wp.float32,
        keys: wp.array(dtype=wp.int64),
        panels: Panels,
        scene: Scene,
        panel_start: wp.array(dtype=wp.int64),
        panel_stride: wp.array(dtype=wp.int32),
        pixels: wp.array(dtype=wp.uint8),
    ):
        thread = wp.tid()
        row = first_row + thread / lanes
        p = panels.row_panel[row]
        r = panels.rect[p]
        y = row - panels.first_row[p]
        # No placement of this panel reaches this row.
        if y < r[1] or y >= r[1] + r[3]:
            return
        depth_range = panels.depth_range[p]
        face_count = wp.uint32(scene.faces.shape[0])
        # 32 bits hold it, for a batch's pixels are less than 2 GB.
        at_row = wp.int32(panel_start[p]) + y * panel_stride[p]
        bits = wp.int32(0)
        if wp.static(is_supersampled):
            bits = panels.sample_bits[p]
        samples = 1 << (2 * bits)
        base = wp.int32(panels.start[p] - origin) + y * panels.stride[p]
        # Neighbours are mostly of one placement, and a division costs as much as the rest of an id's reading.
        placement = wp.int32(0)
        first_id = wp.uint32(0)
        end = r[0] + r[2]
        x = r[0] + thread % lanes
        while x < end:
            if wp.static(is_supersampled):
                # Colours count by their coverage, or what is empty would darken the edges.
                total = wp.vec3f()
                covered = wp.float32(0.0)
                for sample in range(samples):
                    at = index_pixel(base, x, bits) + sample
                    key = keys[natural(at)]
                    if key != EMPTY:
                        keys[natural(at)] = EMPTY
                        id = read_id(key)
                        # Unsigned: an id below the first wraps around and is far above.
                        if id - first_id >= face_count:
                            placement = wp.int32(id / face_count)
                            first_id = wp.uint32(placement) * face_count
                        place = place_sample(x, y, sample, bits)
                        face = wp.int32(id - first_id)
                        shaded = shade(
                            find_point(scene, depth_range, placement, face, place[0], place[1], bits)
                        )
                        total += shaded[3] * wp.vec3f(shaded[0], shaded[1], shaded[2])
                        covered += shaded[3]
                # No label is supersampled, so the opacity counts for all.
                if covered > 0.0:
                    alpha = opacity * covered / wp.float32(samples)
                    lay_over(total / covered, alpha, at_row + wp.static(channels) * x, pixels)
            else:
                key = keys[natural(base + x)]
                # Most of a panel is empty; this loop does nothing else, to be quick about it.
                while key == EMPTY and x + lanes < end:
                    x += lanes
                    key = keys[natural(base + x)]
                if key != EMPTY:
                    keys[natural(base + x)] = EMPTY
                    id = read_id(key)
                    if id - first_id >= face_count:
                        placement = wp.int32(id / face_count)
                        first_id = wp.uint32(placement) * face_count
                    face = wp.int32(id - first_id)
                    shaded = shade(find_point(scene, depth_range, placement, face, x, y, bits))
                    if shaded[3] > 0.0:
                        alpha = wp.float32(1.0)
                        if not wp.static(is_label):
                            alpha = opacity * shaded[3]
                        colour = wp.vec3f(shaded[0], shaded[1], shaded[2])
                        lay_over(colour, alpha, at_row + wp.static(channels) * x, pixels)
            x += lanes

    return resolve


class Resolver:
    """Colours the chunks of one batch, in place in its canvas.

    Args:
        scene: All that shading needs.
        layout: Of the batch's panels.
        canvas: Of the batch's sheets, with their backgrounds.
        opacity: 0 to 1, of the front-most surface over what the canvas holds; labels are always opaque.
    """

    def __init__(self, scene: Scene, layout: Layout, canvas: Canvas, opacity: float) -> None:
        self._device = tensor_device(scene.verts)
        self._scene = scene
        self._panels = view_panels(layout)
        self._channels = canvas.channels
        self._opacity = opacity
        self._start = wp.from_torch(canvas.panel_start)
        self._stride = wp.from_torch(canvas.panel_stride)
        self._pixels = wp.from_torch(canvas.pixels)

    def open(self, mode: str, is_supersampled: bool, keys: torch.Tensor) -> Callable[[Chunk], None]:
        """What colours a chunk from its keys.

        The keys are EMPTY afterwards: that costs less than clearing what the next chunk may cover.

        Args:
            mode: The name of the mode that all panels of the chunk are drawn in.
            is_supersampled: Whether they have more than one sample a pixel, all or none.
            keys: int64, one for each sample of the chunk or more.

        Returns:
            A function that one thread may use.
        """
        # On the CPU a row is one thread's, which goes over its empty pixels in one quick loop.
        lanes = CUDA_ROW_LANES if self._device.type == "cuda" else 1
        inputs = [
            lanes,
            self._opacity,
            keys,
            self._panels,
            self._scene,
            self._start,
            self._stride,
            self._pixels,
        ]
        resolve = Relaunch(make_resolve(mode, self._channels, is_supersampled), 2, inputs, self._device)

        def shade(chunk: Chunk) -> None:
            resolve(len(chunk.rows) * lanes, chunk.rows.start, chunk.samples.start)

        return shade
