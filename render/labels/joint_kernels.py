"""What lies before joints: where the way to the viewer crosses their own body, and who is nearest."""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS, natural
from render.rasterize.barycentric import find_barycentric
from render.rasterize.buffer import EMPTY, read_depth, read_id
from render.rasterize.edges import OFF_GRID, UNITS_PER_PX, covers_from
from render.rasterize.kernel_views import Scene, Shots

wp.set_module_options(MODULE_OPTIONS)

# Crossings that are kept of a joint. Bodies have four or six where limbs cross.
MOST_CROSSINGS = wp.constant(32)
OUTSIDE, HIDDEN, VISIBLE = 0, 1, 2
# A few steps of float32, of what a number was computed from.
_ROUNDED = wp.constant(2.0**-21)


@wp.func
def find_tolerance(a: wp.vec4f, b: wp.vec4f, c: wp.vec4f, joint: wp.vec4f) -> wp.float32:
    """By how much the depth of a face may be off where a joint lies on it.

    Corners and joint are each half a step of the grid off at most, along x and along y, and their places and
    depths are rounded. The depth of the face changes by its slopes times that.
    """
    abx, aby = b[0] - a[0], b[1] - a[1]
    acx, acy = c[0] - a[0], c[1] - a[1]
    cross = abx * acy - aby * acx
    slopes = wp.float32(0.0)
    if cross != 0.0:
        abz, acz = b[2] - a[2], c[2] - a[2]
        slopes = (wp.abs(abz * acy - acz * aby) + wp.abs(acz * abx - abz * acx)) / wp.abs(cross)
    off_px = 1.0 / wp.float32(UNITS_PER_PX) + _ROUNDED * (wp.abs(joint[0]) + wp.abs(joint[1]))
    return slopes * off_px + _ROUNDED * wp.abs(joint[2])


@wp.func
def find_turn(a: wp.vec2i, b: wp.vec2i, c: wp.vec2i, p: wp.vec2i) -> wp.int32:
    """Whether a face covers a point of the grid, as the rasterizer has it: no point of a closed surface is
    covered twice or not at all.

    Returns:
        1 where the face turns its outside to the viewer, -1 its inside, 0 where it does not cover the point.
    """
    ax, ay = wp.int64(a[0]), wp.int64(a[1])
    bx, by = wp.int64(b[0]), wp.int64(b[1])
    cx, cy = wp.int64(c[0]), wp.int64(c[1])
    px, py = wp.int64(p[0]), wp.int64(p[1])
    area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    if area == wp.int64(0):
        return 0
    turn = -1
    # y is down, so a face that turns its outside to the viewer has negative area.
    if area < wp.int64(0):
        turn = 1
        sx, sy = bx, by
        bx, by = cx, cy
        cx, cy = sx, sy
    none = wp.int64(0)
    if (
        covers_from(ax, ay, bx, by, px, py) < none
        or covers_from(bx, by, cx, cy, px, py) < none
        or covers_from(cx, cy, ax, ay, px, py) < none
    ):
        return 0
    return turn


# `lanes` threads a placement, each of which takes every lanes-th of its faces. `joint_grid` has the
# joints of each placement from the top down, and `order` says which they are.
@wp.kernel
def find_crossings(
    first_placement: wp.int32,
    lanes: wp.int32,
    scene: Scene,
    grid: wp.array(dtype=wp.vec2i),
    joints: wp.array2d(dtype=wp.vec4f),
    joint_grid: wp.array(dtype=wp.vec2i),
    order: wp.array(dtype=wp.int64),
    count: wp.array2d(dtype=wp.int32),
    crossings: wp.array3d(dtype=wp.vec3f),
):
    thread = wp.tid()
    placement = first_placement + thread / lanes
    first = placement * scene.vert_count
    joint_count = joints.shape[1]
    first_joint = placement * joint_count
    for face in range(thread % lanes, scene.faces.shape[0], lanes):
        corners = scene.faces[natural(face)]
        a = grid[natural(first + corners[0])]
        b = grid[natural(first + corners[1])]
        c = grid[natural(first + corners[2])]
        if a[0] == OFF_GRID or b[0] == OFF_GRID or c[0] == OFF_GRID:
            continue
        low = wp.min(wp.min(a, b), c)
        high = wp.max(wp.max(a, b), c)
        # The first joint that is not above the face, by halves.
        at = wp.int32(0)
        end = joint_count
        while at < end:
            middle = (at + end) >> 1
            if joint_grid[natural(first_joint + middle)][1] < low[1]:
                at = middle + 1
            else:
                end = middle
        while at < joint_count:
            p = joint_grid[natural(first_joint + at)]
            j = wp.int32(order[natural(first_joint + at)])
            at += 1
            if p[1] > high[1]:
                break
            if p[0] < low[0] or p[0] > high[0]:
                continue
            turn = find_turn(a, b, c, p)
            if turn != 0:
                joint = joints[placement, j]
                va = scene.verts[natural(first + corners[0])]
                vb = scene.verts[natural(first + corners[1])]
                vc = scene.verts[natural(first + corners[2])]
                weight = find_barycentric(va, vb, vc, joint[0], joint[1])
                depth = weight[0] * va[2] + weight[1] * vb[2] + weight[2] * vc[2]
                tolerance = find_tolerance(va, vb, vc, joint)
                # What lies behind the joint hides nothing of it.
                if depth <= joint[2] + tolerance:
                    slot = wp.atomic_add(count, placement, j, 1)
                    if slot < MOST_CROSSINGS:
                        crossings[placement, j, slot] = wp.vec3f(depth, wp.float32(turn), tolerance)


