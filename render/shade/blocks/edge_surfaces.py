"""The surfaces at edge pixels, from the keys of their samples: many of them side by side, for a CPU.

What is found is what the kernel of `render.shade.resolve_edges` finds, one pixel after the other.
"""

from __future__ import annotations

import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS
from render.rasterize.edge_pixels.samples import ROWS, SAMPLES
from render.shade.blocks.block import COUNT, PLACEMENT, WIDTH, X, Y
from render.shade.resolve_edges import MIDDLE, MOST_DEEP
from render.types.buffer import Visibility

wp.set_module_options(MODULE_OPTIONS)

# Each of as many pixels as a block has points may have a surface at each of its samples.
_MOST = WIDTH * SAMPLES
# Where the sums of the pixels' colours begin.
FIRST_SUM = 2 * _MOST


@wp.struct
class Surfaces:
    """The surfaces at the edge pixels that are next, as one thread has them.

    Attributes:
        numbers: The pixel of each, its face, its placement and how many samples it has, _MOST of each.
        points: x and y of each, _MOST of each; then of each pixel the sums of red, green, blue and coverage,
            WIDTH of each.
    """

    numbers: wp.array(dtype=wp.int32)
    points: wp.array(dtype=wp.float32)


def allocate_surfaces(device: torch.device) -> Surfaces:
    """Room for one thread after the other."""
    surfaces = Surfaces()
    surfaces.numbers = wp.from_torch(torch.zeros(4 * _MOST, dtype=torch.int32, device=device))
    surfaces.points = wp.from_torch(torch.zeros(FIRST_SUM + 4 * WIDTH, dtype=torch.float32, device=device))
    return surfaces


