"""The visibility kernel: the nearest face at each sample wins.

Coverage is decided in 64-bit fixed point with the top-left rule (Direct3D 11 functional specification,
3.4.2), so a closed surface has no holes and no pixel of a shared edge is drawn twice. Depth and barycentric
coordinates come from the vertices as given, not as snapped.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import warp as wp

from render.kernels import MODULE_OPTIONS, Relaunch, launch, natural
from render.rasterize.edges import (
    HALF_PX,
    OFF_GRID,
    SUBPIXEL_BITS,
    UNITS_PER_PX,
    covers_from,
    snap_to_grid,
)
from render.rasterize.layout import PanelRows, allocate_visibility, lay_out
from render.scene import Panels, Scene, view_draws, view_panels
from render.types import Chunk, Draws, Layout, Visibility

wp.set_module_options(MODULE_OPTIONS)


@wp.func
def order_depth(depth: wp.float32) -> wp.int64:
    """A signed 32-bit integer that sorts as the float does, shifted to a key's upper half."""
    bits = wp.cast(depth, wp.int32)
    if bits < 0:
        bits = bits ^ wp.int32(0x7FFFFFFF)
    return wp.int64(bits) << wp.int64(32)


@wp.kernel
def snap_verts(verts: wp.array(dtype=wp.vec4f), grid: wp.array(dtype=wp.vec2i)):
    vertex = wp.tid()
    grid[vertex] = snap_to_grid(verts[vertex])


@wp.kernel
def fill_visibility(
    first_draw: wp.int32,
    first_row: wp.int32,
    end_row: wp.int32,
    origin: wp.int64,
    span: wp.int32,
    spans: wp.int32,
    scene: Scene,
    grid: wp.array(dtype=wp.vec2i),
    cull: wp.array(dtype=wp.int32),
    panels: Panels,
    keys: wp.array(dtype=wp.int64),
):
    thread = wp.tid()
    draw = first_draw + thread / spans
    face = (thread % spans) * span
    end = wp.min(face + span, scene.faces.shape[0])

    # Samples of the panel that may be covered and that the chunk has.
    p = scene.panel[draw]
    bits = panels.sample_bits[p]
    mask = (1 << bits) - 1
    r = panels.rect[p]
    above = panels.first_row[p]
    left = r[0] << bits
    right = ((r[0] + r[2]) << bits) - 1
    top = wp.max(r[1], first_row - above) << bits
    bottom = (wp.min(r[1] + r[3], end_row - above) << bits) - 1
    if left > right or top > bottom:
        return
    stride = panels.stride[p]
    base = wp.int32(panels.start[p] - origin)
    culls = cull[draw] != 0
    first_vertex = draw * scene.vert_count
    first_id = wp.int64(draw) * wp.int64(scene.faces.shape[0])

    while face < end:
        corners = scene.faces[natural(face)]
        id = first_id + wp.int64(face)
        face += 1
        ia, ib, ic = first_vertex + corners[0], first_vertex + corners[1], first_vertex + corners[2]
        ga, gb, gc = grid[natural(ia)], grid[natural(ib)], grid[natural(ic)]
        if ga[0] == OFF_GRID or gb[0] == OFF_GRID or gc[0] == OFF_GRID:
            continue
        # y is down, so a face that turns its outside to the viewer has negative area.
        ax, ay = wp.int64(ga[0]), wp.int64(ga[1])
        bx, by = wp.int64(gb[0]), wp.int64(gb[1])
        cx, cy = wp.int64(gc[0]), wp.int64(gc[1])
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area == wp.int64(0) or (area > wp.int64(0) and culls):
            continue
        if area < wp.int64(0):
            sx, sy = bx, by
            bx, by = cx, cy
            cx, cy = sx, sy

        # The first centre at or right of x is ceil((x - half) / unit), the last at or left of it the floor.
        x0 = wp.max(wp.int32((wp.min(wp.min(ax, bx), cx) + HALF_PX - wp.int64(1)) >> SUBPIXEL_BITS), left)
        x1 = wp.min(wp.int32((wp.max(wp.max(ax, bx), cx) - HALF_PX) >> SUBPIXEL_BITS), right)
        y0 = wp.max(wp.int32((wp.min(wp.min(ay, by), cy) + HALF_PX - wp.int64(1)) >> SUBPIXEL_BITS), top)
        y1 = wp.min(wp.int32((wp.max(wp.max(ay, by), cy) - HALF_PX) >> SUBPIXEL_BITS), bottom)
        if x0 > x1 or y0 > y1:
            continue

        px = wp.int64(x0) * UNITS_PER_PX + HALF_PX
        py = wp.int64(y0) * UNITS_PER_PX + HALF_PX
        row_ab = covers_from(ax, ay, bx, by, px, py)
        row_bc = covers_from(bx, by, cx, cy, px, py)
        row_ca = covers_from(cx, cy, ax, ay, px, py)
        right_ab, right_bc, right_ca = (
            (by - ay) * UNITS_PER_PX,
            (cy - by) * UNITS_PER_PX,
            (ay - cy) * UNITS_PER_PX,
        )
        down_ab, down_bc, down_ca = (
            (bx - ax) * UNITS_PER_PX,
            (cx - bx) * UNITS_PER_PX,
            (ax - cx) * UNITS_PER_PX,
        )

        # Depth over w and 1/w are planes over the picture.
        a, b, c = scene.verts[natural(ia)], scene.verts[natural(ib)], scene.verts[natural(ic)]
        abx, aby = b[0] - a[0], b[1] - a[1]
        acx, acy = c[0] - a[0], c[1] - a[1]
        cross = abx * acy - aby * acx
        scale = wp.float32(0.0)
        if cross != 0.0:
            scale = 1.0 / cross
        za, zb, zc = a[2] * a[3], b[2] * b[3], c[2] * c[3]
        near = wp.min(wp.min(a[2], b[2]), c[2])
        far = wp.max(wp.max(a[2], b[2]), c[2])

        y = y0
        while y <= y1:
            in_ab = row_ab
            in_bc = row_bc
            in_ca = row_ca
            dy = wp.float32(y) + 0.5 - a[1]
            row = base + (y >> bits) * stride + ((y & mask) << bits)
            x = x0
            while x <= x1:
                if (in_ab | in_bc | in_ca) >= wp.int64(0):
                    dx = wp.float32(x) + 0.5 - a[0]
                    wb = (dx * acy - dy * acx) * scale
                    wc = (abx * dy - aby * dx) * scale
                    depth = za + wb * (zb - za) + wc * (zc - za)
                    inv_w = a[3] + wb * (b[3] - a[3]) + wc * (c[3] - a[3])
                    depth = wp.clamp(depth / inv_w, near, far)
                    index = row + ((x >> bits) << (2 * bits)) + (x & mask)
                    wp.atomic_min(keys, natural(index), order_depth(depth) | id)
                in_ab -= right_ab
                in_bc -= right_bc
                in_ca -= right_ca
                x += 1
            row_ab += down_ab
            row_bc += down_bc
            row_ca += down_ca
            y += 1


