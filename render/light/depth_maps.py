"""Depth maps: how far bodies reach towards a light, at each place as the light sees them.

A map shows one body along one direction, without perspective, and is fitted to the body, so that a crowd
costs no sharpness. Heights are whole numbers, of which the greatest is kept, so that maps are the same in any
order.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, launch, loop_lanes, natural
from render.light.placed_bodies import PlacedBodies

wp.set_module_options(MODULE_OPTIONS)

# Texels along each side of a map. Where more occluders than the second number may hide each other, maps have
# half of it, so that those of one direction never take much memory.
CELLS = 256
MOST_SHARP = 256
LEAST_CELLS = 32
# Around a body, for what is looked up between texels.
BORDER = 2.0
# Heights are whole numbers of this share of the body's reach. A power of two, so that it rounds nothing.
STEPS = wp.constant(wp.float32(268435456.0))
NOTHING = wp.constant(wp.int32(-2147483648))
# Sides that are a smaller share of a body's reach are widened: those of a plate that is seen from its edge.
LEAST_SIDE = 0.02
# Rounding may leave a texel's middle outside of both faces that share an edge.
SLACK = wp.constant(wp.float32(1.0e-4))
# Of the shape of a face in texels: what is smaller covers no texel's middle but by rounding.
LEAST_AREA = wp.constant(wp.float32(1.0e-9))


class DepthMaps(NamedTuple):
    """B maps of each of O occluders; an occluder is a body in the light of one set of directions.

    Attributes:
        nearest: (O, B, cells, cells) int32, greatest height towards the light in shares of the reach.
        scale: (O, B, 2) float32, texels in a metre, along either axis across the direction.
        reach: (O,) float32, half of the diagonal of the body's box, m.
        middle: (O, 3) float64, of the body, m.
        frames: (R, B, 3, 3) float32, of each set: two axes across a direction, and the direction.
    """

    nearest: torch.Tensor
    scale: torch.Tensor
    reach: torch.Tensor
    middle: torch.Tensor
    frames: torch.Tensor


@wp.kernel
def look_along(
    verts: wp.array2d(dtype=wp.vec3f),
    body: wp.array(dtype=wp.int32),
    of_set: wp.array(dtype=wp.int32),
    frames: wp.array2d(dtype=wp.mat33f),
    scale: wp.array2d(dtype=wp.vec2f),
    reach: wp.array(dtype=wp.float32),
    half_cells: wp.float32,
    lanes: wp.int32,
    seen: wp.array(dtype=wp.vec3f),
):
    occluder, direction, lane = wp.tid()
    frame = frames[of_set[occluder], direction]
    per_m = scale[occluder, direction]
    of_body, per_reach = body[occluder], 1.0 / reach[occluder]
    vert_count = verts.shape[1]
    start = (occluder * frames.shape[1] + direction) * vert_count
    for vertex in range(lane, vert_count, lanes):
        at = frame * verts[of_body, vertex]
        column, height = at[0] * per_m[0] + half_cells, at[2] * per_reach
        # A vertex that is nowhere, or of a body that is: faces pass over it.
        if not wp.abs(height) < 1.01:
            column = wp.nan
        seen[natural(start + vertex)] = wp.vec3f(column, at[1] * per_m[1] + half_cells, height * STEPS)


@wp.func
def draw_face(
    corners: wp.vec3i,
    first_vertex: wp.int32,
    first_texel: wp.int32,
    seen: wp.array(dtype=wp.vec3f),
    cells: wp.int32,
    culls: wp.bool,
    nearest: wp.array(dtype=wp.int32),
):
    a = seen[natural(first_vertex + corners[0])]
    b = seen[natural(first_vertex + corners[1])]
    c = seen[natural(first_vertex + corners[2])]
    bx, by, cx, cy = b[0] - a[0], b[1] - a[1], c[0] - a[0], c[1] - a[1]
    area = bx * cy - by * cx
    # Written so that NaN is passed over.
    if not area > LEAST_AREA and (culls or not area < -LEAST_AREA):
        return
    low, high = wp.min(wp.min(a, b), c), wp.max(wp.max(a, b), c)
    # Those whose middles lie in the box around it. A rounding function would cost as much as all of this.
    most = wp.float32(cells)
    first_column = wp.int32(wp.clamp(low[0] + 0.5, 0.0, most))
    end_column = wp.int32(wp.clamp(high[0] + 0.5, 0.0, most))
    first_row = wp.int32(wp.clamp(low[1] + 0.5, 0.0, most))
    end_row = wp.int32(wp.clamp(high[1] + 0.5, 0.0, most))
    if first_column >= end_column or first_row >= end_row:
        return
    # What the shares of b and c gain from one texel to the next.
    inverse = 1.0 / area
    b_right, b_down, c_right, c_down = cy * inverse, -cx * inverse, -by * inverse, bx * inverse
    of_b, of_c = b[2] - a[2], c[2] - a[2]
    width = end_column - first_column
    x, y = wp.float32(first_column) + 0.5 - a[0], wp.float32(first_row) + 0.5 - a[1]
    b_row, c_row = b_right * x + b_down * y, c_right * x + c_down * y
    at_row = first_texel + first_row * cells + first_column
    for _row in range(first_row, end_row):
        # Copies: Warp would add to the row's own.
        b_share, c_share = wp.float32(b_row), wp.float32(c_row)
        for at in range(at_row, at_row + width):
            if wp.min(wp.min(b_share, c_share), 1.0 - b_share - c_share) >= -SLACK:
                height = wp.clamp(a[2] + b_share * of_b + c_share * of_c, low[2], high[2])
                wp.atomic_max(nearest, natural(at), wp.int32(height))
            b_share += b_right
            c_share += c_right
        b_row += b_down
        c_row += c_down
        at_row += cells


@wp.kernel
def draw_faces(
    faces: wp.array(dtype=wp.vec3i),
    seen: wp.array(dtype=wp.vec3f),
    vert_count: wp.int32,
    cells: wp.int32,
    boundary: wp.array(dtype=wp.int64),
    lanes: wp.int32,
    nearest: wp.array(dtype=wp.int32),
):
    number, lane = wp.tid()
    # Behind a face that is turned away there is one that is not, unless the body is open.
    culls = boundary[0] == wp.int64(0)
    for face in range(lane, faces.shape[0], lanes):
        draw_face(faces[face], number * vert_count, number * cells * cells, seen, cells, culls, nearest)


def count_cells(occluders: int) -> int:
    """Texels along a side of maps where so many may hide each other."""
    cells = CELLS
    while occluders * cells * cells > MOST_SHARP * CELLS * CELLS and cells > LEAST_CELLS:
        cells //= 2
    return cells


def sum_boundary(faces: torch.Tensor) -> torch.Tensor:
    """(1,) int64, 0 of closed bodies, whose every edge is passed once in each direction; else another number.

    Args:
        faces: (F, 3) int32.
    """
    start = faces.long()
    end = start.roll(-1, 1)
    # Sums of whole numbers are the same in any order. Mixed, the edges of a rim do not cancel.
    mixed = [(ends * 0x2545F4914F6CDD1D) ^ (ends << 7) for ends in (start, end)]
    squares = [one * one for one in mixed]
    return (mixed[0] * squares[1] - mixed[1] * squares[0]).sum().view(1)


class DepthMapper:
    """Draws depth maps of O occluders, a block of directions after the other into the same memory.

    Args:
        bodies: M of them.
        faces: (F, 3) int32, of all.
        boundary: From `sum_boundary`.
        body: (O,) int32, which body each occluder is.
        of_set: (O,) int32, along which set of directions it is looked at.
        most: How many directions a block has at most.
        cells: Texels along a side, see `count_cells`.
    """

    def __init__(
        self,
        bodies: PlacedBodies,
        faces: torch.Tensor,
        boundary: torch.Tensor,
        body: torch.Tensor,
        of_set: torch.Tensor,
        most: int,
        cells: int = CELLS,
    ) -> None:
        device, self._vert_count = faces.device, bodies.verts.shape[1]
        self._bodies, self._faces, self._boundary = bodies, faces, boundary
        self._body, self._of_set, self._cells = body, of_set, cells
        self._half = bodies.half[body.long()]
        self._middle = bodies.middle[body.long()]
        # By hand, for a library may round by how many there are.
        x, y, z = self._half.unbind(1)
        self._reach = (x * x + y * y + z * z).sqrt().clamp(min=1e-6)
        self._seen = torch.empty(len(body) * most * self._vert_count, 3, device=device)
        self._nearest = torch.empty(len(body) * most * cells * cells, dtype=torch.int32, device=device)

    def draw(self, frames: torch.Tensor) -> DepthMaps:
        """The maps along a block of directions, which are there until the next block is drawn.

        Args:
            frames: (R, B, 3, 3) float32, of R sets, see `frame_directions`.
        """
        device, count, directions, cells = self._faces.device, len(self._body), frames.shape[1], self._cells
        x, y, z = self._half[:, None, None].unbind(3)
        axes = frames[self._of_set.long(), :, :2].abs()
        side = axes[..., 0] * x + axes[..., 1] * y + axes[..., 2] * z
        side = torch.maximum(side, (LEAST_SIDE * self._reach)[:, None, None])
        scale = ((cells / 2 - BORDER) / side).contiguous()
        lanes = max(loop_lanes(device, self._vert_count), 1)
        placed = [self._bodies.verts, self._body, self._of_set, frames, scale, self._reach, cells / 2]
        launch(look_along, (count, directions, lanes), [*placed, lanes, self._seen], device)
        nearest = self._nearest[: count * directions * cells * cells]
        nearest.fill_(int(NOTHING))
        lanes = max(loop_lanes(device, len(self._faces)), 1)
        drawn = [self._faces, self._seen, self._vert_count, cells, self._boundary, lanes, nearest]
        launch(draw_faces, (count * directions, lanes), drawn, device)
        return DepthMaps(
            nearest.view(count, directions, cells, cells), scale, self._reach, self._middle, frames
        )


def count_bytes(cells: int, vert_count: int) -> int:
    """What one map of a `DepthMapper` takes.

    Args:
        cells: Along a side.
        vert_count: Of a body.
    """
    return 4 * cells * cells + 12 * vert_count