_LIST = """
    constexpr int W = {width}, MOST = {most};
    typedef long long Keys __attribute__((ext_vector_type(16)));
    typedef long long StoredKeys __attribute__((ext_vector_type(16), aligned(8)));
    typedef int Ints __attribute__((ext_vector_type(16)));
    typedef unsigned Ids __attribute__((ext_vector_type(16)));
    typedef float Floats __attribute__((ext_vector_type(16)));
    const Ints columns = {{ {columns} }}, rows = {{ {rows} }};
    const auto read_depth = [](auto order) {{ return order ^ ((order >> 31) & 0x7FFFFFFF); }};
    int* const pixel_of = numbers.data;
    int* const face_of = pixel_of + MOST;
    int* const placement_of = pixel_of + 2 * MOST;
    int* const share_of = pixel_of + 3 * MOST;
    float* const x_of = points.data;
    float* const y_of = points.data + MOST;
    int length = 0, placement = 0;
    unsigned first_id = 0;
    for (int i = 0; i < count; ++i) {{
        StoredKeys* const stored = (StoredKeys*)(samples.data + 16LL * (begin + i));
        const long long* const keys_of = (const long long*)stored;
        const Keys keys = *stored;
        const Ids ids = __builtin_convertvector(keys, Ids);
        const Ints order = __builtin_convertvector(keys >> 32, Ints);
        const Floats depths = __builtin_bit_cast(Floats, read_depth(order));
        const int* const place = (const int*)(places.data + first + begin + i);
        const int y = place[0] - first_row.data[row_shot.data[place[0]]];
        // All samples of the surface that is nearest of those left; one is shaded for them all.
        Keys left = keys;
        for (;;) {{
            const long long nearest = __builtin_reduce_min(left);
            if (nearest == {empty}LL)
                break;
            const unsigned id = (unsigned)nearest;
            if (id - first_id >= face_count) {{
                placement = id / face_count;
                first_id = placement * face_count;
            }}
            const float depth = __builtin_bit_cast(float, read_depth((int)(nearest >> 32)));
            // In perspective a pixel is 1 / focal of the distance.
            const float focal = focal_px.data[placement];
            const float pixel = focal > 0.0f ? (depth - depth_shift.data[placement]) / focal : 1.0f;
            const float most = depth + {deep}f * (pixel > 0.0f ? pixel : 0.0f);
            const Ints is_own = (ids - first_id < face_count) & ~(depths > most);
            const auto is_left = left != {empty}LL;
            const Ints is_in = is_own & __builtin_convertvector(is_left, Ints);
            left = __builtin_convertvector(is_in, Keys) ? (Keys){empty}LL : left;
            // Of its samples the one that is nearest to the middle of them all.
            const int number = -__builtin_reduce_add(is_in);
            int middle = {middle};
            if (number < 16) {{
                const int column = -__builtin_reduce_add(is_in * columns);
                const int row = -__builtin_reduce_add(is_in * rows);
                const Ints right = number * columns - column, down = number * rows - row;
                const Ints off = (right * right + down * down) * 16 + columns;
                middle = __builtin_reduce_min(off | (~is_in & (1 << 29))) % 16;
            }}
            pixel_of[length] = i;
            face_of[length] = (unsigned)keys_of[middle] - first_id;
            placement_of[length] = placement;
            share_of[length] = number;
            x_of[length] = (float)place[1] + ((float)middle + 0.5f) / 16.0f;
            y_of[length] = (float)y + ((float)rows[middle] + 0.5f) / 16.0f;
            ++length;
        }}
        if (empties)
            *stored = {empty}LL;
    }}
    for (int i = 0; i < 4 * W; ++i)
        points.data[{first_sum} + i] = 0.0f;
    return length;
"""
_LIST = _LIST.format(
    width=WIDTH,
    most=_MOST,
    first_sum=FIRST_SUM,
    empty=Visibility.EMPTY,
    columns=", ".join(map(str, range(SAMPLES))),
    rows=", ".join(map(str, ROWS)),
    deep=float(MOST_DEEP),
    middle=MIDDLE,
)
# Places are numbers of surfaces.
_TAKE = f"""
    constexpr int W = {WIDTH}, MOST = {_MOST};
    const int* const face_of = numbers.data + MOST;
    const int* const placement_of = numbers.data + 2 * MOST;
    int count = 0;
    for (; count < W && at + count < length && placement_of[at + count] == placement_of[at]; ++count)
        ;
    for (int i = 0; i < W; ++i) {{
        const int from = at + (i < count ? i : count - 1);
        places.data[i] = from;
        places.data[W + i] = face_of[from];
        hits.data[{X} * W + i] = points.data[from];
        hits.data[{Y} * W + i] = points.data[MOST + from];
    }}
    places.data[{COUNT}] = count;
    places.data[{PLACEMENT}] = placement_of[at];
    return at + count;
"""
# As with more samples a pixel: colours count by their coverage.
_ADD = f"""
    constexpr int W = {WIDTH}, MOST = {_MOST};
    float* const sums = points.data + {FIRST_SUM};
    for (int i = 0; i < places.data[{COUNT}]; ++i) {{
        const int surface = places.data[i], pixel = numbers.data[surface];
        const float weight = (float)numbers.data[3 * MOST + surface] * hits.data[3 * W + i];
        for (int k = 0; k < 3; ++k)
            sums[k * W + pixel] += weight * hits.data[k * W + i];
        sums[3 * W + pixel] += weight;
    }}
"""


# Lists the surfaces of `count` slots from `begin` on, and empties their samples where that is asked for; it
# returns how many there are.
@wp.func_native(_LIST)
def list_surfaces(
    first: wp.int32,
    begin: wp.int32,
    count: wp.int32,
    empties: wp.bool,
    places: wp.array(dtype=wp.vec2i),
    samples: wp.array(dtype=wp.int64),
    first_row: wp.array(dtype=wp.int32),
    row_shot: wp.array(dtype=wp.int32),
    focal_px: wp.array(dtype=wp.float32),
    depth_shift: wp.array(dtype=wp.float32),
    face_count: wp.uint32,
    numbers: wp.array(dtype=wp.int32),
    points: wp.array(dtype=wp.float32),
) -> wp.int32: ...


# Makes a block of those from `at` on that are of one placement; it returns where to go on.
@wp.func_native(_TAKE)
def take_surfaces(
    numbers: wp.array(dtype=wp.int32),
    points: wp.array(dtype=wp.float32),
    at: wp.int32,
    length: wp.int32,
    places: wp.array(dtype=wp.int32),
    hits: wp.array(dtype=wp.float32),
) -> wp.int32: ...


# Adds the colours of a block to those of its pixels.
@wp.func_native(_ADD)
def add_colours(
    places: wp.array(dtype=wp.int32),
    hits: wp.array(dtype=wp.float32),
    numbers: wp.array(dtype=wp.int32),
    points: wp.array(dtype=wp.float32),
): ...
