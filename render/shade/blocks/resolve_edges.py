"""Colours edge pixels from their samples, sixteen side by side, for a CPU."""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS, build_once, natural
from render.rasterize.kernel_views import Scene, Shots
from render.shade.blocks.block import WIDTH, Block, placement_of
from render.shade.blocks.edge_surfaces import Surfaces, add_colours, list_surfaces, take_surfaces
from render.shade.blocks.lay_edges import make_lay_edges
from render.shade.blocks.shade import make_shade_block
from render.shade.mode import MODES

wp.set_module_options(MODULE_OPTIONS)


@build_once
def make_resolve_edge_blocks(mode: str, channels: int, has_rays: bool = False) -> wp.Kernel:
    """The kernel that does as that of `make_resolve_edges`, a thread each WIDTH slots.

    Args:
        mode: The mode's name; no label.
        channels: 3 for RGB, 4 for RGBA.
        has_rays: See `make_find_point`.
    """
    lay_edges = make_lay_edges(channels)
    shade_block = make_shade_block(MODES.load(mode), faces_viewer=True, has_rays=has_rays)

    @wp.kernel(module="unique", module_options=MODULE_OPTIONS)
    def resolve_edge_blocks(
        first: wp.int32,
        origin: wp.int64,
        slots: wp.int32,
        opacity: wp.float32,
        empties: wp.bool,
        places: wp.array(dtype=wp.vec2i),
        samples: wp.array(dtype=wp.int64),
        keys: wp.array(dtype=wp.int64),
        bits: wp.array(dtype=wp.int32),
        focal_px: wp.array(dtype=wp.float32),
        depth_shift: wp.array(dtype=wp.float32),
        block: Block,
        surfaces: Surfaces,
        shots: Shots,
        scene: Scene,
        layer_start: wp.array(dtype=wp.int64),
        layer_stride: wp.array(dtype=wp.int32),
        pixels: wp.array(dtype=wp.uint8),
    ):
        begin = wp.tid() * WIDTH
        count = wp.min(WIDTH, slots - begin)
        length = list_surfaces(
            first,
            begin,
            count,
            empties,
            places,
            samples,
            shots.first_row,
            shots.row_shot,
            focal_px,
            depth_shift,
            wp.uint32(scene.faces.shape[0]),
            surfaces.numbers,
            surfaces.points,
        )
        at = wp.int32(0)
        while at < length:
            at = take_surfaces(surfaces.numbers, surfaces.points, at, length, block.places, block.hits)
            placement = placement_of(block.places)
            depth_range = shots.depth_range[natural(scene.shot[natural(placement)])]
            shade_block(scene, depth_range, placement, wp.int32(0), block.places, block.hits)
            add_colours(block.places, block.hits, surfaces.numbers, surfaces.points)
        lay_edges(
            first,
            begin,
            count,
            origin,
            opacity,
            empties,
            places,
            keys,
            bits,
            shots.row_shot,
            shots.first_row,
            shots.start,
            shots.stride,
            layer_start,
            layer_stride,
            surfaces.points,
            pixels,
        )

    return resolve_edge_blocks
