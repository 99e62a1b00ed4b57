"""The covered pixels of a visibility buffer, written out for those who ask."""

from __future__ import annotations

import torch
import warp as wp

from render.kernels import MODULE_OPTIONS, launch
from render.surface import find_barycentric, read_hit
from render.types import Draws, Fragments, Visibility

wp.set_module_options(MODULE_OPTIONS)


@wp.kernel
def write_fragments(
    pixel: wp.array(dtype=wp.int64),
    keys: wp.array(dtype=wp.int64),
    rect: wp.array(dtype=wp.vec4i),
    sample_bits: wp.array(dtype=wp.int32),
    start: wp.array(dtype=wp.int64),
    verts: wp.array2d(dtype=wp.vec4f),
    faces: wp.array2d(dtype=wp.int32),
    panel: wp.array(dtype=wp.int32),
    draw: wp.array(dtype=wp.int32),
    face: wp.array(dtype=wp.int32),
    bary: wp.array(dtype=wp.vec3f),
    depth: wp.array(dtype=wp.float32),
):
    i = wp.tid()
    hit = read_hit(pixel[i], keys[wp.int32(pixel[i])], faces.shape[0], panel, rect, sample_bits, start)
    a = verts[hit.draw, faces[hit.face, 0]]
    b = verts[hit.draw, faces[hit.face, 1]]
    c = verts[hit.draw, faces[hit.face, 2]]
    weight = find_barycentric(a, b, c, hit.x, hit.y)
    draw[i] = hit.draw
    face[i] = hit.face
    bary[i] = weight
    depth[i] = weight[0] * a[2] + weight[1] * b[2] + weight[2] * c[2]


def read_fragments(draws: Draws, visibility: Visibility) -> Fragments:
    """The fragments of all covered pixels, in the order of the buffer."""
    device = draws.verts.device
    pixel = torch.nonzero(visibility.keys != Visibility.EMPTY)[:, 0]
    count = len(pixel)
    fragments = Fragments(
        pixel=pixel,
        draw=torch.empty(count, dtype=torch.int32, device=device),
        face=torch.empty(count, dtype=torch.int32, device=device),
        bary=torch.empty(count, 3, device=device),
        depth=torch.empty(count, device=device),
    )
    launch(
        write_fragments,
        count,
        [
            pixel,
            visibility.keys,
            visibility.rect,
            visibility.sample_bits,
            visibility.start.to(device),
            draws.verts,
            draws.faces,
            draws.panel,
            fragments.draw,
            fragments.face,
            fragments.bary,
            fragments.depth,
        ],
        device,
    )
    return fragments
