"""The plane of the ground on a panel: a grid and shadows, over what the panel holds already.

The plane's colours darken the page below them, so they go with any page, and where the plane fades the page
is left as it is. A panel that looks from below the ground shows none.
"""

from __future__ import annotations

import torch
import warp as wp

from render.compute.kernels import CUDA_ROW_LANES, MODULE_OPTIONS, launch, natural
from render.light.grids import read_light, smooth_step
from render.sheet.ground.silhouettes import FloorMap
from render.types.buffer import Canvas

wp.set_module_options(MODULE_OPTIONS)

# What of the page's light the plane, its lines and its shadows leave, in red, green and blue.
FLOOR_RGB = wp.constant(wp.vec3f(0.945, 0.950, 0.957))
LINE_RGB = wp.constant(wp.vec3f(0.800, 0.815, 0.835))
FINE_RGB = wp.constant(wp.vec3f(0.905, 0.913, 0.925))
# How much of a shadow's dark each colour takes: shadows are a little cool.
SHADE_RGB = wp.constant(wp.vec3f(1.0, 0.97, 0.93))
# Lines every metre, finer ones every half.
LINE_STEP_M = wp.constant(1.0)
FINE_STEP_M = wp.constant(0.5)
LINE_WIDTH_M = wp.constant(0.012)
FINE_WIDTH_M = wp.constant(0.009)
# In pixels: lines nearer to each other than the first are not drawn, than the second are fainter.
CLOSE_PX = wp.constant(3.0)
FAR_PX = wp.constant(12.0)
# From the middle of what is looked at, in radii of it: where the plane begins to fade, and where it ends.
FADE_BEGIN = 1.0
FADE_END = 4.5
LEAST_RADIUS_M = 1.0


@wp.func
def cover_line(
    place: wp.float32, px_per_m: wp.float32, step_m: wp.float32, width_m: wp.float32
) -> wp.float32:
    """How much of a pixel the lines at whole multiples of a step cover, on average over the pixel.

    Args:
        place: Across the lines, m.
        px_per_m: How many pixels a metre across the lines takes here.
        step_m: From one line to the next.
        width_m: Of a line.
    """
    off_px = wp.abs(place - step_m * wp.floor(place / step_m + 0.5)) * px_per_m
    width_px = width_m * px_per_m
    # A line is never narrower than a pixel, but fainter.
    cover = wp.clamp(0.5 * wp.max(width_px, 1.0) + 0.5 - off_px, 0.0, 1.0) * wp.min(width_px, 1.0)
    return cover * smooth_step((step_m * px_per_m - CLOSE_PX) / (FAR_PX - CLOSE_PX))


@wp.func
def join_lines(a: wp.float32, b: wp.float32) -> wp.float32:
    return 1.0 - (1.0 - a) * (1.0 - b)


@wp.func
def light_at(
    x: wp.float32,
    z: wp.float32,
    first: wp.int32,
    end: wp.int32,
    corner: wp.array(dtype=wp.vec2f),
    cell: wp.array(dtype=wp.float32),
    light: wp.array3d(dtype=wp.float32),
) -> wp.float32:
    """What light the people of a sheet leave at a place."""
    left = wp.float32(1.0)
    for person in range(first, end):
        column = (x - corner[person][0]) / cell[person] - 0.5
        row = (z - corner[person][1]) / cell[person] - 0.5
        left *= read_light(light, person, column, row)
    return left


