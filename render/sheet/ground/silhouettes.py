"""Which light reaches the ground below bodies: their silhouettes along many directions, as bits of a map.

Along each direction a body hides the light from those places of the ground on which its silhouette falls.
What is left, on average over the directions of a light, is what of that light a place gets. That asks for no
depths, and so for no distance that is kept from surfaces: it is darkest right at the feet. Places are middles
of cells, in which silhouettes are exact, and each step gives the same bits in any order.

Silhouettes along neighbouring directions lie the farther apart, the higher what casts them is. So a body is
cut into bands of height, and what each band hides is blurred by so much: no border of a silhouette is seen.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, natural
from render.light.grids import smooth_step
from render.light.placed_bodies import place

wp.set_module_options(MODULE_OPTIONS)

# Directions are counted in whole words of bits.
WORD = 32
# What is below the ground by more than this share of the body's height casts no shadow on it.
DEEP = wp.constant(wp.float32(0.1))
# Silhouettes reach over their borders by this share of a face, or rounding would leave holes between faces.
OVERLAP = wp.constant(1.0e-4)
# Of the bands, as shares of a body's height: where each begins, and what stands for the height of all of it.
BANDS = 5
Bands = wp.types.vector(length=BANDS, dtype=wp.float32)
BAND_LOW = wp.constant(Bands(0.0, 0.03, 0.1, 0.25, 0.55))
BAND_MIDDLE = (0.015, 0.065, 0.175, 0.4, 0.775)
# Over this share of the distance where they end, far shadows grow fainter.
FAR_SHARE = wp.constant(0.75)
# Around a map, in cells: a silhouette on the border would be seen as one.
FREE_CELLS = 3


class OnFloor(NamedTuple):
    """Where M bodies are above their grounds.

    Attributes:
        verts: (M, V, 3) of the bodies.
        matrix: (M, 3, 3) float64, a vertex v lies at matrix v + shift in the space of its sheet.
        shift: (M, 3) float64.
        floor: (M,) float64, y of the ground there.
        unit: (M,) float64, lengths of the space in a metre.
    """

    verts: torch.Tensor
    matrix: torch.Tensor
    shift: torch.Tensor
    floor: torch.Tensor
    unit: torch.Tensor


class FloorMap(NamedTuple):
    """What of a light reaches the grounds below R bodies.

    Attributes:
        light: (R, C, C) float32, 1 where nothing is in the way; rows along z, columns along x.
        corner: (R, 2) float64, x and z of the first cell's corner, m.
        cell: (R,) float64, side of a cell, m.
    """

    light: torch.Tensor
    corner: torch.Tensor
    cell: torch.Tensor


@wp.func
def read_along(
    axis: wp.int32,
    body: wp.int32,
    band: wp.int32,
    line: wp.int32,
    step: wp.int32,
    cells: wp.array4d(dtype=wp.float32),
) -> wp.float32:
    if axis == 0:
        return cells[body, band, line, step]
    return cells[body, band, step, line]


@wp.func
def stand(
    vert: wp.vec3f, matrix: wp.mat33d, shift: wp.vec3d, floor: wp.float64, unit: wp.float64
) -> wp.vec3d:
    """Where a vertex is: x, z and height above the ground, m."""
    at = place(vert, matrix, shift, unit)
    return wp.vec3d(at[0], at[2], floor / unit - at[1])


# In cells, so that 32 bits are enough.
@wp.kernel
def place_verts(
    verts: wp.array2d(dtype=wp.vec3f),
    matrix: wp.array(dtype=wp.mat33d),
    shift: wp.array(dtype=wp.vec3d),
    floor: wp.array(dtype=wp.float64),
    unit: wp.array(dtype=wp.float64),
    corner: wp.array(dtype=wp.vec2d),
    cell: wp.array(dtype=wp.float64),
    placed: wp.array2d(dtype=wp.vec3f),
):
    body, vertex = wp.tid()
    at = stand(verts[body, vertex], matrix[body], shift[body], floor[body], unit[body])
    placed[body, vertex] = wp.vec3f(
        wp.vec3d(at[0] - corner[body][0], at[1] - corner[body][1], at[2]) / cell[body]
    )


# A thread a face. Cells whose middle lies in the face's silhouette get its bit, in the band of its height.
@wp.kernel
def stamp(
    first: wp.int32,
    placed: wp.array2d(dtype=wp.vec3f),
    faces: wp.array(dtype=wp.vec3i),
    height: wp.array(dtype=wp.float32),
    slopes: wp.array2d(dtype=wp.vec2f),
    side: wp.int32,
    bits: wp.array(dtype=wp.uint32),
):
    body, face = wp.tid()
    cells = wp.float32(side)
    corners = faces[face]
    a, b, c = placed[body, corners[0]], placed[body, corners[1]], placed[body, corners[2]]
    # Written so that NaN is passed over.
    if not wp.max(wp.max(a[2], b[2]), c[2]) > -DEEP * height[body] or not wp.isfinite(a + b + c):
        return
    ha, hb, hc = wp.max(a[2], 0.0), wp.max(b[2], 0.0), wp.max(c[2], 0.0)
    band = wp.int32(0)
    for i in range(1, BANDS):
        if ha + hb + hc > 3.0 * BAND_LOW[i] * height[body]:
            band = i
    # 32 bits hold it, for few bodies are cast at once.
    start = (body * BANDS + band) * side * side
    mark = wp.uint32(1)
    for bit in range(WORD):
        slope = slopes[body, first + bit]
        ax, ay = a[0] + slope[0] * ha, a[1] + slope[1] * ha
        bx, by = b[0] + slope[0] * hb, b[1] + slope[1] * hb
        cx, cy = c[0] + slope[0] * hc, c[1] + slope[1] * hc
        # Middles are at halves, so that rounding finds the first within, and the first beyond.
        left = wp.int32(wp.clamp(wp.min(wp.min(ax, bx), cx) + 0.5, 0.0, cells))
        right = wp.int32(wp.clamp(wp.max(wp.max(ax, bx), cx) + 0.5, 0.0, cells))
        top = wp.int32(wp.clamp(wp.min(wp.min(ay, by), cy) + 0.5, 0.0, cells))
        bottom = wp.int32(wp.clamp(wp.max(wp.max(ay, by), cy) + 0.5, 0.0, cells))
        # Many faces fall between the middles.
        if left < right and top < bottom:
            bx, by, cx, cy = bx - ax, by - ay, cx - ax, cy - ay
            part = 1.0 / (bx * cy - by * cx)
            for row in range(top, bottom):
                y = (wp.float32(row) + 0.5 - ay) * part
                at = start + row * side
                for column in range(left, right):
                    x = (wp.float32(column) + 0.5 - ax) * part
                    wb, wc = x * cy - y * cx, y * bx - x * by
                    # Not so where the face is seen from its edge, for there is no number.
                    if wb >= -OVERLAP and wc >= -OVERLAP and wb + wc <= 1.0 + OVERLAP:
                        wp.atomic_or(bits, natural(at + column), mark)
        mark = mark << wp.uint32(1)


# What higher bands hide is counted as theirs, so that theirs is smooth: that of lower ones has borders.
@wp.kernel
def count_bits(bits: wp.array4d(dtype=wp.uint32), hidden: wp.array4d(dtype=wp.float32)):
    body, row, column = wp.tid()
    above = wp.uint32(0)
    for i in range(BANDS):
        band = BANDS - 1 - i
        own = bits[body, band, row, column]
        hidden[body, band, row, column] += wp.float32(wp.bit_count(own & ~above))
        above = above | own


# A thread a line of cells, which takes the mean about each of them. Nothing is hidden beyond the map.
@wp.kernel
def blur(
    axis: wp.int32,
    radius: wp.array2d(dtype=wp.int32),
    sharp: wp.array4d(dtype=wp.float32),
    blurred: wp.array4d(dtype=wp.float32),
):
    body, band, line = wp.tid()
    cells = sharp.shape[3]
    r = radius[body, band]
    total = wp.float32(0.0)
    for step in range(cells + r):
        if step < cells:
            total += read_along(axis, body, band, line, step, sharp)
        if step > 2 * r:
            total -= read_along(axis, body, band, line, step - 2 * r - 1, sharp)
        if step >= r:
            mean = total / wp.float32(2 * r + 1)
            if axis == 0:
                blurred[body, band, line, step - r] = mean
            else:
                blurred[body, band, step - r, line] = mean


# What is left of the light: all of it at the border of the map, and far from what is lowest of a body.
@wp.kernel
def leave_light(
    share: wp.float32,
    border: wp.array(dtype=wp.float32),
    about: wp.array(dtype=wp.vec2f),
    far: wp.array(dtype=wp.float32),
    once: wp.array4d(dtype=wp.float32),
    twice: wp.array4d(dtype=wp.float32),
    light: wp.array3d(dtype=wp.float32),
):
    body, row, column = wp.tid()
    last = once.shape[3] - 1
    total = wp.float32(0.0)
    for band in range(BANDS):
        total += 2.0 * once[body, band, row, column] - twice[body, band, row, column]
    off = wp.min(wp.min(row, column), wp.min(last - row, last - column))
    dark = wp.clamp(total * share, 0.0, 1.0) * smooth_step(wp.float32(off) / wp.max(border[body], 1.0))
    away = wp.length(wp.vec2f(wp.float32(column) + 0.5, wp.float32(row) + 0.5) - about[body])
    light[body, row, column] = 1.0 - dark * smooth_step((far[body] - away) / (FAR_SHARE * far[body]))
