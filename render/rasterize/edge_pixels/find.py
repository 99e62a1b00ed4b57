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


# Goes on along an inner row from the column x, eight pixels side by side, as long as what is there is of the
# placement whose ids begin with first_id; it says of each what the kernel would. It returns the column that
# it has come to; what is beside the border of the shot it leaves, and the last few.
_FIND_ALONG = """
#if !defined(__CUDA_ARCH__)
    typedef long long Keys __attribute__((ext_vector_type(8)));
    typedef long long Stored __attribute__((ext_vector_type(8), aligned(8)));
    typedef int Ints __attribute__((ext_vector_type(8)));
    typedef unsigned Ids __attribute__((ext_vector_type(8)));
    typedef float Floats __attribute__((ext_vector_type(8)));
    typedef bool Mask __attribute__((ext_vector_type(8)));
    const auto flag = [](auto is_so) {
        return (unsigned)__builtin_bit_cast(unsigned char, __builtin_convertvector(is_so, Mask));
    };
    const auto is_other = [&](Keys of) { return __builtin_convertvector(of, Ids) - first_id >= face_count; };
    const auto read = [](Keys of) {
        Ints order = __builtin_convertvector(of >> 32, Ints);
        order ^= (order >> 31) & 0x7FFFFFFF;
        return __builtin_bit_cast(Floats, order);
    };
    const auto size = [](Floats of) { return of < 0.0f ? -of : of; };
    const float pixels = focal > 0.0f ? focal : 1.0f;
    const auto is_bent = [&](Floats before, Floats after, Floats distance) {
        const Floats least = size(before) < size(after) ? size(before) : size(after);
        return pixels * size(after - before) > BEND * (distance + pixels * least);
    };
    for (; x + 8 <= end; x += 8) {
        const Keys up = *(const Stored*)(keys.data + above + x), own = *(const Stored*)(keys.data + row + x);
        const Keys down = *(const Stored*)(keys.data + below + x);
        const Keys left = *(const Stored*)(keys.data + row + x - 1);
        const Keys right = *(const Stored*)(keys.data + row + x + 1);
        // Most of a shot is empty. All bits of EMPTY but the sign are set.
        const unsigned some = flag((up & own & down & left & right) != EMPTY);
        if (some == 0)
            continue;
        const unsigned empty = flag(own == EMPTY);
        if (flag(is_other(own)) & ~empty)
            break;
        const Floats depth = read(own), distance = focal > 0.0f ? depth - shift : (Floats)1.0f;
        const auto bent = is_bent(depth - read(left), read(right) - depth, distance)
            | is_bent(depth - read(up), read(down) - depth, distance);
        const auto beside = is_other(up) | is_other(down) | is_other(left) | is_other(right);
        for (unsigned found = some & (empty | flag(beside | bent)); found != 0; found &= found - 1) {
            const int slot = count.data[0]++;
            // Who asked for too few is told by the count.
            if (slot < places.shape[0]) {
                int* const place = (int*)(places.data + slot);
                place[0] = row_number;
                place[1] = x + __builtin_ctz(found);
            }
        }
    }
#endif
    return x;
""".replace("EMPTY", f"{Visibility.EMPTY}LL").replace("BEND", f"{float(MOST_BEND)}f")


@wp.func_native(_FIND_ALONG)
def find_along(
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
    row_number: wp.int32,
    count: wp.array(dtype=wp.int32),
    places: wp.array(dtype=wp.vec2i),
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
        # Where one thread has the whole row. Beside the border there are no eight that all have neighbours.
        if lanes == 1 and is_inner_row and x > 0:
            x = find_along(
                keys,
                above,
                base,
                below,
                x,
                wp.min(end, width - 1),
                first_id,
                face_count,
                focal,
                shift,
                row,
                count,
                places,
            )
            if x >= end:
                return
        before = wp.max(x - 1, 0)
        after = wp.min(x + 1, width - 1)
        key = keys[natural(base + x)]
        up, down = keys[natural(above + x)], keys[natural(below + x)]
        left, right = keys[natural(base + before)], keys[natural(base + after)]
        # All bits of EMPTY but the sign are set.
        if key & up & down & left & right == EMPTY:
            x += lanes
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