class Rasterizer:
    """Draws the draws of one batch, chunk by chunk.

    Chunks share no memory, so threads may each take their own. On the CPU one chunk must not be split between
    threads: `atomic_min` is not atomic there.
    """

    def __init__(self, draws: Draws, layout: Layout) -> None:
        self._device = draws.verts.device
        self._scene = view_draws(draws)
        self._panels = view_panels(layout)
        self._cull = wp.from_torch(draws.cull)
        # What several faces share is rounded once.
        grid = torch.empty(*draws.verts.shape[:2], 2, dtype=torch.int32, device=self._device).view(-1, 2)
        self._grid = wp.from_torch(grid, dtype=wp.vec2i)
        launch(snap_verts, len(grid), [self._scene.verts, self._grid], self._device)

    def open(self, keys: torch.Tensor) -> Callable[[Chunk], None]:
        """What draws a chunk into `keys`, which are EMPTY or hold other draws of it.

        keys: int64, one for each sample of the chunk or more. One thread may use what is returned.
        """
        # On CUDA a thread a face; on the CPU one takes all faces of a draw.
        span = 1 if self._device.type == "cuda" else self._scene.faces.shape[0]
        spans = -(-self._scene.faces.shape[0] // span)
        inputs = [span, spans, self._scene, self._grid, self._cull, self._panels, keys]
        fill = Relaunch(fill_visibility, 4, inputs, self._device)

        def draw(chunk: Chunk) -> None:
            rows = chunk.rows
            fill(len(chunk.draws) * spans, chunk.draws.start, rows.start, rows.stop, chunk.samples.start)

        return draw


def rasterize_panels(
    draws: Draws, size_px: list[tuple[int, int]], sample_bits: int = 0
) -> tuple[Layout, Visibility]:
    """All draws in one buffer, for those who want to see it whole.

    size_px: width and height of each panel. sample_bits: b for 2^b x 2^b samples a pixel.
    """
    bits = np.full(len(size_px), sample_bits)
    rows = PanelRows(np.array(size_px), bits, draws.panel.cpu().numpy(), len(draws.faces))
    layout = lay_out(draws, rows)
    everything = int(rows.start[-1])
    (chunk,) = rows.split(range(len(size_px)), everything, everything)
    visibility = allocate_visibility(chunk, draws.verts.device)
    Rasterizer(draws, layout).open(visibility.keys)(chunk)
    return layout, visibility
