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
from render.rasterize.edges import snap_to_grid
from render.rasterize.faces.blocks import FACES, make_room
from render.rasterize.faces.fill_one import make_fill_face
from render.rasterize.faces.fill_small import fill_small_faces
from render.rasterize.kernel_views import Scene, Shots, view_placements, view_shots
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
        device_type: cpu or cuda; on the CPU several faces are set up side by side.
    """
    has_blocks = device_type == "cpu" and not is_supersampled
    step = FACES if has_blocks else 1
    fill_face = make_fill_face(is_supersampled)

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
        left_faces: wp.array(dtype=wp.int32),
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
            count = wp.int32(1)
            if wp.static(has_blocks):
                count = fill_small_faces(
                    face,
                    end,
                    scene.faces,
                    first_vertex,
                    scene.verts,
                    grid,
                    culls,
                    first_id,
                    left,
                    right,
                    top,
                    bottom,
                    base,
                    stride,
                    keys.shape[0],
                    left_faces,
                    keys,
                )
            for k in range(count):
                number = face
                if wp.static(has_blocks):
                    number = left_faces[natural(k)]
                fill_face(
                    number,
                    scene.faces,
                    scene.verts,
                    grid,
                    first_vertex,
                    first_id,
                    culls,
                    left,
                    right,
                    top,
                    bottom,
                    base,
                    stride,
                    bits,
                    keys,
                )
            face += wp.static(step)

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
        inputs = [
            lane_faces,
            lanes,
            self._scene,
            self._grid,
            self._cull,
            self._shots,
            make_room(self._device),
            keys,
        ]
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
