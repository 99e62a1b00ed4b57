"""The visibility kernel: the nearest face at each sample wins.

Coverage is decided in 64-bit fixed point with the top-left rule (Direct3D 11 functional specification,
3.4.2), so a closed surface has no holes and no pixel of a shared edge is drawn twice. Depth and barycentric
coordinates come from the vertices as given, not as snapped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, Relaunch, build_once, launch, natural
from render.rasterize.buffer import make_index_row, make_index_sample, order_depth
from render.rasterize.edges import HALF_PX, OFF_GRID, SUBPIXEL_BITS, UNITS_PER_PX, covers_from, snap_to_grid
from render.rasterize.kernel_views import Panels, Scene, view_panels, view_placements
from render.types.buffer import Chunk, Layout
from render.types.placements import Placements

wp.set_module_options(MODULE_OPTIONS)

# Packing what few samples of a face have in common into vectors costs more than it saves. A module's flags
# take the place of all of Warp's own, so two of those are here again.
FILL_OPTIONS = {
    **MODULE_OPTIONS,
    "cpu_compiler_flags": "-march=native -fno-slp-vectorize -mllvm=-inline-threshold=9000",
}


# A thread a vertex; all faces around it read what it writes, so their edges are the same to the bit.
@wp.kernel
def snap_verts(verts: wp.array(dtype=wp.vec4f), grid: wp.array(dtype=wp.vec2i)):
    vertex = wp.tid()
    grid[vertex] = snap_to_grid(verts[vertex])


@wp.struct
class DepthPlane:
    """A face's depth over the picture: depth over w and 1/w are planes.

    Attributes:
        x, y: Its first corner, as seen from the corners of the samples.
        b, c: From there to the other two.
        scale: 1 / their cross product.
        z, w: Depth over w and 1/w at the first corner, and by how much those of the others differ.
        is_flat: 1/w is 1 throughout.
        near, far: Its least and greatest depth.
    """

    x: wp.float32
    y: wp.float32
    b: wp.vec2f
    c: wp.vec2f
    scale: wp.float32
    z: wp.vec3f
    w: wp.vec3f
    is_flat: wp.bool
    near: wp.float32
    far: wp.float32


@wp.func
def find_depth_plane(a: wp.vec4f, b: wp.vec4f, c: wp.vec4f) -> DepthPlane:
    plane = DepthPlane()
    # Half a sample less, so that whole numbers, which name samples, stand for their centres.
    plane.x = a[0] - 0.5
    plane.y = a[1] - 0.5
    plane.b = wp.vec2f(b[0] - a[0], b[1] - a[1])
    plane.c = wp.vec2f(c[0] - a[0], c[1] - a[1])
    cross = plane.b[0] * plane.c[1] - plane.b[1] * plane.c[0]
    # A face that has an area on the grid may have none as given. Then `scale` stays 0, and its depth is that
    # of its first corner.
    if cross != 0.0:
        plane.scale = 1.0 / cross
    za = a[2] * a[3]
    plane.z = wp.vec3f(za, b[2] * b[3] - za, c[2] * c[3] - za)
    plane.w = wp.vec3f(a[3], b[3] - a[3], c[3] - a[3])
    plane.is_flat = plane.w == wp.vec3f(1.0, 0.0, 0.0)
    plane.near = wp.min(wp.min(a[2], b[2]), c[2])
    plane.far = wp.max(wp.max(a[2], b[2]), c[2])
    return plane


@wp.func
def find_depth(plane: DepthPlane, x: wp.int32, y: wp.int32) -> wp.float32:
    """The depth at the centre of sample (x, y), and within the face's own depths."""
    dx = wp.float32(x) - plane.x
    dy = wp.float32(y) - plane.y
    wb = (dx * plane.c[1] - dy * plane.c[0]) * plane.scale
    wc = (plane.b[0] * dy - plane.b[1] * dx) * plane.scale
    depth = plane.z[0] + wb * plane.z[1] + wc * plane.z[2]
    # Only perspective needs the division.
    if not plane.is_flat:
        depth = depth / (plane.w[0] + wb * plane.w[1] + wc * plane.w[2])
    # A centre that snapping put into the face may lie outside of it as given.
    return wp.clamp(depth, plane.near, plane.far)


