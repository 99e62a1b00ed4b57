"""Soft shadows of bodies on the ground, a map for each person.

Each body is looked at along the light from below the ground: what is lowest at each place casts that place's
shadow. Places are shared out to a few levels of height, each level is blurred by its height, and what light
passes all levels is what the ground gets. So a shadow is sharp at the feet, and wide and faint below a raised
hand. It depends on nothing but its own body, and every step of it gives the same bits in any order.
"""

from __future__ import annotations

import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, launch, loop_lanes
from render.sheet.ground.silhouettes import FloorMap, OnFloor, stand

wp.set_module_options(MODULE_OPTIONS)

# Cells of a map along each side, and the least side of a cell.
CELLS = 160
LEAST_CELL_M = 0.02
# How far a shadow is moved by a metre of height, to the right and away: the light comes from the upper left
# in front, as that of the studio does.
SLANT = wp.constant(wp.vec2d(wp.float64(0.22), wp.float64(0.26)))
# Of the levels: their heights, how far from an outline the shadow ends, and the share of the light that a
# body keeps off.
LEVELS = 6
Level = wp.types.vector(length=LEVELS, dtype=wp.float32)
HEIGHT_M = wp.constant(Level(0.0, 0.06, 0.18, 0.45, 1.0, 2.0))
SPREAD_M = wp.constant(Level(0.045, 0.08, 0.15, 0.28, 0.50, 0.80))
STRENGTH = wp.constant(Level(0.68, 0.58, 0.48, 0.39, 0.30, 0.17))
# Around a map, for the widest spread.
PAD_M = 0.8
# Heights are whole numbers of these, so that the lowest is the same in any order.
STEPS_PER_M = wp.constant(4096.0)
# What takes memory while it is made is made for so many people at once.
BLOCK = 64
NOTHING = wp.constant(wp.int32(2147483647))


@wp.func
def cast(
    vert: wp.vec3f, matrix: wp.mat33d, shift: wp.vec3d, ground: wp.float64, unit: wp.float64
) -> wp.vec3d:
    """Where the shadow of a vertex falls, and how high the vertex is: x, z, height, m."""
    at = stand(vert, matrix, shift, ground, unit)
    height = wp.max(at[2], wp.float64(0.0))
    return wp.vec3d(at[0] + SLANT[0] * height, at[1] + SLANT[1] * height, height)


@wp.kernel
def bound_lanes(
    verts: wp.array2d(dtype=wp.vec3f),
    matrix: wp.array(dtype=wp.mat33d),
    shift: wp.array(dtype=wp.vec3d),
    ground: wp.array(dtype=wp.float64),
    unit: wp.array(dtype=wp.float64),
    lanes: wp.int32,
    bounds: wp.array2d(dtype=wp.vec4d),
):
    body, lane = wp.tid()
    # The least of x, z, -x and -z.
    least = wp.vec4d(wp.float64(wp.inf), wp.float64(wp.inf), wp.float64(wp.inf), wp.float64(wp.inf))
    for vertex in range(lane, verts.shape[1], lanes):
        at = cast(verts[body, vertex], matrix[body], shift[body], ground[body], unit[body])
        least = wp.min(least, wp.vec4d(at[0], at[1], -at[0], -at[1]))
    bounds[body, lane] = least


# A thread a face. Cells whose middle lies in it, or on its border, take its height if it is the lowest.
@wp.kernel
def look_from_below(
    verts: wp.array2d(dtype=wp.vec3f),
    faces: wp.array(dtype=wp.vec3i),
    matrix: wp.array(dtype=wp.mat33d),
    shift: wp.array(dtype=wp.vec3d),
    ground: wp.array(dtype=wp.float64),
    unit: wp.array(dtype=wp.float64),
    corner: wp.array(dtype=wp.vec2d),
    cell: wp.array(dtype=wp.float64),
    lowest: wp.array3d(dtype=wp.int32),
):
    body, face = wp.tid()
    cells = lowest.shape[2]
    corners = faces[face]
    places = wp.mat33f()
    for i in range(3):
        at = cast(verts[body, corners[i]], matrix[body], shift[body], ground[body], unit[body])
        places[i, 0] = wp.float32((at[0] - corner[body][0]) / cell[body])
        places[i, 1] = wp.float32((at[1] - corner[body][1]) / cell[body])
        places[i, 2] = wp.float32(at[2])
    a, b, c = places[0], places[1], places[2]
    area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    # Written so that NaN is passed over.
    if not wp.abs(area) > 1.0e-12:
        return
    low = wp.min(wp.min(a, b), c)
    high = wp.max(wp.max(a, b), c)
    last = wp.float32(cells - 1)
    for row in range(
        wp.int32(wp.clamp(wp.ceil(low[1] - 0.5), 0.0, last)),
        wp.int32(wp.clamp(wp.floor(high[1] - 0.5), -1.0, last)) + 1,
    ):
        for column in range(
            wp.int32(wp.clamp(wp.ceil(low[0] - 0.5), 0.0, last)),
            wp.int32(wp.clamp(wp.floor(high[0] - 0.5), -1.0, last)) + 1,
        ):
            x, z = wp.float32(column) + 0.5, wp.float32(row) + 0.5
            wa = ((b[0] - x) * (c[1] - z) - (b[1] - z) * (c[0] - x)) / area
            wb = ((c[0] - x) * (a[1] - z) - (c[1] - z) * (a[0] - x)) / area
            wc = 1.0 - wa - wb
            if wa >= 0.0 and wb >= 0.0 and wc >= -1.0e-6:
                height = wp.clamp(wa * a[2] + wb * b[2] + wc * c[2], 0.0, HEIGHT_M[LEVELS - 1])
                wp.atomic_min(lowest, body, row, column, wp.int32(height * STEPS_PER_M))


