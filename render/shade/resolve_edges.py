"""Colours edge pixels from their samples, straight into the sheets."""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS, build_once, natural
from render.rasterize.buffer import EMPTY, read_depth, read_id
from render.rasterize.edge_pixels.samples import ROWS, SAMPLES, row_of
from render.rasterize.kernel_views import Scene, Shots
from render.shade.mode import MODES
from render.shade.points import make_find_point, make_find_surface, make_lay_over
from render.types.buffer import Visibility

wp.set_module_options(MODULE_OPTIONS)

# How much deeper than its nearest sample a surface may reach within a pixel, in pixels. What lies further, as
# on a steep one, is shaded on its own.
MOST_DEEP = wp.constant(5.0)

# Loops of C++, for the compiler makes vectors of them.
_FIND_FULL = """
    const long long* keys = samples.data + first;
    int found = 0;
    for (int i = 0; i < {count}; ++i)
        found |= (keys[i] != {empty}LL) << i;
    return found;
"""
_FIND_NEAREST = """
    const long long* keys = samples.data + first;
    long long nearest = {empty}LL;
    for (int i = 0; i < {count}; ++i) {{
        const long long key = chosen >> i & 1 ? keys[i] : {empty}LL;
        nearest = key < nearest ? key : nearest;
    }}
    return nearest;
"""
_FIND_SURFACE = """
    const long long* keys = samples.data + first;
    int found = 0;
    for (int i = 0; i < {count}; ++i) {{
        union {{ int bits; float depth; }} order;
        order.bits = (int)(keys[i] >> 32);
        order.bits ^= (order.bits >> 31) & 0x7FFFFFFF;
        const int is_own = (unsigned)keys[i] - first_id < face_count;
        found |= (is_own & !(order.depth > most)) << i;
    }}
    return found;
"""
_FIND_MIDDLE = """
    constexpr int rows[] = {{ {rows} }};
    int number = 0, column = 0, row = 0;
    for (int i = 0; i < {count}; ++i) {{
        const int is_in = chosen >> i & 1;
        number += is_in;
        column += is_in * i;
        row += is_in * rows[i];
    }}
    int least = 1 << 30;
    for (int i = 0; i < {count}; ++i) {{
        const int x = number * i - column, y = number * rows[i] - row;
        const int off = ((x * x + y * y) * {count} + i) | (chosen >> i & 1 ? 0 : 1 << 29);
        least = off < least ? off : least;
    }}
    return least % {count};
"""
# Of all samples of a pixel the one nearest to their middle.
MIDDLE = min(range(SAMPLES), key=lambda i: (2 * i + 1 - SAMPLES) ** 2 + (2 * ROWS[i] + 1 - SAMPLES) ** 2)
_ROWS = ", ".join(map(str, ROWS))
_FIND_FULL = _FIND_FULL.format(count=SAMPLES, empty=Visibility.EMPTY)
_FIND_NEAREST = _FIND_NEAREST.format(count=SAMPLES, empty=Visibility.EMPTY)
_FIND_SURFACE = _FIND_SURFACE.format(count=SAMPLES)
_FIND_MIDDLE = _FIND_MIDDLE.format(count=SAMPLES, rows=_ROWS)


# The samples of a slot that are not EMPTY, a bit each.
@wp.func_native(_FIND_FULL)
def find_full(samples: wp.array(dtype=wp.int64), first: wp.int32) -> wp.int32: ...


# The least key of the chosen samples.
@wp.func_native(_FIND_NEAREST)
def find_nearest(samples: wp.array(dtype=wp.int64), first: wp.int32, chosen: wp.int32) -> wp.int64: ...


# Those of a placement, whose ids begin with `first_id`, that lie no further than `most`, a bit each.
@wp.func_native(_FIND_SURFACE)
def find_same(
    samples: wp.array(dtype=wp.int64),
    first: wp.int32,
    first_id: wp.uint32,
    face_count: wp.uint32,
    most: wp.float32,
) -> wp.int32: ...


