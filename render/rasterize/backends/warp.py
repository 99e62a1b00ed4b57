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
from render.rasterize.depth_plane import find_depth, find_depth_plane
from render.rasterize.edges import (
    HALF_PX,
    SUBPIXEL_BITS,
    UNITS_PER_PX,
    covers_from,
    find_outline,
    snap_to_grid,
)
from render.rasterize.kernel_views import Scene, Shots, view_placements, view_shots
from render.rasterize.small_faces import WIDTH, lay_small_face
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


def snap_placements(placements: Placements) -> wp.array:
    """The vertices of all placements on the fixed-point grid: what several faces share is rounded once."""
    verts = placements.verts.view(-1, 4)
    grid = torch.empty(len(verts), 2, dtype=torch.int32, device=verts.device)
    launch(snap_verts, len(verts), [verts, grid], verts.device)
    return wp.from_torch(grid, dtype=wp.vec2i)


@build_once
def make_fill(is_supersampled: bool, device_type: str = "cpu") -> wp.Kernel:
    """The kernel that rasterizes faces: each of a placement's `lanes` threads takes `lane_faces` of them.

    Args:
        is_supersampled: For shots of more than one sample a pixel.
        device_type: cpu or cuda; on the CPU several samples of a row are found side by side.
    """
    has_rows = device_type == "cpu" and not is_supersampled
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
        shots: Shots,
        keys: wp.array(dtype=wp.int64),
    ):
        thread = wp.tid()
        placement = first_placement + thread / lanes
        face = (thread % lanes) * lane_faces
        end = wp.min(face + lane_faces, scene.faces.shape[0])

        # Samples of the shot that may be covered and that the chunk has.
        p = scene.shot[placement]
        bits = wp.int32(0)
        if wp.static(is_supersampled):
            bits = shots.sample_bits[p]
        r = shots.rect[p]
        above = shots.first_row[p]
        left = r[0] << bits
        right = ((r[0] + r[2]) << bits) - 1
        top = wp.max(r[1], first_row - above) << bits
        bottom = (wp.min(r[1] + r[3], end_row - above) << bits) - 1
        if left > right or top > bottom:
            return
        stride = shots.stride[p]
        # Where the shot would begin among the chunk's keys; negative if its first rows are in another chunk.
        base = wp.int32(shots.start[p] - origin)
        culls = cull[placement] != 0
        first_vertex = placement * scene.vert_count
        first_id = wp.int64(placement) * wp.int64(scene.faces.shape[0])

        while face < end:
            corners = scene.faces[natural(face)]
            id = first_id + wp.int64(face)
            face += 1
            outline = find_outline(grid, first_vertex, corners, culls)
            if not outline.is_drawn:
                continue
            ax, ay, bx, by, cx, cy = outline.ax, outline.ay, outline.bx, outline.by, outline.cx, outline.cy

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
                scene.verts[natural(first_vertex + corners[0])],
                scene.verts[natural(first_vertex + corners[1])],
                scene.verts[natural(first_vertex + corners[2])],
            )

            if wp.static(has_rows):
                first = index_row(base, stride, y0, bits) + x0
                # Not at the very end of the buffer, where there are not so many keys.
                if x1 - x0 < WIDTH and first + (y1 - y0) * stride + WIDTH <= keys.shape[0]:
                    lay_small_face(
                        plane,
                        x0,
                        x1,
                        y0,
                        y1,
                        row_ab,
                        row_bc,
                        row_ca,
                        right_ab,
                        right_bc,
                        right_ca,
                        down_ab,
                        down_bc,
                        down_ca,
                        id,
                        first,
                        stride,
                        keys,
                    )
                    continue
            elif x1 - x0 < 8 and y1 - y0 < 8:
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
                    key = order_depth(find_depth(plane, wp.float32(x), wp.float32(y))) | id
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
                        key = order_depth(find_depth(plane, wp.float32(x), wp.float32(y))) | id
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
        self._shots = view_shots(layout)
        self._cull = wp.from_torch(placements.cull)
        self._grid = snap_placements(placements)

    def open(self, is_supersampled: bool, keys: torch.Tensor) -> Callable[[Chunk], None]:
        """What rasterizes a chunk.

        Args:
            is_supersampled: Whether its shots have more than one sample a pixel, all or none.
            keys: int64, one for each sample of the chunk or more, EMPTY or of other placements of it.

        Returns:
            A function that one thread may use.
        """
        # On CUDA a thread a face; on the CPU one takes all faces of a placement.
        lane_faces = 1 if self._device.type == "cuda" else self._scene.faces.shape[0]
        lanes = -(-self._scene.faces.shape[0] // lane_faces)
        inputs = [lane_faces, lanes, self._scene, self._grid, self._cull, self._shots, keys]
        kernel = make_fill(is_supersampled, self._device.type)
        fill = Relaunch(kernel, 4, inputs, self._device)

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
