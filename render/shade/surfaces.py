"""What is in front at many pixels of a row at once, for a CPU.

It is what `find_surface` of `render.shade.points` finds at one, to the bit: the same operations in the same
order. But it is loops of C++ over pixels side by side, which the compiler makes vectors of; one pixel after
the other a processor waits for each quotient and root.
"""

from __future__ import annotations

import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, build_once
from render.rasterize.kernel_views import Scene
from render.shade.mode import Mode
from render.shade.points import make_find_point
from render.shade.surface_point import Surface
from render.types.buffer import Visibility

wp.set_module_options(MODULE_OPTIONS)

# Pixels side by side, as many floats as the widest registers hold.
WIDTH = wp.constant(16)
# Numbers of a block: of each pixel its column and its face, and what all have in common: how many there are,
# and their placement.
_COUNT, _PLACEMENT = wp.constant(2 * WIDTH), wp.constant(2 * WIDTH + 1)
# Of each pixel: three weights, the normal and the depth.
_FIELDS = 7

_FIND = """
    constexpr int W = {width};
    long long* const row = keys.data + base;
    int* const columns = places.data;
    int* const faces_found = columns + W;
    int count = 0, placement = 0;
    // Most of a shot is empty.
    while (x + 8 <= end) {{
        long long all = {empty}LL;
        for (int i = 0; i < 8; ++i)
            all &= row[x + i];
        if (all != {empty}LL)
            break;
        x += 8;
    }}
    unsigned first_id = 0;
    for (; x < end && count < W; ++x) {{
        const long long key = row[x];
        if (key == {empty}LL)
            continue;
        const unsigned id = (unsigned)key;
        if (count == 0) {{
            placement = id / face_count;
            first_id = placement * face_count;
        // Pixels of one placement share what is the same throughout it.
        }} else if (id - first_id >= face_count)
            break;
        if (empties)
            row[x] = {empty}LL;
        columns[count] = x;
        faces_found[count] = id - first_id;
        ++count;
    }}
    columns[2 * W] = count;
    columns[2 * W + 1] = placement;
    if (count == 0)
        return x;

    // Field by field. What is beyond the last is that one again.
    float corners[3][4][W], normals_found[3][3][W], at[W];
    const int first_vert = placement * vert_count, first_normal = body.data[placement] * vert_count;
#pragma clang loop vectorize(disable)
    for (int i = 0; i < W; ++i) {{
        const int last = i < count ? i : count - 1;
        const int* const indices = (const int*)(faces.data + faces_found[last]);
        at[i] = (float)columns[last] + 0.5f;
        for (int k = 0; k < 3; ++k) {{
            const float* const vert = (const float*)(verts.data + first_vert + indices[k]);
            const float* const normal = (const float*)(normals.data + first_normal + indices[k]);
            for (int j = 0; j < 4; ++j)
                corners[k][j][i] = vert[j];
            for (int j = 0; j < 3; ++j)
                normals_found[k][j][i] = normal[j];
        }}
    }}
    const auto& a = corners[0];
    const auto& b = corners[1];
    const auto& c = corners[2];
    // What is no number counts for nothing, as in C.
    const auto least = [](float bound, float value) {{ return value < bound ? value : bound; }};
    const auto most = [](float bound, float value) {{ return value > bound ? value : bound; }};
    const float y_at = (float)y + 0.5f;
    const float* const turn = (const float*)(rotation.data + placement);
    float* const out = hits.data;
    for (int i = 0; i < W; ++i) {{
        // As `find_barycentric` has it.
        const float abx = b[0][i] - a[0][i], aby = b[1][i] - a[1][i];
        const float acx = c[0][i] - a[0][i], acy = c[1][i] - a[1][i];
        const float dx = at[i] - a[0][i], dy = y_at - a[1][i];
        const float cross = abx * acy - aby * acx;
        const float scale = 1.0f / cross;
        const float inner_b = least(1.0f, most(0.0f, (dx * acy - dy * acx) * scale));
        const float inner_c = least(1.0f - inner_b, most(0.0f, (abx * dy - aby * dx) * scale));
        const float own_b = cross != 0.0f ? inner_b : 0.0f, own_c = cross != 0.0f ? inner_c : 0.0f;
        const float over_a = (1.0f - own_b - own_c) * a[3][i];
        const float over_b = own_b * b[3][i], over_c = own_c * c[3][i];
        const float scale_w = 1.0f / (over_a + over_b + over_c);
        const float wa = over_a * scale_w, wb = over_b * scale_w, wc = over_c * scale_w;
        float n[3];
        for (int j = 0; j < 3; ++j)
            n[j] = wa * normals_found[0][j][i] + wb * normals_found[1][j][i] + wc * normals_found[2][j][i];
        const float length = sqrtf(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
        const float per = 1.0f / most(1.0e-30f, length);
        for (int j = 0; j < 3; ++j)
            n[j] *= per;
        float turned[3];
        for (int j = 0; j < 3; ++j)
            turned[j] = turn[3 * j] * n[0] + turn[3 * j + 1] * n[1] + turn[3 * j + 2] * n[2];
        {face_viewer}
        out[i] = wa;
        out[W + i] = wb;
        out[2 * W + i] = wc;
        out[3 * W + i] = turned[0];
        out[4 * W + i] = turned[1];
        out[5 * W + i] = turned[2];
        out[6 * W + i] = wa * a[2][i] + wb * b[2][i] + wc * c[2][i];
    }}
    return x;
"""
_FACE_VIEWER = """
        const bool turns_away = turned[2] > 0.0f && abx * acy < aby * acx;
        const float aside = sqrtf(turned[0] * turned[0] + turned[1] * turned[1]);
        const float per_aside = 1.0f / most(1.0e-30f, aside);
        turned[0] = turns_away ? turned[0] * per_aside : turned[0];
        turned[1] = turns_away ? turned[1] * per_aside : turned[1];
        turned[2] = turns_away ? 0.0f : turned[2];
"""


