"""Colours edge pixels from their samples, sixteen side by side, for a CPU."""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS, build_once, natural
from render.rasterize.buffer import EMPTY
from render.rasterize.edge_pixels.samples import SAMPLES
from render.rasterize.kernel_views import Scene, Shots
from render.shade.blocks.block import WIDTH, Block, placement_of
from render.shade.blocks.edge_surfaces import Surfaces, add_colours, list_surfaces, read_sum, take_surfaces
from render.shade.blocks.find import make_find_surfaces
from render.shade.blocks.shade import make_shade_block
from render.shade.mode import MODES
from render.shade.points import make_lay_over

wp.set_module_options(MODULE_OPTIONS)


@build_once
def make_resolve_edge_blocks(mode: str, channels: int, has_rays: bool = False) -> wp.Kernel:
    """The kernel that does as that of `make_resolve_edges`, a thread each WIDTH slots.

    Args:
        mode: The mode's name; no label.
        channels: 3 for RGB, 4 for RGBA.
        has_rays: See `make_find_point`.
    """
    find_surfaces, lay_over = make_find_surfaces(True), make_lay_over(channels)
    shade_block = make_shade_block(MODES.load(mode), has_rays)

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
            find_surfaces(
                scene.vert_count,
                scene.faces,
                scene.verts,
                scene.normals,
                scene.body,
                scene.rotation,
                block.places,
                block.hits,
            )
            placement = placement_of(block.places)
            depth_range = shots.depth_range[natural(scene.shot[natural(placement)])]
            shade_block(scene, depth_range, placement, wp.int32(0), block.places, block.hits)
            add_colours(block.places, block.hits, surfaces.numbers, surfaces.points)
        for i in range(count):
            place = places[natural(first + begin + i)]
            p = shots.row_shot[place[0]]
            x, y = place[1], place[0] - shots.first_row[p]
            if empties:
                at_key = wp.int32(shots.start[p] - origin) + y * shots.stride[p] + x
                keys[natural(at_key)] = EMPTY
                # Of all pixels in the word at once, for none of them keeps its mark.
                bits[natural(at_key >> 5)] = wp.int32(0)
            covered = read_sum(surfaces.points, 3, i)
            if covered > 0.0:
                total = wp.vec3f(
                    read_sum(surfaces.points, 0, i),
                    read_sum(surfaces.points, 1, i),
                    read_sum(surfaces.points, 2, i),
                )
                alpha = opacity * covered / wp.float32(SAMPLES)
                to = wp.int32(layer_start[p]) + y * layer_stride[p] + wp.static(channels) * x
                lay_over(total / covered, alpha, to, pixels)

    return resolve_edge_blocks