# A thread a joint of the placements of a chunk. A joint is in one chunk: in that which has its pixel.
@wp.kernel
def note_fronts(
    first_placement: wp.int32,
    first_row: wp.int32,
    end_row: wp.int32,
    origin: wp.int64,
    scene: Scene,
    shots: Shots,
    keys: wp.array(dtype=wp.int64),
    joints: wp.array2d(dtype=wp.vec4f),
    front: wp.array2d(dtype=wp.int32),
    front_depth: wp.array2d(dtype=wp.float32),
):
    thread = wp.tid()
    joint_count = joints.shape[1]
    placement = first_placement + thread / joint_count
    j = thread % joint_count
    joint = joints[placement, j]
    p = scene.shot[placement]
    if is_in_picture(joint, shots.size[p]):
        row = shots.first_row[p] + wp.int32(joint[1])
        if row >= first_row and row < end_row:
            base = wp.int32(shots.start[p] - origin) + wp.int32(joint[1]) * shots.stride[p]
            key = keys[natural(base + wp.int32(joint[0]))]
            if key != EMPTY:
                front[placement, j] = wp.int32(read_id(key) / wp.uint32(scene.faces.shape[0]))
                front_depth[placement, j] = read_depth(key)


@wp.func
def is_in_picture(joint: wp.vec4f, size: wp.vec2i) -> wp.bool:
    """Whether it is in front of the camera and inside of the picture; what is nowhere, NaN, is not."""
    return (
        joint[3] > 0.0
        and joint[0] >= 0.0
        and joint[0] < wp.float32(size[0])
        and joint[1] >= 0.0
        and joint[1] < wp.float32(size[1])
        and wp.isfinite(joint[2])
    )


# A thread a joint.
@wp.kernel
def judge_joints(
    scene: Scene,
    shots: Shots,
    joints: wp.array2d(dtype=wp.vec4f),
    count: wp.array2d(dtype=wp.int32),
    crossings: wp.array3d(dtype=wp.vec3f),
    front: wp.array2d(dtype=wp.int32),
    front_depth: wp.array2d(dtype=wp.float32),
    keypoints: wp.array2d(dtype=wp.vec3f),
):
    placement, j = wp.tid()
    joint = joints[placement, j]
    if not is_in_picture(joint, shots.size[scene.shot[placement]]):
        keypoints[placement, j] = wp.vec3f(0.0, 0.0, wp.float32(OUTSIDE))
        return
    found = count[placement, j]
    # Who is crossed so often is no body; a choice among the crossings would depend on the order of threads.
    is_hidden = found > MOST_CROSSINGS
    found = wp.min(found, MOST_CROSSINGS)
    # How often the surface is wound around the joint: all ways out less all ways in.
    turns = wp.float32(0.0)
    for i in range(found):
        turns += crossings[placement, j, i][1]
    way_out = joint[2]
    for i in range(found):
        one = crossings[placement, j, i]
        if turns > 0.0:
            way_out = wp.min(way_out, one[0])
            if one[1] < 0.0:
                # Behind a way in, the winding is the sum of what lies from there to the viewer. Where that
                # is 0 the body had been left before.
                wound = wp.float32(0.0)
                for k in range(found):
                    other = crossings[placement, j, k]
                    if other[0] <= one[0]:
                        wound += other[1]
                is_hidden = is_hidden or wound <= 0.0
        else:
            is_hidden = is_hidden or one[0] < joint[2] - one[2]
    who = front[placement, j]
    # Of the pixel's centre: beside the joint somebody farther away may be there.
    if who >= 0 and who != placement and front_depth[placement, j] < way_out:
        is_hidden = True
    seen = wp.float32(VISIBLE)
    if is_hidden:
        seen = wp.float32(HIDDEN)
    keypoints[placement, j] = wp.vec3f(joint[0], joint[1], seen)
