"""Which way is up, as far as bodies tell.

It is an estimate. A person who stands has the body above the feet, however it bows or leans: the line from
the feet to the body's middle is up. The torso of somebody who sits or crouches is about upright, and counts
half. Where that is far from the picture's vertical, as of people who lie or stand on their hands, the
picture's vertical is taken. All of these pass into one another without a jump.
"""

from __future__ import annotations

import math

import numpy as np
import torch
import warp as wp

from render.body.anatomy import Anatomy
from render.compute.kernels import MODULE_OPTIONS, launch
from render.compute.transfer import upload
from render.fits.joint_orders import OPENPOSE_18
from render.types.bodies import Bodies

wp.set_module_options(MODULE_OPTIONS)

# In the order in which the kernel reads them.
USED = (
    *("right_hip", "left_hip", "right_knee", "left_knee", "right_ankle", "left_ankle"),
    *("neck", "right_shoulder", "left_shoulder"),
)
# A leg is bent below, and straight above such shares of its length from the hip to the ankle.
BENT, STRAIGHT = wp.constant(wp.float64(0.7)), wp.constant(wp.float64(0.9))
# From the picture's vertical: what is nearer is believed, and what is farther is not.
NEAR_RAD, FAR_RAD = (wp.constant(wp.float64(math.radians(angle))) for angle in (40.0, 75.0))
# Of a torso alone: people who sit or crouch lean.
TORSO_TRUST = wp.constant(wp.float64(0.5))
# Below the other by less than the first share of a leg, a foot carries half of a body; by more than the
# second, all of it.
BOTH_FEET, ONE_FOOT = wp.constant(wp.float64(0.22)), wp.constant(wp.float64(0.45))
# Of the body's mass: the legs', which lies at the knees, and half of all else at the hips and the shoulders
# each (after Winter, "Biomechanics and Motor Control of Human Movement", 2009, table 4.1).
LEGS, HALF_TRUNK = wp.constant(wp.float64(0.32)), wp.constant(wp.float64(0.34))
# Lengths that are none, in m.
TINY = wp.constant(wp.float64(1e-6))


@wp.func
def fade_in(value: wp.float64, low: wp.float64, high: wp.float64) -> wp.float64:
    """From 0 at `low` to 1 at `high`, with no edge."""
    t = wp.clamp((value - low) / (high - low), wp.float64(0.0), wp.float64(1.0))
    return t * t * (wp.float64(3.0) - wp.float64(2.0) * t)


@wp.func
def trust(direction: wp.vec3d) -> wp.float64:
    """How far a direction may be up: 1 near the picture's vertical, 0 far from it."""
    length = wp.length(direction)
    if length < TINY:
        return wp.float64(0.0)
    # Over both, so that the angle is exact where its cosine is flat.
    aside = wp.sqrt(direction[0] * direction[0] + direction[2] * direction[2])
    angle = wp.atan2(aside, -direction[1])
    return wp.float64(1.0) - fade_in(angle, NEAR_RAD, FAR_RAD)


