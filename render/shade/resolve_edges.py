"""Colours edge pixels from their 16 samples, straight into the sheets."""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS, build_once, natural
from render.rasterize.buffer import EMPTY, read_id
from render.rasterize.edge_pixels.samples import SAMPLES, find_lowest, row_of
from render.rasterize.kernel_views import Panels, Scene
from render.shade.mode import MODES
from render.shade.points import make_find_point, make_lay_over

wp.set_module_options(MODULE_OPTIONS)


@build_once
def make_resolve_edges(mode: str, channels: int) -> wp.Kernel:
    """The kernel that colours edge pixels, a thread each, and empties their keys and those of their samples.

    Args:
        mode: The mode's name; no label.
        channels: 3 for RGB, 4 for RGBA.
    """
    described = MODES.load(mode)
    shade = described.make_shade()
    find_point, lay_over = make_find_point(described, True), make_lay_over(channels)

    @wp.kernel(module="unique", module_options=MODULE_OPTIONS)
    def resolve_edges(
        first: wp.int32,
        origin: wp.int64,
        opacity: wp.float32,
        places: wp.array(dtype=wp.vec2i),
        samples: wp.array(dtype=wp.int64),
        keys: wp.array(dtype=wp.int64),
        bits: wp.array(dtype=wp.int32),
        panels: Panels,
        scene: Scene,
        panel_start: wp.array(dtype=wp.int64),
        panel_stride: wp.array(dtype=wp.int32),
        pixels: wp.array(dtype=wp.uint8),
    ):
        slot = wp.tid()
        place = places[natural(first + slot)]
        p = panels.row_panel[place[0]]
        x, y = place[1], place[0] - panels.first_row[p]
        at_key = wp.int32(panels.start[p] - origin) + y * panels.stride[p] + x
        keys[natural(at_key)] = EMPTY
        # Of all pixels in the word at once, for none of them keeps its mark.
        bits[natural(at_key >> 5)] = wp.int32(0)
        face_count = wp.uint32(scene.faces.shape[0])
        first_sample = slot * SAMPLES
        left = wp.int32(0)
        for i in range(SAMPLES):
            if samples[natural(first_sample + i)] != EMPTY:
                left = left | (1 << i)
        total = wp.vec3f()
        covered = wp.float32(0.0)
        while left != 0:
            # All samples of the face that the first of those left is of.
            id = read_id(samples[natural(first_sample + find_lowest(left))])
            others = left
            count = wp.int32(0)
            column = wp.int32(0)
            row = wp.int32(0)
            while others != 0:
                sample = find_lowest(others)
                others = others & (others - 1)
                if read_id(samples[natural(first_sample + sample)]) == id:
                    left = left ^ (1 << sample)
                    count += 1
                    column += sample
                    row += row_of(sample)
            weight = wp.float32(count)
            at_x = wp.float32(x) + (wp.float32(column) / weight + 0.5) / wp.float32(SAMPLES)
            at_y = wp.float32(y) + (wp.float32(row) / weight + 0.5) / wp.float32(SAMPLES)
            placement = wp.int32(id / face_count)
            face = wp.int32(id - wp.uint32(placement) * face_count)
            shaded = shade(find_point(scene, panels.depth_range[p], placement, face, at_x, at_y, wp.int32(0)))
            # As with more samples a pixel: colours count by their coverage.
            total += weight * shaded[3] * wp.vec3f(shaded[0], shaded[1], shaded[2])
            covered += weight * shaded[3]
        for i in range(SAMPLES):
            samples[natural(first_sample + i)] = EMPTY
        if covered > 0.0:
            alpha = opacity * covered / wp.float32(SAMPLES)
            at = wp.int32(panel_start[p]) + y * panel_stride[p] + wp.static(channels) * x
            lay_over(total / covered, alpha, at, pixels)

    return resolve_edges