# `lanes` threads a row of a shot. With four channels, alpha stays as it is.
@wp.kernel
def paint(
    shot: wp.int32,
    layer: wp.int32,
    first: wp.int32,
    end: wp.int32,
    width: wp.int32,
    lanes: wp.int32,
    channels: wp.int32,
    homography: wp.array(dtype=wp.mat33f),
    fade: wp.array(dtype=wp.vec4f),
    corner: wp.array(dtype=wp.vec2f),
    cell: wp.array(dtype=wp.float32),
    light: wp.array3d(dtype=wp.float32),
    layer_start: wp.array2d(dtype=wp.int64),
    layer_stride: wp.array(dtype=wp.int32),
    pixels: wp.array(dtype=wp.uint8),
):
    thread = wp.tid()
    row = thread / lanes
    h = homography[shot]
    about = fade[shot]
    # 32 bits hold it: a section has less than 2 GB.
    at_row = wp.int32(layer_start[layer, shot]) + row * layer_stride[shot]
    for column in range(thread % lanes, width, lanes):
        px, py = wp.float32(column) + 0.5, wp.float32(row) + 0.5
        # Written so that NaN is passed over: shots without a ground have it.
        w = h[2, 0] * px + h[2, 1] * py + h[2, 2]
        if not w > 0.0:
            continue
        along = 1.0 / w
        x = (h[0, 0] * px + h[0, 1] * py + h[0, 2]) * along
        z = (h[1, 0] * px + h[1, 1] * py + h[1, 2]) * along
        off = wp.length(wp.vec2f(x - about[0], z - about[1]))
        there = 1.0 - smooth_step((off - about[2]) / (about[3] - about[2]))
        if not there > 0.0:
            continue
        # From the derivatives of x and z along the shot's pixels.
        px_per_x = w / wp.length(wp.vec2f(h[0, 0] - x * h[2, 0], h[0, 1] - x * h[2, 1]))
        px_per_z = w / wp.length(wp.vec2f(h[1, 0] - z * h[2, 0], h[1, 1] - z * h[2, 1]))
        line = join_lines(
            cover_line(x, px_per_x, LINE_STEP_M, LINE_WIDTH_M),
            cover_line(z, px_per_z, LINE_STEP_M, LINE_WIDTH_M),
        )
        fine = join_lines(
            cover_line(x, px_per_x, FINE_STEP_M, FINE_WIDTH_M),
            cover_line(z, px_per_z, FINE_STEP_M, FINE_WIDTH_M),
        )
        colour = wp.lerp(wp.lerp(FLOOR_RGB, FINE_RGB, fine), LINE_RGB, line)
        dark = 1.0 - light_at(x, z, first, end, corner, cell, light)
        at = at_row + channels * column
        for i in range(3):
            left = 1.0 - there * (1.0 - colour[i] * (1.0 - dark * SHADE_RGB[i]))
            below = wp.float32(pixels[natural(at + i)])
            pixels[natural(at + i)] = wp.uint8(wp.int32(wp.clamp(below * left, 0.0, 255.0) + 0.5))


class PlanePainter:
    """Lays grounds into the panels of one batch, in place in its canvas.

    Args:
        homography: (K, 3, 3), from `find_homographies`.
        fade: (K, 4) float32: x and z that it fades away from, where that begins, and where it ends, m.
        light: That the people leave, from the same origins.
        canvas: Of the batch's sheets, with their backgrounds.
    """

    def __init__(
        self,
        homography: torch.Tensor,
        fade: torch.Tensor,
        light: FloorMap,
        canvas: Canvas,
    ) -> None:
        self._device = light.light.device
        self._canvas = canvas
        self._inputs = [
            homography,
            fade,
            light.corner.float(),
            light.cell.float(),
            light.light,
            canvas.layer_start,
            canvas.layer_stride,
        ]

    def paint(self, shot: int, layer: int, people: range, size_px: tuple[int, int]) -> None:
        """Lays the ground into a panel.

        Args:
            shot: Which one it shows.
            layer: Its place among the layers of that.
            people: Those of its sheet.
            size_px: Its width and height.
        """
        width, height = size_px
        lanes = CUDA_ROW_LANES if self._device.type == "cuda" else 1
        numbers = [shot, layer, people.start, people.stop, width, lanes, self._canvas.channels]
        inputs = [*numbers, *self._inputs, self._canvas.cut_section_of(shot)]
        launch(paint, height * lanes, inputs, self._device)