@wp.kernel
def estimate_ups(
    joints: wp.array2d(dtype=wp.vec3f), places: wp.array2d(dtype=wp.int32), up: wp.array(dtype=wp.vec3d)
):
    person = wp.tid()
    picture = wp.vec3d(wp.float64(0.0), wp.float64(-1.0), wp.float64(0.0))
    up[person] = picture
    for i in range(9):
        place = places[person, i]
        if place < 0:
            return
        joint = joints[person, place]
        if not (wp.isfinite(joint[0]) and wp.isfinite(joint[1]) and wp.isfinite(joint[2])):
            return
    half = wp.float64(0.5)
    hip_r, hip_l = wp.vec3d(joints[person, places[person, 0]]), wp.vec3d(joints[person, places[person, 1]])
    knee_r, knee_l = wp.vec3d(joints[person, places[person, 2]]), wp.vec3d(joints[person, places[person, 3]])
    foot_r, foot_l = wp.vec3d(joints[person, places[person, 4]]), wp.vec3d(joints[person, places[person, 5]])
    neck = wp.vec3d(joints[person, places[person, 6]])
    shoulder_r = wp.vec3d(joints[person, places[person, 7]])
    shoulder_l = wp.vec3d(joints[person, places[person, 8]])
    hip = half * (hip_r + hip_l)
    chest = half * (neck + half * (shoulder_r + shoulder_l))
    length_r = wp.length(hip_r - knee_r) + wp.length(knee_r - foot_r)
    length_l = wp.length(hip_l - knee_l) + wp.length(knee_l - foot_l)
    leg = half * (length_r + length_l)
    torso_length = wp.length(chest - hip)
    if length_r < TINY or length_l < TINY or torso_length < TINY:
        return
    torso = (chest - hip) / torso_length
    # Who stands on one leg stands on the one that is lower in the picture.
    drop = (foot_r[1] - foot_l[1]) / leg
    right = half + half * wp.sign(drop) * fade_in(wp.abs(drop), BOTH_FEET, ONE_FOOT)
    left = wp.float64(1.0) - right
    foot = right * foot_r + left * foot_l
    reach = right * wp.length(hip_r - foot_r) / length_r + left * wp.length(hip_l - foot_l) / length_l
    middle = LEGS * half * (knee_r + knee_l) + HALF_TRUNK * (hip + chest)
    line = middle - foot
    line_length = wp.length(line)
    if line_length > TINY:
        line = line / line_length
    stands = fade_in(reach, BENT, STRAIGHT) * trust(line)
    told = stands * line + (wp.float64(1.0) - stands) * TORSO_TRUST * torso
    share = trust(told)
    # What the body does not tell, the picture does. Both are within 75 degrees, so the sum is never nothing.
    rest = wp.float64(1.0) - share * wp.length(told)
    up[person] = wp.normalize(share * told + rest * picture)


# A thread a sheet: its people are few.
@wp.kernel
def turn_sheets(
    first: wp.array(dtype=wp.int32), up: wp.array(dtype=wp.vec3d), upright: wp.array(dtype=wp.mat33d)
):
    sheet = wp.tid()
    begin, end = first[sheet], first[sheet + 1]
    # A frame of a sequence may have nobody on it.
    if begin == end:
        return
    total = up[begin]
    for i in range(begin + 1, end):
        total += up[i]
    one, zero = wp.float64(1.0), wp.float64(0.0)
    length = wp.length(total)
    mean = wp.vec3d(zero, -one, zero)
    # Worlds may disagree.
    if length > TINY:
        mean = total / length
    # The smallest rotation that takes it to (0, -1, 0): Rodrigues' formula, whose axis is their cross
    # product and whose cosine their dot product.
    axis = wp.vec3d(mean[2], zero, -mean[0])
    cosine = -mean[1]
    turn = wp.mat33d(-one, zero, zero, zero, -one, zero, zero, zero, one)
    # Upside down any axis is as good: about that of the view.
    if one + cosine > TINY:
        cross = wp.skew(axis)
        turn = wp.identity(n=3, dtype=wp.float64) + cross + cross * cross / (one + cosine)
    for i in range(begin, end):
        upright[i] = turn


def find_ups(bodies: Bodies, anatomies: list[Anatomy] | None) -> torch.Tensor:
    """(M, 3) unit vectors in the bodies' frame, float64: which way is up, as each body tells.

    Args:
        bodies: M of them.
        anatomies: Where their joints are; without, and of bodies that lack one of them, up is the picture's.
    """
    count, device = len(bodies.verts), bodies.verts.device
    columns = [OPENPOSE_18.index(name) for name in USED]
    places = np.full((count, len(USED)), -1, np.int32)
    if anatomies is not None:
        places = np.array([anatomy.openpose18[columns] for anatomy in anatomies], np.int32).reshape(
            places.shape
        )
    ups = torch.empty(count, 3, dtype=torch.float64, device=device)
    launch(estimate_ups, count, [bodies.joints.contiguous(), upload(places, device), ups], device)
    return ups


def turn_upright(ups: torch.Tensor, first: np.ndarray) -> torch.Tensor:
    """(M, 3, 3) the smallest rotation that takes the mean of a sheet's ups to the picture's, for each person.

    Args:
        ups: (M, 3) unit vectors.
        first: (S + 1,), index of the first person of each sheet, and the end.
    """
    upright = torch.empty(len(ups), 3, 3, dtype=torch.float64, device=ups.device)
    launch(
        turn_sheets, len(first) - 1, [upload(first.astype(np.int32), ups.device), ups, upright], ups.device
    )
    return upright
