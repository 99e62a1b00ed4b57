"""The shadow catcher: the dark of bodies' shadows on the ground, over whatever a panel holds already.

Nothing of the ground itself is seen. The dark is black with an alpha, so a panel that is transparent below it
can be laid over anything. A panel that looks from below the ground shows none.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import warp as wp

from render.compute.kernels import CUDA_ROW_LANES, MODULE_OPTIONS, launch, natural
from render.sheet.ground.silhouettes import FloorMap
from render.types.buffer import Canvas

wp.set_module_options(MODULE_OPTIONS)

# Of all the light of the ground, what comes from the sky; the rest is the key light's.
SKY_SHARE = wp.constant(0.5)
# Rows of a panel that are held at once while the people's shadows are gathered.
BAND_ROWS = 256


@wp.func
def read_map(light: wp.array3d(dtype=wp.float32), person: wp.int32, at: wp.vec2f) -> wp.float32:
    """The light at a place of a map, in cells, with no corners between cells: a quadratic B-spline."""
    i, j = wp.int32(at[0]), wp.int32(at[1])
    u, v = at[0] - wp.float32(i) - 0.5, at[1] - wp.float32(j) - 0.5
    total = wp.float32(0.0)
    for row in range(3):
        line = wp.float32(0.0)
        for column in range(3):
            line += weigh(column, u) * light[person, j + row - 1, i + column - 1]
        total += weigh(row, v) * line
    return total


@wp.func
def weigh(tap: wp.int32, t: wp.float32) -> wp.float32:
    if tap == 0:
        return 0.5 * (0.5 - t) * (0.5 - t)
    if tap == 1:
        return 0.75 - t * t
    return 0.5 * (0.5 + t) * (0.5 + t)


@wp.func
def crosses(along: wp.vec3f, corner: wp.vec2f, cell: wp.float32, cells: wp.int32) -> bool:
    """Whether a line on the ground may come by a map: along[0] x + along[1] z + along[2] = 0."""
    half = 0.5 * cell * wp.float32(cells)
    off = along[0] * (corner[0] + half) + along[1] * (corner[1] + half) + along[2]
    # NaN crosses nothing.
    return wp.abs(off) <= 1.5 * half * wp.length(wp.vec2f(along[0], along[1]))


# `lanes` threads a row of a panel.
@wp.kernel
def gather_light(
    first_row: wp.int32,
    width: wp.int32,
    lanes: wp.int32,
    first: wp.int32,
    step: wp.int32,
    homography: wp.array(dtype=wp.mat33f),
    sky_corner: wp.array(dtype=wp.vec2f),
    sky_cell: wp.array(dtype=wp.float32),
    sky: wp.array3d(dtype=wp.float32),
    key_corner: wp.array(dtype=wp.vec2f),
    key_cell: wp.array(dtype=wp.float32),
    key: wp.array3d(dtype=wp.float32),
    left: wp.array2d(dtype=wp.vec2f),
):
    thread = wp.tid()
    row, lane = thread / lanes, thread % lanes
    y = wp.float32(first_row + row) + 0.5
    for column in range(lane, width, lanes):
        left[row, column] = wp.vec2f(1.0, 1.0)
    sky_last, key_last = wp.float32(sky.shape[2] - 1), wp.float32(key.shape[2] - 1)
    for person in range(sky.shape[0]):
        h = homography[first + step * person]
        # A row of pixels is a line on the ground: through what its first pixel and its direction show there.
        start = wp.vec3f(h[0, 1] * y + h[0, 2], h[1, 1] * y + h[1, 2], h[2, 1] * y + h[2, 2])
        way = wp.vec3f(h[0, 0], h[1, 0], h[2, 0])
        along = wp.cross(start, way)
        by_sky = crosses(along, sky_corner[person], sky_cell[person], sky.shape[2])
        by_key = crosses(along, key_corner[person], key_cell[person], key.shape[2])
        if not (by_sky or by_key):
            continue
        for column in range(lane, width, lanes):
            place = start + way * (wp.float32(column) + 0.5)
            if not place[2] > 0.0:
                continue
            at = wp.vec2f(place[0], place[1]) / place[2]
            near = (at - sky_corner[person]) / sky_cell[person]
            far = (at - key_corner[person]) / key_cell[person]
            if near[0] >= 1.0 and near[1] >= 1.0 and near[0] < sky_last and near[1] < sky_last:
                left[row, column][0] *= read_map(sky, person, near)
            if far[0] >= 1.0 and far[1] >= 1.0 and far[0] < key_last and far[1] < key_last:
                left[row, column][1] *= read_map(key, person, far)


# Black over what is there, with straight alpha: Porter and Duff, "Compositing Digital Images", 1984.
@wp.kernel
def darken(
    first_row: wp.int32,
    width: wp.int32,
    lanes: wp.int32,
    shot: wp.int32,
    layer: wp.int32,
    channels: wp.int32,
    depth: wp.float32,
    left: wp.array2d(dtype=wp.vec2f),
    layer_start: wp.array2d(dtype=wp.int64),
    layer_stride: wp.array(dtype=wp.int32),
    pixels: wp.array(dtype=wp.uint8),
):
    thread = wp.tid()
    row = thread / lanes
    # 32 bits hold it: a section has less than 2 GB.
    at_row = wp.int32(layer_start[layer, shot]) + (first_row + row) * layer_stride[shot]
    for column in range(thread % lanes, width, lanes):
        light = left[row, column]
        alpha = depth * (1.0 - SKY_SHARE * light[0] - (1.0 - SKY_SHARE) * light[1])
        if alpha <= 0.0:
            continue
        at = at_row + channels * column
        kept = 1.0 - alpha
        if channels == 4:
            below = kept * wp.float32(pixels[natural(at + 3)]) / 255.0
            pixels[natural(at + 3)] = wp.uint8(wp.int32(255.0 * (alpha + below) + 0.5))
            kept = below / (alpha + below)
        for i in range(3):
            pixels[natural(at + i)] = wp.uint8(wp.int32(kept * wp.float32(pixels[natural(at + i)]) + 0.5))


class CatchingPanel(NamedTuple):
    """A panel that catches shadows.

    Attributes:
        shot: Which one it shows.
        layer: Its place among the layers of that.
        size_px: Its width and height.
        first: The homography of the first person of its sheet, and
        step: from one person's to the next: 0 where all are seen by one camera.
        depth: The alpha where no light comes to.
    """

    shot: int
    layer: int
    size_px: tuple[int, int]
    first: int
    step: int
    depth: float


def catch_shadows(
    panels: list[CatchingPanel], homography: torch.Tensor, sky: FloorMap, key: FloorMap, canvas: Canvas
) -> None:
    """Lays the shadows of a sheet's people into panels, in place.

    A place gets the product of what each of the people leaves of a light. Where two keep off different parts
    of it, that is a little more than there is; but each has a map of his own, as fine in a crowd as alone.

    Args:
        panels: Of one sheet, that look from one side.
        homography: (H, 3, 3) float32, from `find_homographies`.
        sky: Of the people of the sheet, from the same origin, and
        key: likewise, as the key light stands for these panels.
        canvas: Of the batch's sheets, with their backgrounds.
    """
    device = canvas.pixels.device
    lanes = CUDA_ROW_LANES if device.type == "cuda" else 1
    maps = [part for told in (sky, key) for part in (told.corner.float(), told.cell.float(), told.light)]
    for panel in panels:
        width, height = panel.size_px
        left = torch.empty(min(height, BAND_ROWS), width, 2, device=device)
        for first_row in range(0, height, BAND_ROWS):
            threads = min(BAND_ROWS, height - first_row) * lanes
            rows = [first_row, width, lanes]
            launch(gather_light, threads, [*rows, panel.first, panel.step, homography, *maps, left], device)
            where = [panel.shot, panel.layer, canvas.channels, panel.depth]
            told = [left, canvas.layer_start, canvas.layer_stride, canvas.cut_section_of(panel.shot)]
            launch(darken, threads, [*rows, *where, *told], device)
