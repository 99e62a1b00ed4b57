"""Finds the surfaces at the points of a block, and colours them."""

from __future__ import annotations

import warp as wp

from render.compute.kernels import MODULE_OPTIONS
from render.rasterize.kernel_views import Scene
from render.shade.blocks.block import (
    X,
    Y,
    count_lanes,
    count_points,
    face_of,
    read_field,
    read_three,
    write_field,
)
from render.shade.blocks.find import make_find_surfaces
from render.shade.mode import Mode
from render.shade.points import make_find_point
from render.shade.surface_point import Surface

wp.set_module_options(MODULE_OPTIONS)


def make_shade_block(mode: Mode, faces_viewer: bool = False, has_rays: bool = False) -> wp.Function:
    """Makes what colours the points of a block: its faces, x and y.

    Args:
        mode: The mode.
        faces_viewer: See `make_find_surface`.
        has_rays: See `make_find_point`.

    Returns:
        A Warp function from the scene, the shot's least and greatest depth, the placement, the sample `bits`
        and the block; `read_shaded` says then what it found.
    """
    shade, find_point = mode.make_shade(), make_find_point(mode, has_rays)
    find_surfaces, shades_all = make_find_surfaces(faces_viewer), mode.needs_surface_alone

    # As a loop of its own the compiler makes vectors of it, for modes that need the surface alone. For others
    # it would take time for what is beyond the last point.
    @wp.func
    def shade_block(
        scene: Scene,
        depth_range: wp.vec2f,
        placement: wp.int32,
        bits: wp.int32,
        places: wp.array(dtype=wp.int32),
        hits: wp.array(dtype=wp.float32),
    ):
        find_surfaces(
            scene.vert_count,
            scene.faces,
            scene.verts,
            scene.normals,
            scene.body,
            scene.rotation,
            places,
            hits,
        )
        end = count_points(places)
        if wp.static(shades_all):
            end = count_lanes()
        i = wp.int32(0)
        while i < end:
            surface = Surface()
            surface.weight = read_three(hits, 0, i)
            surface.normal = read_three(hits, 3, i)
            surface.depth = read_field(hits, 6, i)
            x, y = read_field(hits, X, i), read_field(hits, Y, i)
            shaded = shade(find_point(scene, depth_range, placement, face_of(places, i), surface, x, y, bits))
            for k in range(4):
                write_field(hits, k, i, shaded[k])
            i += 1

    return shade_block