@build_once
def make_fill(is_supersampled: bool) -> wp.Kernel:
    """The kernel that rasterizes faces: each of a placement's `lanes` threads takes `lane_faces` of them.

    Args:
        is_supersampled: For panels of more than one sample a pixel.
    """

    index_row, index_sample = make_index_row(is_supersampled), make_index_sample(is_supersampled)

    @wp.kernel(module="unique", module_options=FILL_OPTIONS)
    def fill_visibility(
        first_placement: wp.int32,
        first_row: wp.int32,
        end_row: wp.int32,
        origin: wp.int64,
        lane_faces: wp.int32,
        lanes: wp.int32,
        scene: Scene,
        grid: wp.array(dtype=wp.vec2i),
        cull: wp.array(dtype=wp.int32),
        panels: Panels,
        keys: wp.array(dtype=wp.int64),
    ):
        thread = wp.tid()
        placement = first_placement + thread / lanes
        face = (thread % lanes) * lane_faces
        end = wp.min(face + lane_faces, scene.faces.shape[0])

        # Samples of the panel that may be covered and that the chunk has.
        p = scene.panel[placement]
        bits = wp.int32(0)
        if wp.static(is_supersampled):
            bits = panels.sample_bits[p]
        r = panels.rect[p]
        above = panels.first_row[p]
        left = r[0] << bits
        right = ((r[0] + r[2]) << bits) - 1
        top = wp.max(r[1], first_row - above) << bits
        bottom = (wp.min(r[1] + r[3], end_row - above) << bits) - 1
        if left > right or top > bottom:
            return
        stride = panels.stride[p]
        # Where the panel would begin among the chunk's keys; negative if its first rows are in another chunk.
        base = wp.int32(panels.start[p] - origin)
        culls = cull[placement] != 0
        first_vertex = placement * scene.vert_count
        first_id = wp.int64(placement) * wp.int64(scene.faces.shape[0])

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
            # `covers_from` wants a positive area: two corners change places.
            if area < wp.int64(0):
                sx, sy = bx, by
                bx, by = cx, cy
                cx, cy = sx, sy

            # The first centre at or right of x is ceil((x - half) / unit), the last left of it the floor.
            least_x, most_x = wp.min(wp.min(ax, bx), cx), wp.max(wp.max(ax, bx), cx)
            least_y, most_y = wp.min(wp.min(ay, by), cy), wp.max(wp.max(ay, by), cy)
            x0 = wp.max(wp.int32((least_x + HALF_PX - wp.int64(1)) >> SUBPIXEL_BITS), left)
            x1 = wp.min(wp.int32((most_x - HALF_PX) >> SUBPIXEL_BITS), right)
            y0 = wp.max(wp.int32((least_y + HALF_PX - wp.int64(1)) >> SUBPIXEL_BITS), top)
            y1 = wp.min(wp.int32((most_y - HALF_PX) >> SUBPIXEL_BITS), bottom)
            if x0 > x1 or y0 > y1:
                continue

            # Edges at the first centre; from there on each step right or down adds or takes the same.
            px = wp.int64(x0) * UNITS_PER_PX + HALF_PX
            py = wp.int64(y0) * UNITS_PER_PX + HALF_PX
            row_ab = covers_from(ax, ay, bx, by, px, py)
            row_bc = covers_from(bx, by, cx, cy, px, py)
            row_ca = covers_from(cx, cy, ax, ay, px, py)
            right_ab, down_ab = (by - ay) * UNITS_PER_PX, (bx - ax) * UNITS_PER_PX
            right_bc, down_bc = (cy - by) * UNITS_PER_PX, (cx - bx) * UNITS_PER_PX
            right_ca, down_ca = (ay - cy) * UNITS_PER_PX, (ax - cx) * UNITS_PER_PX
            plane = find_depth_plane(
                scene.verts[natural(ia)], scene.verts[natural(ib)], scene.verts[natural(ic)]
            )

            if x1 - x0 < 8 and y1 - y0 < 8:
                # Most faces are small. Which of 8 x 8 samples they cover is found without a branch, which
                # a processor could not foresee, and only those are gone through.
                inside = wp.uint64(0)
                columns = (wp.uint64(2) << wp.uint64(x1 - x0)) - wp.uint64(1)
                line = wp.int32(0)
                while y0 + line <= y1:
                    found = wp.uint64(0)
                    for i in range(8):
                        # The sign bit of `out` is set where one of the three edges leaves the sample out.
                        step = wp.int64(i)
                        out = row_ab - step * right_ab | row_bc - step * right_bc | row_ca - step * right_ca
                        found = found | (wp.uint64(wp.int64(1) + (out >> wp.int64(63))) << wp.uint64(i))
                    inside = inside | ((found & columns) << wp.uint64(8 * line))
                    row_ab += down_ab
                    row_bc += down_bc
                    row_ca += down_ca
                    line += 1
                while inside != wp.uint64(0):
                    # The lowest bit, and its number, which is that of the bits below it.
                    lowest = inside & (~inside + wp.uint64(1))
                    inside = inside ^ lowest
                    bit = wp.int32(wp.bit_count(lowest - wp.uint64(1)))
                    x = x0 + (bit & 7)
                    y = y0 + (bit >> 3)
                    key = order_depth(find_depth(plane, x, y)) | id
                    wp.atomic_min(keys, index_sample(index_row(base, stride, y, bits), x, bits), key)
                continue

            # Large faces: row by row, one sample after the other.
            y = y0
            while y <= y1:
                in_ab = row_ab
                in_bc = row_bc
                in_ca = row_ca
                row = index_row(base, stride, y, bits)
                x = x0
                while x <= x1:
                    if (in_ab | in_bc | in_ca) >= wp.int64(0):
                        key = order_depth(find_depth(plane, x, y)) | id
                        wp.atomic_min(keys, index_sample(row, x, bits), key)
                    in_ab -= right_ab
                    in_bc -= right_bc
                    in_ca -= right_ca
                    x += 1
                row_ab += down_ab
                row_bc += down_bc
                row_ca += down_ca
                y += 1

    return fill_visibility


