"""Finds the pixels that an edge runs through, from the keys of the visibility buffer alone."""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS, natural
from render.rasterize.buffer import EMPTY, read_depth, read_id
from render.rasterize.edge_pixels.samples import mark_slot
from render.rasterize.kernel_views import Scene, Shots
from render.types.buffer import Visibility

wp.set_module_options(MODULE_OPTIONS)

# How much more the depth may go up or down over the next pixel than over the last, in pixels or as a multiple
# of the lesser of the two. Smooth surfaces stay below it up to the last pixel or two before their outline.
MOST_BEND = wp.constant(1.0)


@wp.func
def is_bent(
    key: wp.int64, one: wp.int64, other: wp.int64, pixels: wp.float32, distance: wp.float32
) -> wp.bool:
    """Whether the depth jumps or bends between two neighbours that lie across from each other.

    Args:
        key: Of the pixel.
        one, other: Of the neighbours.
        pixels, distance: A pixel is distance / pixels in the depth's unit.
    """
    depth = read_depth(key)
    before, after = depth - read_depth(one), read_depth(other) - depth
    least = wp.min(wp.abs(before), wp.abs(after))
    return pixels * wp.abs(after - before) > MOST_BEND * (distance + pixels * least)


# The column before the first from x on that has a key in one of three rows, but x at least; end if none has.
# Most of a shot is empty. A loop of C++, for the compiler makes vectors of it.
_SKIP_EMPTY = """
    const long long* const rows[] = { keys.data + above, keys.data + row, keys.data + below };
    int next = x;
    while (next + 8 <= end) {
        long long all = EMPTY;
        for (int i = 0; i < 8; ++i)
            all &= rows[0][next + i] & rows[1][next + i] & rows[2][next + i];
        if (all != EMPTY)
            break;
        next += 8;
    }
    while (next < end && (rows[0][next] & rows[1][next] & rows[2][next]) == EMPTY)
        ++next;
    return next > x && next < end ? next - 1 : next;
""".replace("EMPTY", f"{Visibility.EMPTY}LL")
# The first column from x on that may be on an edge: before it, all are of one placement, and no depth bends.
# Of eight at a time it says what the kernel would; of the last few before `end` it says nothing.
_SKIP_INSIDE = """
    const auto read = [](long long key) {
        union { int bits; float depth; } order;
        order.bits = (int)(key >> 32);
        order.bits ^= (order.bits >> 31) & 0x7FFFFFFF;
        return order.depth;
    };
    const auto size = [](float value) { return value < 0.0f ? -value : value; };
    const float pixels = focal > 0.0f ? focal : 1.0f;
    int next = x;
    while (next + 8 <= end) {
        const long long* const up = keys.data + above + next;
        const long long* const own = keys.data + row + next;
        const long long* const down = keys.data + below + next;
        int flags = 0;
        for (int i = 0; i < 8; ++i) {
            const int is_other = ((unsigned)own[i] - first_id >= face_count)
                | ((unsigned)up[i] - first_id >= face_count) | ((unsigned)down[i] - first_id >= face_count)
                | ((unsigned)own[i - 1] - first_id >= face_count)
                | ((unsigned)own[i + 1] - first_id >= face_count);
            const float depth = read(own[i]), distance = focal > 0.0f ? depth - shift : 1.0f;
            const float left = depth - read(own[i - 1]), right = read(own[i + 1]) - depth;
            const float over = depth - read(up[i]), under = read(down[i]) - depth;
            const float least_x = size(left) < size(right) ? size(left) : size(right);
            const float least_y = size(over) < size(under) ? size(over) : size(under);
            const int is_bent = (pixels * size(right - left) > BEND * (distance + pixels * least_x))
                | (pixels * size(under - over) > BEND * (distance + pixels * least_y));
            flags |= (is_other | is_bent) << i;
        }
        if (flags != 0) {
            while (!(flags & 1)) {
                flags >>= 1;
                ++next;
            }
            return next;
        }
        next += 8;
    }
    return next;
""".replace("BEND", f"{float(MOST_BEND)}f")


@wp.func_native(_SKIP_EMPTY)
def skip_empty(
    keys: wp.array(dtype=wp.int64),
    above: wp.int32,
    row: wp.int32,
    below: wp.int32,
    x: wp.int32,
    end: wp.int32,
) -> wp.int32: ...


