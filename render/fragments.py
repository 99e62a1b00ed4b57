"""The covered pixels of a visibility buffer, written out for those who ask."""

from __future__ import annotations

import torch
import warp as wp

from render.kernels import MODULE_OPTIONS, launch
from render.scene import Panels, Scene, view_draws, view_panels
from render.surface import find_barycentric, read_id
from render.types import Draws, Fragments, Layout, Visibility

wp.set_module_options(MODULE_OPTIONS)


@wp.kernel
def write_fragments(
    index: wp.array(dtype=wp.int64),
    origin: wp.int64,
    keys: wp.array(dtype=wp.int64),
    scene: Scene,
    panels: Panels,
    pixel: wp.array(dtype=wp.vec2i),
    draw: wp.array(dtype=wp.int32),
    face: wp.array(dtype=wp.int32),
    bary: wp.array(dtype=wp.vec3f),
    depth: wp.array(dtype=wp.float32),
):
    i = wp.tid()
    id = read_id(keys[wp.int32(index[i])])
    face_count = wp.uint32(scene.faces.shape[0])
    d = wp.int32(id / face_count)
    f = wp.int32(id - wp.uint32(d) * face_count)
    # From the index in the buffer to the sample's place in the panel.
    p = scene.panel[d]
    bits = panels.sample_bits[p]
    local = wp.int32(index[i] + origin - panels.start[p])
    line = local / panels.stride[p]
    column = local - line * panels.stride[p]
    sample = column & ((1 << (2 * bits)) - 1)
    x = ((column >> (2 * bits)) << bits) + (sample & ((1 << bits) - 1))
    y = (line << bits) + (sample >> bits)
    first = d * scene.vert_count
    corners = scene.faces[f]
    a, b, c = (
        scene.verts[first + corners[0]],
        scene.verts[first + corners[1]],
        scene.verts[first + corners[2]],
    )
    weight = find_barycentric(a, b, c, wp.float32(x) + 0.5, wp.float32(y) + 0.5)
    pixel[i] = wp.vec2i(x, y)
    draw[i] = d
    face[i] = f
    bary[i] = weight
    depth[i] = weight[0] * a[2] + weight[1] * b[2] + weight[2] * c[2]


def read_fragments(draws: Draws, layout: Layout, visibility: Visibility) -> Fragments:
    """The fragments of all covered pixels, in the order of the buffer; it was empty before it was drawn."""
    device = draws.verts.device
    index = torch.nonzero(visibility.keys[: len(visibility.chunk.samples)] != Visibility.EMPTY)[:, 0]
    count = len(index)
    fragments = Fragments(
        pixel=torch.empty(count, 2, dtype=torch.int32, device=device),
        draw=torch.empty(count, dtype=torch.int32, device=device),
        face=torch.empty(count, dtype=torch.int32, device=device),
        bary=torch.empty(count, 3, device=device),
        depth=torch.empty(count, device=device),
    )
    launch(
        write_fragments,
        count,
        [
            index,
            visibility.chunk.samples.start,
            visibility.keys,
            view_draws(draws),
            view_panels(layout),
            fragments.pixel,
            fragments.draw,
            fragments.face,
            fragments.bary,
            fragments.depth,
        ],
        device,
    )
    return fragments
