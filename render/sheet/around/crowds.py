"""Crowds whose people have cameras of their own, on the ground that their feet tell.

Weak perspective, and a pinhole for each person, tell how large people are on their photo, not how far off
they are. Under one focal length f for all of the photo a person of s pixels a metre is at the depth f / s,
and what lies at (u, v) of a photo with the middle (c_x, c_y) is at

    X = ((u - c_x) / s, (v - c_y) / s, f / s) metres.

f is taken to be the photo's diagonal, a field of view of 53 degrees. A wrong f stretches all depths by one
factor, and a plane stays a plane: so where the feet of those who stand lie on one, near to level by what the
bodies tell of up, it is taken for the ground. They are set on it, and all others stay where they are above
it: those who sit on something, and those who jump. Where feet tell no ground, or somebody is far below it,
people stand in slabs one behind the other, as `order_people` has them.

It is an estimate. Sizes of people are: a child that is fitted as a grown-up is too far off. Two who touch
each other may come to stand in each other, for nothing here keeps bodies apart. Nobody is turned, though weak
perspective turns who stands aside of the middle. In clips there is no such ground, which might be there in
one frame and not in the next.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
import warp as wp

from render.body.anatomy import Anatomy
from render.compute.kernels import MODULE_OPTIONS, launch
from render.compute.transfer import upload
from render.sheet.around.reach import reach_along
from render.sheet.around.standing import find_standing
from render.sheet.around.upright import turn_upright
from render.sheet.framing import Batch
from render.sheet.place_people import People3D
from render.types.bodies import Bodies

wp.set_module_options(MODULE_OPTIONS)

# From the ground, of feet that are on it.
MOST_OFF_M = wp.constant(wp.float64(0.25))
# From what the bodies tell of up.
MOST_TILT = wp.constant(wp.float64(math.tan(math.radians(15.0))))
# A tilt by 7 degrees from that is as likely as a foot 0.1 m off the ground: (0.1 / tan(7))^2.
RIDGE_M2 = wp.constant(wp.float64(0.66))
# At most so many have their feet off the ground of the others: in a large crowd each takes a while to find.
MOST_LEFT_OUT = wp.constant(wp.int32(8))


class Crowds(NamedTuple):
    """Where M people are whose sheets have a ground; other rows stand for nothing.

    Attributes:
        has_ground: (M,) whether a person's sheet has one.
        rotation: (M, 3, 3) from the camera's frame to one in which the ground is level, y down.
        shift: (M, 3) of each body's origin there, in units.
        units_per_m: (M,) pixels of the photo, of whoever is drawn largest.
    """

    has_ground: torch.Tensor
    rotation: torch.Tensor
    shift: torch.Tensor
    units_per_m: torch.Tensor


@wp.func
def fit_plane(
    begin: wp.int32,
    end: wp.int32,
    foot: wp.array(dtype=wp.vec3d),
    keeps: wp.array(dtype=wp.int32),
    without: wp.int32,
) -> wp.vec4d:
    """y = a x + b z + c through the feet that are kept but for one: a, b, c, and how far off feet are."""
    zero = wp.float64(0.0)
    total = wp.vec3d(zero, zero, zero)
    count = wp.int32(0)
    for i in range(begin, end):
        if keeps[i] == 1 and i != without:
            total += foot[i]
            count += 1
    middle = total / wp.float64(count)
    xx, zz = RIDGE_M2 + zero, RIDGE_M2 + zero
    xz, xy, zy = zero + zero, zero + zero, zero + zero
    # Two tell no tilt: theirs is what the bodies tell.
    if count > 2:
        for i in range(begin, end):
            if keeps[i] == 1 and i != without:
                p = foot[i] - middle
                xx += p[0] * p[0]
                xz += p[0] * p[2]
                zz += p[2] * p[2]
                xy += p[0] * p[1]
                zy += p[2] * p[1]
    # Above 0, for the ridge.
    determinant = xx * zz - xz * xz
    a = (xy * zz - zy * xz) / determinant
    b = (zy * xx - xy * xz) / determinant
    farthest = zero + zero
    for i in range(begin, end):
        if keeps[i] == 1 and i != without:
            p = foot[i] - middle
            farthest = wp.max(farthest, wp.abs(p[1] - a * p[0] - b * p[2]))
    return wp.vec4d(a, b, middle[1] - a * middle[0] - b * middle[2], farthest)


# A thread a sheet: its people are few. Until all are on one plane, whoever keeps the others off it is left
# out, as long as more than half are left.
@wp.kernel
def find_grounds(
    first: wp.array(dtype=wp.int32),
    foot: wp.array(dtype=wp.vec3d),
    keeps: wp.array(dtype=wp.int32),
    ground: wp.array(dtype=wp.vec4d),
):
    sheet = wp.tid()
    begin, end = first[sheet], first[sheet + 1]
    zero, one = wp.float64(0.0), wp.float64(1.0)
    ground[sheet] = wp.vec4d(zero, zero, zero, zero)
    standing = wp.int32(0)
    for i in range(begin, end):
        standing += keeps[i]
    most = wp.min(MOST_LEFT_OUT, (standing - 1) // 2)
    for left_out in range(most + 1):
        if standing - left_out >= 2 and ground[sheet][3] == zero:
            plane = fit_plane(begin, end, foot, keeps, -1)
            if plane[3] <= MOST_OFF_M:
                ground[sheet] = wp.vec4d(plane[0], plane[1], plane[2], one)
            elif left_out < most:
                least = wp.float64(wp.inf)
                worst = begin
                for i in range(begin, end):
                    if keeps[i] == 1:
                        off = fit_plane(begin, end, foot, keeps, i)[3]
                        if off < least:
                            least = off
                            worst = i
                keeps[worst] = 0
    a, b = ground[sheet][0], ground[sheet][1]
    if wp.sqrt(a * a + b * b) > MOST_TILT:
        ground[sheet] = wp.vec4d(zero, zero, zero, zero)


def place_crowds(
    batch: Batch,
    bodies: Bodies,
    people: People3D,
    upright: torch.Tensor,
    in_metres: np.ndarray,
    anatomies: list[Anatomy] | None,
) -> Crowds | None:
    """Where the people of crowds are, None where there is no crowd that may have a ground.

    Args:
        batch: The sheets, their shots and their people.
        bodies: Of the people.
        people: Where they are in their photos.
        upright: (M, 3, 3) from the camera's frame to one that is upright by what the bodies tell.
        in_metres: (M,) whether the world has them.
        anatomies: Where the bodies' joints are, None where that is not known.
    """
    device, cameras = bodies.verts.device, batch.cameras
    may_have = _find_candidates(batch, in_metres)
    if anatomies is None or not may_have.any():
        return None
    picture_px = upload(cameras.picture_px, device)
    middle = torch.cat([people.origin_px[:, :2] - picture_px / 2, picture_px.norm(dim=1, keepdim=True)], 1)
    place_m = middle / people.scale_px[:, None]
    place = (upright @ place_m[:, :, None])[:, :, 0]
    lowest = _find_lowest(bodies, upright, place)
    metre = torch.ones_like(people.scale_px)
    stands, foot = find_standing(bodies, upright, place, metre, lowest, anatomies)
    keeps = (stands & upload(may_have, device)).int()
    foot[:, 1] = lowest
    ground = torch.empty(len(batch.sheets), 4, dtype=torch.float64, device=device)
    first = upload(batch.first.astype(np.int32), device)
    launch(find_grounds, len(batch.sheets), [first, foot.contiguous(), keeps, ground], device)
    of_sheet = upload(np.repeat(np.arange(len(batch.sheets)), np.diff(batch.first)), device)
    a, b, height, is_found = ground[of_sheet].T
    length = (1 + a * a + b * b).sqrt()
    up = torch.stack([a, -torch.ones_like(a), b], 1) / length[:, None]
    level = turn_upright(up.contiguous(), batch.first)
    rotation, place = level @ upright, (level @ place[:, :, None])[:, :, 0]
    below = _find_lowest(bodies, rotation, place) - height / length
    sunk = torch.zeros(len(batch.sheets), dtype=torch.float64, device=device)
    sunk = sunk.scatter_reduce(0, of_sheet, torch.where(keeps > 0, 0.0, below), "amax")
    # Nobody is beneath the ground, and who stands is on it.
    place[:, 1] -= torch.where(keeps > 0, below, below.clamp(min=0.0))
    largest = torch.zeros_like(sunk).scatter_reduce(0, of_sheet, people.scale_px, "amax")[of_sheet]
    return Crowds(
        has_ground=(is_found > 0) & (sunk[of_sheet] <= float(MOST_OFF_M)),
        rotation=rotation,
        shift=largest[:, None] * place,
        units_per_m=largest,
    )


def _find_candidates(batch: Batch, in_metres: np.ndarray) -> np.ndarray:
    """(M,) who is on a still sheet with others, in a photo whose size is known, at no known distance."""
    count = np.diff(batch.first)
    of_sheet = np.repeat(np.arange(len(count)), count)
    is_crowd = (count > 1) & np.array([sheet.photo_hw[0] > 0 for sheet in batch.sheets], bool)
    if batch.framing.up == "picture" or not batch.is_fitted or batch.scenes is not None:
        is_crowd[:] = False
    is_placed = in_metres | batch.cameras.shares_depth | batch.cameras.is_framed
    is_crowd &= np.bincount(of_sheet[is_placed], minlength=len(count)) == 0
    return is_crowd[of_sheet]


def _find_lowest(bodies: Bodies, rotation: torch.Tensor, place: torch.Tensor) -> torch.Tensor:
    every = torch.arange(len(bodies.verts), dtype=torch.int32, device=bodies.verts.device)
    return reach_along(bodies.verts, every, rotation[:, 1:2])[:, 0] + place[:, 1]
