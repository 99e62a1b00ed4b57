"""Colours the covered pixels of a visibility buffer, straight into the sheets."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
import warp as wp

from render.compute.kernels import CUDA_ROW_LANES, MODULE_OPTIONS, Relaunch, build_once, natural
from render.rasterize.buffer import EMPTY, index_pixel, place_sample, read_id
from render.rasterize.edge_pixels.edge_pixels import Slots
from render.rasterize.kernel_views import Scene, Shots, tensor_device, view_shots
from render.shade.blocks.block import (
    WIDTH,
    Block,
    allocate_block,
    count_points,
    place_of,
    placement_of,
    read_shaded,
)
from render.shade.blocks.edge_surfaces import allocate_surfaces
from render.shade.blocks.lay import make_lay_block
from render.shade.blocks.resolve_edges import make_resolve_edge_blocks
from render.shade.blocks.scan import scan_row
from render.shade.blocks.shade import make_shade_block
from render.shade.mode import MODES
from render.shade.points import make_find_point, make_find_surface, make_lay_over, make_lay_shaded
from render.shade.resolve_edges import make_resolve_edges
from render.types.buffer import Canvas, Chunk, Layout

wp.set_module_options(MODULE_OPTIONS)


@build_once
def make_resolve(
    mode: str,
    channels: int,
    is_supersampled: bool,
    faces_viewer: bool = False,
    has_rays: bool = False,
    device_type: str = "cpu",
) -> wp.Kernel:
    """The resolve kernel of a mode: `lanes` threads colour a row of pixels.

    The mode's function is compiled into it, with only those of a point's fields that it may read.

    Args:
        mode: The mode's name.
        channels: 3 for RGB, 4 for RGBA.
        is_supersampled: For shots of more than one sample a pixel.
        faces_viewer: See `make_find_surface`.
        has_rays: See `make_find_point`.
        device_type: cpu or cuda; on the CPU several pixels of a row are found side by side.
    """
    in_blocks = device_type == "cpu" and not is_supersampled
    described = MODES.load(mode)
    shade, is_label = described.make_shade(), described.is_label
    find_surface, find_point = make_find_surface(faces_viewer), make_find_point(described, has_rays)
    lay_over = make_lay_over(channels)
    lay_shaded = make_lay_shaded(channels, is_label)
    shade_block = make_shade_block(described, faces_viewer, has_rays)
    lay_block = make_lay_block(channels, is_label)

    @wp.kernel(module="unique", module_options=MODULE_OPTIONS)
    def resolve(
        first_row: wp.int32,
        origin: wp.int64,
        lanes: wp.int32,
        opacity: wp.float32,
        empties: wp.bool,
        keys: wp.array(dtype=wp.int64),
        block: Block,
        shots: Shots,
        scene: Scene,
        layer_start: wp.array(dtype=wp.int64),
        layer_stride: wp.array(dtype=wp.int32),
        pixels: wp.array(dtype=wp.uint8),
    ):
        thread = wp.tid()
        row = first_row + thread / lanes
        p = shots.row_shot[row]
        r = shots.rect[p]
        y = row - shots.first_row[p]
        # No placement of this shot reaches this row.
        if y < r[1] or y >= r[1] + r[3]:
            return
        depth_range = shots.depth_range[p]
        face_count = wp.uint32(scene.faces.shape[0])
        # 32 bits hold it: a section of the canvas has less than 2 GB.
        at_row = wp.int32(layer_start[p]) + y * layer_stride[p]
        bits = wp.int32(0)
        if wp.static(is_supersampled):
            bits = shots.sample_bits[p]
        samples = 1 << (2 * bits)
        base = wp.int32(shots.start[p] - origin) + y * shots.stride[p]
        # Neighbours are mostly of one placement, and a division costs as much as the rest of an id's reading.
        placement = wp.int32(0)
        first_id = wp.uint32(0)
        end = r[0] + r[2]
        x = r[0] + thread % lanes
        while x < end:
            if wp.static(in_blocks):
                x = scan_row(keys, base, y, x, end, empties, face_count, block.places, block.hits)
                placement = placement_of(block.places)
                shade_block(scene, depth_range, placement, bits, block.places, block.hits)
                if not lay_block(block.places, block.hits, opacity, at_row, pixels):
                    for i in range(count_points(block.places)):
                        at = at_row + wp.static(channels) * place_of(block.places, i)
                        lay_shaded(read_shaded(block.hits, i), opacity, at, pixels)
                continue
            if wp.static(is_supersampled):
                # Colours count by their coverage, or what is empty would darken the edges.
                total = wp.vec3f()
                covered = wp.float32(0.0)
                for sample in range(samples):
                    at = index_pixel(base, x, bits) + sample
                    key = keys[natural(at)]
                    if key != EMPTY:
                        if empties:
                            keys[natural(at)] = EMPTY
                        id = read_id(key)
                        # Unsigned: an id below the first wraps around and is far above.
                        if id - first_id >= face_count:
                            placement = wp.int32(id / face_count)
                            first_id = wp.uint32(placement) * face_count
                        place = place_sample(x, y, sample, bits)
                        face = wp.int32(id - first_id)
                        at_x, at_y = wp.float32(place[0]) + 0.5, wp.float32(place[1]) + 0.5
                        found = find_surface(scene, placement, face, at_x, at_y)
                        shaded = shade(
                            find_point(scene, depth_range, placement, face, found, at_x, at_y, bits)
                        )
                        total += shaded[3] * wp.vec3f(shaded[0], shaded[1], shaded[2])
                        covered += shaded[3]
                # No label is supersampled, so the opacity counts for all.
                if covered > 0.0:
                    alpha = opacity * covered / wp.float32(samples)
                    lay_over(total / covered, alpha, at_row + wp.static(channels) * x, pixels)
            else:
                key = keys[natural(base + x)]
                # Most of a shot is empty; this loop does nothing else, to be quick about it.
                while key == EMPTY and x + lanes < end:
                    x += lanes
                    key = keys[natural(base + x)]
                if key != EMPTY:
                    if empties:
                        keys[natural(base + x)] = EMPTY
                    id = read_id(key)
                    if id - first_id >= face_count:
                        placement = wp.int32(id / face_count)
                        first_id = wp.uint32(placement) * face_count
                    face = wp.int32(id - first_id)
                    at_x, at_y = wp.float32(x) + 0.5, wp.float32(y) + 0.5
                    found = find_surface(scene, placement, face, at_x, at_y)
                    shaded = shade(find_point(scene, depth_range, placement, face, found, at_x, at_y, bits))
                    lay_shaded(shaded, opacity, at_row + wp.static(channels) * x, pixels)
            x += lanes

    return resolve


def choose_resolve_edges(device_type: str) -> Callable[..., wp.Kernel]:
    """What makes the kernel for edge pixels, from a mode's name, channels and whether there are rays.

    Args:
        device_type: cpu or cuda; on the CPU a thread has several of them side by side.
    """
    return make_resolve_edge_blocks if device_type == "cpu" else make_resolve_edges


class Layer(NamedTuple):
    """A layer of the shots of a chunk.

    Attributes:
        number: Its place among the layers of each of these shots.
        mode: The name of the mode that it is drawn in.
        is_last: Whether no other layer is drawn of these keys, so that they are EMPTY afterwards: that costs
            less than clearing what the next chunk may cover.
    """

    number: int
    mode: str
    is_last: bool = True


class Resolver:
    """Colours the chunks of one batch, in place in its canvas.

    Args:
        scene: All that shading needs.
        layout: Of the batch's shots.
        canvas: Of the batch's sheets, with their backgrounds.
        opacity: 0 to 1, of the front-most surface over what the canvas holds; labels are always opaque.
    """

    def __init__(self, scene: Scene, layout: Layout, canvas: Canvas, opacity: float) -> None:
        self._device = tensor_device(scene.verts)
        self._scene = scene
        self._shots = view_shots(layout)
        self._channels = canvas.channels
        self._opacity = opacity
        self._has_rays = scene.ray_count > 0
        self._starts = [wp.from_torch(start) for start in canvas.layer_start]
        self._stride = wp.from_torch(canvas.layer_stride)
        self._sections = [wp.from_torch(pixels) for pixels in canvas.cut_sections()]

    def open(
        self,
        layer: Layer,
        is_supersampled: bool,
        keys: torch.Tensor,
        faces_viewer: bool = False,
        section: int = 0,
    ) -> Callable[[Chunk], None]:
        """What colours a layer of a chunk from its keys.

        Args:
            layer: Which, of all shots of the chunk.
            is_supersampled: Whether they have more than one sample a pixel, all or none.
            keys: int64, one for each sample of the chunk or more.
            faces_viewer: See `make_find_surface`.
            section: Of the canvas, which has all shots of the chunk.

        Returns:
            A function that one thread may use.
        """
        # On the CPU a row is one thread's, which goes over its empty pixels in one quick loop.
        lanes = CUDA_ROW_LANES if self._device.type == "cuda" else 1
        traces, device_type = self._traces(layer), self._device.type
        kernel = make_resolve(layer.mode, self._channels, is_supersampled, faces_viewer, traces, device_type)
        block = allocate_block(self._device)
        inputs = [lanes, self._opacity, layer.is_last, keys, block, *self._list_inputs(layer, section)]
        resolve = Relaunch(kernel, 2, inputs, self._device)

        def shade(chunk: Chunk) -> None:
            resolve(len(chunk.rows) * lanes, chunk.rows.start, chunk.samples.start)

        return shade

    def open_edges(
        self, layer: Layer, keys: torch.Tensor, slots: Slots, section: int = 0
    ) -> Callable[[Chunk, range], None]:
        """What colours edge pixels of a layer of a chunk from the keys of their samples.

        After the last layer those and their own keys are EMPTY.

        Args:
            layer: Which, of all shots of the chunk; no label.
            keys: int64, one for each pixel of the chunk or more.
            slots: Of `keys`.
            section: See `open`.

        Returns:
            A function from the chunk and which of the places are filled, that one thread may use.
        """
        on_cpu = self._device.type == "cpu"
        kernel = choose_resolve_edges(self._device.type)(layer.mode, self._channels, self._traces(layer))
        room = [allocate_block(self._device), allocate_surfaces(self._device)] if on_cpu else []
        places, resolve = None, None

        def shade(chunk: Chunk, part: range) -> None:
            nonlocal places, resolve
            # A chunk may have more of them than there was room for.
            if resolve is None or places is not slots.places:
                places = slots.places
                own = [places, slots.samples, keys, slots.bits, slots.focal, slots.shift, *room]
                inputs = [self._opacity, layer.is_last, *own, *self._list_inputs(layer, section)]
                resolve = Relaunch(kernel, 3 if on_cpu else 2, inputs, self._device)
            numbers = [part.start, chunk.samples.start]
            if on_cpu:
                resolve(-(-len(part) // WIDTH), *numbers, len(part))
            else:
                resolve(len(part), *numbers)

        return shade

    def _traces(self, layer: Layer) -> bool:
        """Whether rays find its light; modes without any have one kernel whether there are rays or not."""
        return self._has_rays and MODES.load(layer.mode).needs_light

    def _list_inputs(self, layer: Layer, section: int) -> list:
        """The last inputs of all kernels."""
        pixels = self._sections[section]
        return [self._shots, self._scene, self._starts[layer.number], self._stride, pixels]