@wp.struct
class Block:
    """The pixels of a row that are next, as one thread has them.

    Attributes:
        places: Columns and faces of pixels, WIDTH of each, how many they are, and their placement.
        hits: Weights of the corners, normals and depths, field by field, WIDTH of each.
    """

    places: wp.array(dtype=wp.int32)
    hits: wp.array(dtype=wp.float32)


def allocate_block(device: torch.device) -> Block:
    """A block for one thread after the other; on a GPU, where none is used, an empty one."""
    is_used = device.type == "cpu"
    block = Block()
    block.places = wp.from_torch(torch.zeros((2 * WIDTH + 2) * is_used, dtype=torch.int32, device=device))
    block.hits = wp.from_torch(torch.zeros(_FIELDS * WIDTH * is_used, dtype=torch.float32, device=device))
    return block


@build_once
def make_find_surfaces(faces_viewer: bool) -> wp.Function:
    """Makes what fills a block.

    Args:
        faces_viewer: See `make_find_surface`.

    Returns:
        A Warp function from `keys`, where the row begins in them, its number `y` in its shot, the column `x`
        to go on from and the `end`, whether keys become EMPTY, what the scene has of faces, and the block, to
        the column to go on from next.
    """
    text = _FIND.format(width=WIDTH, empty=Visibility.EMPTY, face_viewer=_FACE_VIEWER if faces_viewer else "")

    @wp.func_native(text)
    def find_surfaces(
        keys: wp.array(dtype=wp.int64),
        base: wp.int32,
        y: wp.int32,
        x: wp.int32,
        end: wp.int32,
        empties: wp.bool,
        face_count: wp.uint32,
        vert_count: wp.int32,
        faces: wp.array(dtype=wp.vec3i),
        verts: wp.array(dtype=wp.vec4f),
        normals: wp.array(dtype=wp.vec3f),
        body: wp.array(dtype=wp.int32),
        rotation: wp.array(dtype=wp.mat33f),
        places: wp.array(dtype=wp.int32),
        hits: wp.array(dtype=wp.float32),
    ) -> wp.int32: ...

    return find_surfaces


@wp.func
def count_found(places: wp.array(dtype=wp.int32)) -> wp.int32:
    """How many pixels a block has."""
    return places[_COUNT]


@wp.func
def placement_of(places: wp.array(dtype=wp.int32)) -> wp.int32:
    """Whose they are."""
    return places[_PLACEMENT]


# What goes by an array's stride, as Warp's own way into it does, is no vector to the compiler.
# How many pixels there is room for: what is beyond the last found is that one again.
@wp.func_native(f"return {WIDTH};")
def count_lanes() -> wp.int32: ...


@wp.func_native("return places.data[number];")
def column_of(places: wp.array(dtype=wp.int32), number: wp.int32) -> wp.int32: ...


@wp.func_native(f"return places.data[{WIDTH} + number];")
def face_of(places: wp.array(dtype=wp.int32), number: wp.int32) -> wp.int32: ...


@wp.func_native(f"return hits.data[{WIDTH} * field + number];")
def read_field(hits: wp.array(dtype=wp.float32), field: wp.int32, number: wp.int32) -> wp.float32: ...


@wp.func_native(f"hits.data[{WIDTH} * field + number] = value;")
def write_field(hits: wp.array(dtype=wp.float32), field: wp.int32, number: wp.int32, value: wp.float32): ...


@wp.func
def read_three(hits: wp.array(dtype=wp.float32), first: wp.int32, number: wp.int32) -> wp.vec3f:
    return wp.vec3f(
        read_field(hits, first, number),
        read_field(hits, first + 1, number),
        read_field(hits, first + 2, number),
    )


def make_shade_block(mode: Mode, has_rays: bool = False) -> wp.Function:
    """Makes what colours the pixels of a block.

    Args:
        mode: The mode.
        has_rays: See `make_find_point`.

    Returns:
        A Warp function from the scene, the shot's least and greatest depth, the placement, the row `y`, the
        sample `bits` and the block; `read_shaded` says then what it found.
    """
    shade, find_point = mode.make_shade(), make_find_point(mode, has_rays)
    shades_all = mode.needs_surface_alone

    # As a loop of its own the compiler makes vectors of it, for modes that need the surface alone. For others
    # it would take time for what is beyond the last pixel.
    @wp.func
    def shade_block(
        scene: Scene,
        depth_range: wp.vec2f,
        placement: wp.int32,
        y: wp.int32,
        bits: wp.int32,
        places: wp.array(dtype=wp.int32),
        hits: wp.array(dtype=wp.float32),
    ):
        end = count_found(places)
        if wp.static(shades_all):
            end = count_lanes()
        i = wp.int32(0)
        while i < end:
            surface = Surface()
            surface.weight = read_three(hits, 0, i)
            surface.normal = read_three(hits, 3, i)
            surface.depth = read_field(hits, 6, i)
            x_at, y_at = wp.float32(column_of(places, i)) + 0.5, wp.float32(y) + 0.5
            face = face_of(places, i)
            shaded = shade(find_point(scene, depth_range, placement, face, surface, x_at, y_at, bits))
            for k in range(4):
                write_field(hits, k, i, shaded[k])
            i += 1

    return shade_block


@wp.func
def read_shaded(hits: wp.array(dtype=wp.float32), number: wp.int32) -> wp.vec4f:
    """The colour of a pixel of a block and its coverage, once it is shaded."""
    colour = read_three(hits, 0, number)
    return wp.vec4f(colour[0], colour[1], colour[2], read_field(hits, 3, number))
