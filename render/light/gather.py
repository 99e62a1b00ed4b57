"""What light reaches points: sums over directions of what depth maps leave open.

Points come in groups, such as the vertices of a body or places on a ground. Each has a list of occluders. A
point is lifted off its surface before it is looked up, by as much as a surface of its slope rises from one
texel to the next, and a little more.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, launch, natural
from render.light.depth_maps import STEPS, DepthMaps
from render.light.grids import read_light

wp.set_module_options(MODULE_OPTIONS)

# In texels, beyond what the slope asks for: smooth normals are not those of the faces.
LIFT = wp.constant(wp.float32(0.2))


class PointGroups(NamedTuple):
    """G groups of N points.

    Attributes:
        points: (G, N, 3) float32, from the group's origin, m.
        normals: (G, N, 3) float32 unit vectors, in the same frame.
        origin: (G, 3) float64, in the space of the occluders' middles, m.
        reach: (G,) float32, how far from the origin its points are, m.
        first: (G,) int32, the first of its occluders among those of the maps.
        end: (G,) int32, behind the last of them.
    """

    points: torch.Tensor
    normals: torch.Tensor
    origin: torch.Tensor
    reach: torch.Tensor
    first: torch.Tensor
    end: torch.Tensor


class FloorPatches(NamedTuple):
    """How bright the floor is around each of G groups, as light that it sends up.

    Attributes:
        light: (G, L, L) float32, 1 where nothing dims it; rows along z, columns along x.
        corner: (G, 2) float32, x and z of the middle of its first cell, from the group's origin, m.
        cells_per_m: (G,) float32.
        height: (G,) float32, y of the ground from the group's origin, m; NaN where there is none.
    """

    light: torch.Tensor
    corner: torch.Tensor
    cells_per_m: torch.Tensor
    height: torch.Tensor


# A thread a group and direction: which occluders the light may meet before it meets the group.
@wp.kernel
def find_near(
    origin: wp.array(dtype=wp.vec3d),
    group_reach: wp.array(dtype=wp.float32),
    first: wp.array(dtype=wp.int32),
    end: wp.array(dtype=wp.int32),
    of_set: wp.array(dtype=wp.int32),
    frames: wp.array2d(dtype=wp.mat33f),
    middle: wp.array(dtype=wp.vec3d),
    reach: wp.array(dtype=wp.float32),
    near: wp.array3d(dtype=wp.int32),
    near_count: wp.array2d(dtype=wp.int32),
):
    group, direction = wp.tid()
    frame = frames[of_set[group], direction]
    count = wp.int32(0)
    for occluder in range(first[group], end[group]):
        off = frame * wp.vec3f(origin[group] - middle[occluder])
        both = 1.1 * (reach[occluder] + group_reach[group])
        # The group may be beside it, or wholly between it and the light.
        if off[0] * off[0] + off[1] * off[1] < both * both and off[2] < both:
            near[group, direction, count] = occluder
            count += 1
    near_count[group, direction] = count


@wp.func
def see(
    nearest: wp.array(dtype=wp.int32),
    start: wp.int32,
    cells: wp.int32,
    column: wp.float32,
    row: wp.float32,
    height: wp.int32,
) -> wp.float32:
    """How much of the four texels around a place is no higher than it, smooth between them."""
    i, j = wp.int32(column), wp.int32(row)
    u, v = column - wp.float32(i), row - wp.float32(j)
    at = start + j * cells + i
    # Of what is hidden, so that what is wholly open has no rounding in it.
    hidden = wp.float32(0.0)
    if nearest[natural(at)] > height:
        hidden += (1.0 - u) * (1.0 - v)
    if nearest[natural(at + 1)] > height:
        hidden += u * (1.0 - v)
    if nearest[natural(at + cells)] > height:
        hidden += (1.0 - u) * v
    if nearest[natural(at + cells + 1)] > height:
        hidden += u * v
    return wp.max(1.0 - hidden, 0.0)


@wp.func
def floor_at(
    group: wp.int32,
    point: wp.vec3f,
    way: wp.vec3f,
    light: wp.array3d(dtype=wp.float32),
    corner: wp.array(dtype=wp.vec2f),
    cells_per_m: wp.array(dtype=wp.float32),
    height: wp.array(dtype=wp.float32),
) -> wp.float32:
    """How bright the floor is where a ray from a point meets it."""
    along = wp.max(height[group] - point[1], 0.0) / wp.max(way[1], 1.0e-3)
    column = (point[0] + along * way[0] - corner[group][0]) * cells_per_m[group]
    row = (point[2] + along * way[2] - corner[group][1]) * cells_per_m[group]
    # Without a ground the place is NaN, and all is as bright.
    return read_light(light, group, column, row)


@wp.func
def see_past(
    point: wp.vec3f,
    frame: wp.mat33f,
    lean: wp.vec3f,
    start: wp.int32,
    nearest: wp.array(dtype=wp.int32),
    cells: wp.int32,
    per_m: wp.vec2f,
    reach: wp.float32,
) -> wp.float32:
    """How much of the light from a direction passes one occluder, 0 to 1.

    Args:
        point: From the occluder's middle, m.
        frame: Of the direction.
        lean: The point's normal in it.
        start: Where the occluder's map of the direction begins.
        nearest: See `DepthMaps`, as are the others.
        cells: Along a side of a map.
        per_m: Texels.
        reach: Of the occluder.
    """
    across, up = 1.0 / per_m[0], 1.0 / per_m[1]
    lift = wp.abs(lean[0]) * across + wp.abs(lean[1]) * up + LIFT * wp.max(across, up)
    off = frame * point + lift * lean
    middle, last = 0.5 * wp.float32(cells) - 0.5, wp.float32(cells - 1)
    column, row, tall = off[0] * per_m[0] + middle, off[1] * per_m[1] + middle, off[2] / reach
    # Written so that NaN is passed over. Above all of it, or beside it, nothing is in the way.
    if tall < 1.0 and column >= 0.0 and row >= 0.0 and column < last and row < last:
        return see(nearest, start, cells, column, row, wp.int32(wp.max(tall, -1.5) * STEPS))
    return 1.0


# On the CPU a thread a group, for then a map stays in the cache until all points have been looked up. Sums go
# on from launch to launch in the order of the directions, so that blocks of any size give the same bits.
@wp.kernel
def add_open(
    points: wp.array2d(dtype=wp.vec3f),
    normals: wp.array2d(dtype=wp.vec3f),
    origin: wp.array(dtype=wp.vec3d),
    of_set: wp.array(dtype=wp.int32),
    near: wp.array3d(dtype=wp.int32),
    near_count: wp.array2d(dtype=wp.int32),
    nearest: wp.array(dtype=wp.int32),
    cells: wp.int32,
    scale: wp.array2d(dtype=wp.vec2f),
    reach: wp.array(dtype=wp.float32),
    middle: wp.array(dtype=wp.vec3d),
    frames: wp.array2d(dtype=wp.mat33f),
    has_floor: wp.bool,
    light: wp.array3d(dtype=wp.float32),
    corner: wp.array(dtype=wp.vec2f),
    cells_per_m: wp.array(dtype=wp.float32),
    height: wp.array(dtype=wp.float32),
    lanes: wp.int32,
    sums: wp.array2d(dtype=wp.vec2f),
):
    group, lane = wp.tid()
    directions = frames.shape[1]
    for direction in range(directions):
        frame = frames[of_set[group], direction]
        way = wp.vec3f(frame[2, 0], frame[2, 1], frame[2, 2])
        count = near_count[group, direction]
        for at in range(lane, points.shape[1], lanes):
            lean = frame * normals[group, at]
            if lean[2] > 0.0:
                point = points[group, at]
                left = wp.float32(1.0)
                for k in range(count):
                    occluder = near[group, direction, k]
                    off = point + wp.vec3f(origin[group] - middle[occluder])
                    start = (occluder * directions + direction) * cells * cells
                    # Of two bodies the one that hides more counts, for they mostly hide the same.
                    left = wp.min(
                        left,
                        see_past(
                            off,
                            frame,
                            lean,
                            start,
                            nearest,
                            cells,
                            scale[occluder, direction],
                            reach[occluder],
                        ),
                    )
                if has_floor:
                    left *= floor_at(group, point, way, light, corner, cells_per_m, height)
                sums[group, at] = sums[group, at] + wp.vec2f(lean[2] * left, lean[2])


def gather(
    maps: DepthMaps,
    groups: PointGroups,
    of_set: torch.Tensor,
    sums: torch.Tensor,
    floor: FloorPatches | None = None,
) -> None:
    """Adds up the light that reaches points from the directions of depth maps.

    For each direction w that a point's normal n leans towards, n w is added to the second sum, and to the
    first as much of it as nothing hides. So the first over the second is the share of the light of these
    directions that reaches the point.

    Args:
        maps: Of the occluders.
        groups: The points.
        of_set: (G,) int32, which set of the maps' directions lights a group; that of all of its occluders.
        sums: (G, N, 2) float32, changed in place. Call it with one block of directions after the other.
        floor: What the directions end on where nothing hides it; None where that is as bright everywhere.
    """
    device, (count, point_count) = sums.device, sums.shape[:2]
    directions, cells = maps.frames.shape[1], maps.nearest.shape[2]
    # On the host it would have to wait for the device; no group has more than all of them.
    near = torch.empty(count, directions, max(len(maps.reach), 1), dtype=torch.int32, device=device)
    near_count = torch.empty(count, directions, dtype=torch.int32, device=device)
    found = [maps.middle, maps.reach]
    launch(
        find_near,
        (count, directions),
        [
            groups.origin,
            groups.reach,
            groups.first,
            groups.end,
            of_set,
            maps.frames,
            *found,
            near,
            near_count,
        ],
        device,
    )
    if floor is None:
        nothing = torch.empty(1, device=device)
        floor = FloorPatches(
            nothing.view(1, 1, 1), nothing.expand(2).contiguous().view(1, 2), nothing, nothing
        )
        has_floor = False
    else:
        has_floor = True
    lanes = point_count if device.type == "cuda" else 1
    launch(
        add_open,
        (count, lanes),
        [
            *(groups.points, groups.normals, groups.origin, of_set, near, near_count),
            *(maps.nearest.view(-1), cells, maps.scale, maps.reach, maps.middle, maps.frames),
            *(has_floor, *floor, lanes, sums),
        ],
        device,
    )
