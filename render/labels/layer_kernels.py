"""The kernels that write layers of labels from the keys of a visibility buffer."""

from typing import Any

import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, build_once, natural
from render.labels.layer import LAYERS
from render.labels.point import LabelPoint, LabelScene, make_find_label_point
from render.rasterize.buffer import EMPTY, read_id
from render.rasterize.kernel_views import Scene, Shots

wp.set_module_options(MODULE_OPTIONS)

# Warp takes no tensors of 16 bits without a sign: those with one hold the same bits.
TYPES = {
    "uint8": (torch.uint8, wp.uint8),
    "uint16": (torch.int16, wp.int16),
    "int32": (torch.int32, wp.int32),
    "float16": (torch.float16, wp.float16),
    "float32": (torch.float32, wp.float32),
}
# Layers that one kernel writes: of a point most is found once, whatever is made of it.
MOST_AT_ONCE = 4
# Of a layer its name in LAYERS and NumPy's name of its type.
Written = tuple[str, str]


def make_store(written: Written | None) -> tuple[wp.Function, Any]:
    """Makes what stores a layer of a point, and the type of what it is stored in.

    Args:
        written: The layer; None for nothing.

    Returns:
        A Warp function from the point, scale, offset and greatest value, the first index of the shot, the
        pixel's number there, and the values.
    """
    if written is None:

        @wp.func
        def pass_over(
            point: LabelPoint,
            scale: wp.vec4f,
            offset: wp.float32,
            most: wp.float32,
            start: wp.int32,
            pixel: wp.int32,
            values: wp.array(dtype=wp.uint8),
        ):
            return

        return pass_over, wp.uint8
    name, dtype = written
    value, count = LAYERS.load(name).make_value(), len(LAYERS.load(name).channels)
    kind, is_whole = TYPES[dtype][1], not dtype.startswith("float")

    @wp.func
    def store(
        point: LabelPoint,
        scale: wp.vec4f,
        offset: wp.float32,
        most: wp.float32,
        start: wp.int32,
        pixel: wp.int32,
        values: wp.array(dtype=kind),
    ):
        found = value(point)
        for channel in range(wp.static(count)):
            stored = found[channel] * scale[channel] + offset
            at = natural(start + wp.static(count) * pixel + channel)
            if wp.static(is_whole):
                values[at] = kind(wp.int32(wp.clamp(wp.floor(stored), 0.0, most)))
            else:
                values[at] = kind(stored)

    return store, kind


@build_once
def make_write_layers(layers: tuple[Written, ...]) -> wp.Kernel:
    """The kernel that writes up to `MOST_AT_ONCE` layers: `lanes` threads a row of pixels.

    Args:
        layers: Which.
    """
    find_point = make_find_label_point(frozenset().union(*(LAYERS.load(name).needs for name, _ in layers)))
    stores = [make_store(one) for one in (*layers, *[None] * (MOST_AT_ONCE - len(layers)))]
    (store_a, kind_a), (store_b, kind_b), (store_c, kind_c), (store_d, kind_d) = stores

    @wp.kernel(module="unique", module_options=MODULE_OPTIONS)
    def write_layers(
        first_row: wp.int32,
        origin: wp.int64,
        lanes: wp.int32,
        empties: wp.bool,
        scale: wp.mat44f,
        offset: wp.vec4f,
        most: wp.vec4f,
        keys: wp.array(dtype=wp.int64),
        shots: Shots,
        scene: Scene,
        labels: LabelScene,
        start_a: wp.array(dtype=wp.int64),
        start_b: wp.array(dtype=wp.int64),
        start_c: wp.array(dtype=wp.int64),
        start_d: wp.array(dtype=wp.int64),
        values_a: wp.array(dtype=kind_a),
        values_b: wp.array(dtype=kind_b),
        values_c: wp.array(dtype=kind_c),
        values_d: wp.array(dtype=kind_d),
    ):
        thread = wp.tid()
        row = first_row + thread / lanes
        p = shots.row_shot[row]
        r = shots.rect[p]
        y = row - shots.first_row[p]
        # No placement of this shot reaches this row.
        if y < r[1] or y >= r[1] + r[3]:
            return
        face_count = wp.uint32(scene.faces.shape[0])
        # 32 bits hold these and what follows: see `Planes` for them, and chunks have fewer samples.
        a, b, c, d = wp.int32(start_a[p]), wp.int32(start_b[p]), wp.int32(start_c[p]), wp.int32(start_d[p])
        first_pixel = y * shots.size[p][0]
        base = wp.int32(shots.start[p] - origin) + y * shots.stride[p]
        for x in range(r[0] + thread % lanes, r[0] + r[2], lanes):
            key = keys[natural(base + x)]
            if key != EMPTY:
                if empties:
                    keys[natural(base + x)] = EMPTY
                id = read_id(key)
                placement = wp.int32(id / face_count)
                face = wp.int32(id - wp.uint32(placement) * face_count)
                at_x, at_y = wp.float32(x) + 0.5, wp.float32(y) + 0.5
                point = find_point(scene, labels, shots.depth_range[p], placement, face, at_x, at_y)
                pixel = first_pixel + x
                store_a(point, scale[0], offset[0], most[0], a, pixel, values_a)
                store_b(point, scale[1], offset[1], most[1], b, pixel, values_b)
                store_c(point, scale[2], offset[2], most[2], c, pixel, values_c)
                store_d(point, scale[3], offset[3], most[3], d, pixel, values_d)

    return write_layers