@wp.func_native(_SKIP_INSIDE)
def skip_inside(
    keys: wp.array(dtype=wp.int64),
    above: wp.int32,
    row: wp.int32,
    below: wp.int32,
    x: wp.int32,
    end: wp.int32,
    first_id: wp.uint32,
    face_count: wp.uint32,
    focal: wp.float32,
    shift: wp.float32,
) -> wp.int32: ...


# `lanes` threads a row of pixels. Which slot a pixel gets is not said: it does not matter to the result.
@wp.kernel
def find_edge_pixels(
    first_row: wp.int32,
    origin: wp.int64,
    lanes: wp.int32,
    keys: wp.array(dtype=wp.int64),
    shots: Shots,
    scene: Scene,
    focal_px: wp.array(dtype=wp.float32),
    depth_shift: wp.array(dtype=wp.float32),
    count: wp.array(dtype=wp.int32),
    places: wp.array(dtype=wp.vec2i),
):
    thread = wp.tid()
    row = first_row + thread / lanes
    p = shots.row_shot[row]
    r = shots.rect[p]
    y = row - shots.first_row[p]
    if y < r[1] or y >= r[1] + r[3]:
        return
    stride = shots.stride[p]
    width = shots.size[p][0]
    base = wp.int32(shots.start[p] - origin) + y * stride
    # Beyond the border of the shot nothing is known: there the pixel stands for its own neighbour.
    above, below = base, base
    if y > 0:
        above = base - stride
    if y < shots.size[p][1] - 1:
        below = base + stride
    is_inner_row = above != base and below != base
    face_count = wp.uint32(scene.faces.shape[0])
    # As in the kernel that resolves: neighbours are mostly of one placement.
    placement = wp.int32(0)
    first_id = wp.uint32(0)
    focal = focal_px[0]
    shift = depth_shift[0]
    end = r[0] + r[2]
    x = r[0] + thread % lanes
    while x < end:
        before = wp.max(x - 1, 0)
        after = wp.min(x + 1, width - 1)
        key = keys[natural(base + x)]
        up, down = keys[natural(above + x)], keys[natural(below + x)]
        left, right = keys[natural(base + before)], keys[natural(base + after)]
        # All bits of EMPTY but the sign are set.
        if key & up & down & left & right == EMPTY:
            x += lanes
            # Where one thread has the whole row, it goes on to what is not empty.
            if lanes == 1:
                x = skip_empty(keys, above, base, below, x, end)
            continue
        is_edge = wp.bool(False)
        if key == EMPTY:
            is_edge = True
        else:
            id = read_id(key)
            if id - first_id >= face_count:
                placement = wp.int32(id / face_count)
                first_id = wp.uint32(placement) * face_count
                focal = focal_px[placement]
                shift = depth_shift[placement]
            # EMPTY has the id of no placement.
            if (
                read_id(up) - first_id >= face_count
                or read_id(down) - first_id >= face_count
                or read_id(left) - first_id >= face_count
                or read_id(right) - first_id >= face_count
            ):
                is_edge = True
            else:
                # In perspective a pixel is 1 / focal of the distance.
                pixels, distance = wp.float32(1.0), wp.float32(1.0)
                if focal > 0.0:
                    pixels, distance = focal, read_depth(key) - shift
                is_inner = x > 0 and x < width - 1
                is_edge = (is_inner and is_bent(key, left, right, pixels, distance)) or (
                    is_inner_row and is_bent(key, up, down, pixels, distance)
                )
        if is_edge:
            slot = wp.atomic_add(count, 0, 1)
            # Who asked for too few is told by the count.
            if slot < places.shape[0]:
                places[natural(slot)] = wp.vec2i(row, x)
        x += lanes
        # Beside the border of the shot there are no eight that all have neighbours.
        if lanes == 1 and is_inner_row and not is_edge and x < end:
            x = skip_inside(
                keys, above, base, below, x, wp.min(end, width - 1), first_id, face_count, focal, shift
            )


# A thread a slot.
@wp.kernel
def mark_edge_pixels(
    first: wp.int32,
    origin: wp.int64,
    places: wp.array(dtype=wp.vec2i),
    shots: Shots,
    keys: wp.array(dtype=wp.int64),
    bits: wp.array(dtype=wp.int32),
):
    slot = wp.tid()
    place = places[natural(first + slot)]
    p = shots.row_shot[place[0]]
    y = place[0] - shots.first_row[p]
    at = wp.int32(shots.start[p] - origin) + y * shots.stride[p] + place[1]
    keys[natural(at)] = mark_slot(slot)
    wp.atomic_or(bits, natural(at >> 5), wp.int32(1) << (at & 31))