@wp.func
def share_of(lowest: wp.int32, level: wp.int32) -> wp.float32:
    """What share of a place with this height a level takes: two neighbouring levels take it all."""
    if lowest == NOTHING:
        return 0.0
    height = wp.float32(lowest) / STEPS_PER_M
    share = wp.float32(1.0)
    if height < HEIGHT_M[level] and level > 0:
        share = (height - HEIGHT_M[level - 1]) / (HEIGHT_M[level] - HEIGHT_M[level - 1])
    if height > HEIGHT_M[level] and level < LEVELS - 1:
        share = (HEIGHT_M[level + 1] - height) / (HEIGHT_M[level + 1] - HEIGHT_M[level])
    return wp.max(share, 0.0)


@wp.func
def bell_at(t: wp.float32) -> wp.float32:
    """A bell of a polynomial, 0 from 1 on, for an exponential rounds in another way on each device."""
    left = wp.max(1.0 - t * t, 0.0)
    return left * left * left


@wp.func
def bell_sum(radius: wp.int32, narrow: wp.float32) -> wp.float32:
    whole = wp.float32(0.0)
    for i in range(-radius, radius + 1):
        whole += bell_at(wp.float32(i) * narrow)
    return whole


# A thread a row of a map. Most of a level is empty, and costs next to nothing in this and in the next kernel.
@wp.kernel
def blur_rows(
    lowest: wp.array3d(dtype=wp.int32),
    cell: wp.array(dtype=wp.float64),
    blurred: wp.array4d(dtype=wp.float32),
):
    body, row = wp.tid()
    cells = lowest.shape[2]
    for level in range(LEVELS):
        narrow = wp.float32(cell[body]) / SPREAD_M[level]
        radius = wp.int32(1.0 / narrow)
        whole = bell_sum(radius, narrow)
        for column in range(cells):
            share = share_of(lowest[body, row, column], level) / whole
            if share > 0.0:
                for at in range(wp.max(column - radius, 0), wp.min(column + radius + 1, cells)):
                    blurred[body, level, row, at] += share * bell_at(wp.float32(at - column) * narrow)


# A thread a column of a map.
@wp.kernel
def blur_columns(
    blurred: wp.array4d(dtype=wp.float32),
    cell: wp.array(dtype=wp.float64),
    covered: wp.array4d(dtype=wp.float32),
    light: wp.array3d(dtype=wp.float32),
):
    body, column = wp.tid()
    cells = light.shape[2]
    for level in range(LEVELS):
        narrow = wp.float32(cell[body]) / SPREAD_M[level]
        radius = wp.int32(1.0 / narrow)
        whole = bell_sum(radius, narrow)
        for row in range(cells):
            share = blurred[body, level, row, column] / whole
            if share > 0.0:
                for at in range(wp.max(row - radius, 0), wp.min(row + radius + 1, cells)):
                    covered[body, level, at, column] += share * bell_at(wp.float32(at - row) * narrow)
    for row in range(cells):
        left = wp.float32(1.0)
        for level in range(LEVELS):
            left *= 1.0 - STRENGTH[level] * wp.min(covered[body, level, row, column], 1.0)
        light[body, row, column] = left


def cast_shadows(bodies: OnFloor, faces: torch.Tensor) -> FloorMap:
    """The light that people leave on the grounds of their sheets, each by himself.

    Args:
        bodies: M of them.
        faces: (F, 3) int32.
    """
    device, (count, vert_count) = bodies.verts.device, bodies.verts.shape[:2]
    lanes = loop_lanes(device, vert_count)
    bounds = torch.empty(count, lanes, 4, dtype=torch.float64, device=device)
    launch(bound_lanes, (count, lanes), [*bodies, lanes, bounds], device)
    least, most = bounds.amin(1).split(2, 1)
    most = -most
    # Cells are doubled until the map holds the shadow, and lie on a grid, so that what stands still has a
    # shadow that stands still, whatever else of the body moves.
    need = ((most - least).amax(1) + 2 * PAD_M) / (CELLS - 1)
    doublings = (need / LEAST_CELL_M).clamp(1.0, 2.0**40).log2().ceil()
    cell = LEAST_CELL_M * 2.0 ** doublings.nan_to_num(0.0)
    middle = ((least + most) / 2).nan_to_num(0.0)
    corner = (middle / cell[:, None] - CELLS / 2).floor() * cell[:, None]
    light = torch.empty(count, CELLS, CELLS, device=device)
    for begin in range(0, count, BLOCK):
        own = slice(begin, begin + BLOCK)
        _blur(OnFloor(*(column[own] for column in bodies)), faces, corner[own], cell[own], light[own])
    return FloorMap(light, corner, cell)


def _blur(
    bodies: OnFloor, faces: torch.Tensor, corner: torch.Tensor, cell: torch.Tensor, light: torch.Tensor
) -> None:
    device, count = light.device, len(light)
    lowest = torch.full((count, CELLS, CELLS), int(NOTHING), dtype=torch.int32, device=device)
    launch(
        look_from_below, (count, len(faces)), [bodies.verts, faces, *bodies[1:], corner, cell, lowest], device
    )
    blurred, covered = (torch.zeros(count, LEVELS, CELLS, CELLS, device=device) for _ in range(2))
    launch(blur_rows, (count, CELLS), [lowest, cell, blurred], device)
    launch(blur_columns, (count, CELLS), [blurred, cell, covered, light], device)