# The one of the chosen samples that is nearest to the middle of them all.
@wp.func_native(_FIND_MIDDLE)
def find_middle(chosen: wp.int32) -> wp.int32: ...


@build_once
def make_resolve_edges(mode: str, channels: int, has_rays: bool = False) -> wp.Kernel:
    """The kernel that colours edge pixels, a thread each, and empties the keys and samples of the last layer.

    Args:
        mode: The mode's name; no label.
        channels: 3 for RGB, 4 for RGBA.
        has_rays: See `make_find_point`.
    """
    described = MODES.load(mode)
    shade = described.make_shade()
    find_surface, find_point = make_find_surface(faces_viewer=True), make_find_point(described, has_rays)
    lay_over = make_lay_over(channels)

    @wp.kernel(module="unique", module_options=MODULE_OPTIONS)
    def resolve_edges(
        first: wp.int32,
        origin: wp.int64,
        opacity: wp.float32,
        empties: wp.bool,
        places: wp.array(dtype=wp.vec2i),
        samples: wp.array(dtype=wp.int64),
        keys: wp.array(dtype=wp.int64),
        bits: wp.array(dtype=wp.int32),
        focal_px: wp.array(dtype=wp.float32),
        depth_shift: wp.array(dtype=wp.float32),
        shots: Shots,
        scene: Scene,
        layer_start: wp.array(dtype=wp.int64),
        layer_stride: wp.array(dtype=wp.int32),
        pixels: wp.array(dtype=wp.uint8),
    ):
        slot = wp.tid()
        place = places[natural(first + slot)]
        p = shots.row_shot[place[0]]
        x, y = place[1], place[0] - shots.first_row[p]
        at_key = wp.int32(shots.start[p] - origin) + y * shots.stride[p] + x
        if empties:
            keys[natural(at_key)] = EMPTY
            # Of all pixels in the word at once, for none of them keeps its mark.
            bits[natural(at_key >> 5)] = wp.int32(0)
        face_count = wp.uint32(scene.faces.shape[0])
        first_sample = slot * SAMPLES
        left = find_full(samples, first_sample)
        total = wp.vec3f()
        covered = wp.float32(0.0)
        while left != 0:
            # All samples of the surface that is nearest of those left; one is shaded for them all.
            nearest = find_nearest(samples, first_sample, left)
            placement = wp.int32(read_id(nearest) / face_count)
            first_id = wp.uint32(placement) * face_count
            depth = read_depth(nearest)
            # In perspective a pixel is 1 / focal of the distance.
            pixel = wp.float32(1.0)
            if focal_px[natural(placement)] > 0.0:
                pixel = (depth - depth_shift[natural(placement)]) / focal_px[natural(placement)]
            surface = left & find_same(
                samples, first_sample, first_id, face_count, depth + MOST_DEEP * wp.max(pixel, 0.0)
            )
            left = left & ~surface
            middle = wp.int32(wp.static(MIDDLE))
            if surface != wp.static((1 << SAMPLES) - 1):
                middle = find_middle(surface)
            at_x = wp.float32(x) + (wp.float32(middle) + 0.5) / wp.float32(SAMPLES)
            at_y = wp.float32(y) + (wp.float32(row_of(middle)) + 0.5) / wp.float32(SAMPLES)
            face = wp.int32(read_id(samples[natural(first_sample + middle)]) - first_id)
            found = find_surface(scene, placement, face, at_x, at_y)
            shaded = shade(
                find_point(scene, shots.depth_range[p], placement, face, found, at_x, at_y, wp.int32(0))
            )
            # As with more samples a pixel: colours count by their coverage.
            weight = wp.float32(wp.bit_count(surface)) * shaded[3]
            total += weight * wp.vec3f(shaded[0], shaded[1], shaded[2])
            covered += weight
        if empties:
            for i in range(SAMPLES):
                samples[natural(first_sample + i)] = EMPTY
        if covered > 0.0:
            alpha = opacity * covered / wp.float32(SAMPLES)
            at = wp.int32(layer_start[p]) + y * layer_stride[p] + wp.static(channels) * x
            lay_over(total / covered, alpha, at, pixels)

    return resolve_edges