class Rasterizer:
    """Rasterizes the placements of one batch, chunk by chunk.

    Chunks share no memory, so threads may each take their own. On the CPU one chunk must not be split between
    threads: `atomic_min` is not atomic there.

    Attributes:
        ADVICE: What to do where it does not work.
    """

    ADVICE: ClassVar[str] = (
        "Its kernels need a driver that NVIDIA Warp can use: update the driver, or use device=cpu"
    )

    def __init__(self, placements: Placements, layout: Layout) -> None:
        self._device = placements.verts.device
        self._scene = view_placements(placements)
        self._panels = view_panels(layout)
        self._cull = wp.from_torch(placements.cull)
        # What several faces share is rounded once.
        grid = torch.empty(*placements.verts.shape[:2], 2, dtype=torch.int32, device=self._device).view(-1, 2)
        self._grid = wp.from_torch(grid, dtype=wp.vec2i)
        launch(snap_verts, len(grid), [self._scene.verts, self._grid], self._device)

    def open(self, is_supersampled: bool, keys: torch.Tensor) -> Callable[[Chunk], None]:
        """What rasterizes a chunk.

        Args:
            is_supersampled: Whether its panels have more than one sample a pixel, all or none.
            keys: int64, one for each sample of the chunk or more, EMPTY or of other placements of it.

        Returns:
            A function that one thread may use.
        """
        # On CUDA a thread a face; on the CPU one takes all faces of a placement.
        lane_faces = 1 if self._device.type == "cuda" else self._scene.faces.shape[0]
        lanes = -(-self._scene.faces.shape[0] // lane_faces)
        inputs = [lane_faces, lanes, self._scene, self._grid, self._cull, self._panels, keys]
        fill = Relaunch(make_fill(is_supersampled), 4, inputs, self._device)

        def fill_chunk(chunk: Chunk) -> None:
            rows = chunk.rows
            fill(
                len(chunk.placements) * lanes,
                chunk.placements.start,
                rows.start,
                rows.stop,
                chunk.samples.start,
            )

        return fill_chunk
