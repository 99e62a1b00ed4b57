"""Whether joints are seen: a joint that lies within its body is, where the skin in front of it is.

On the way from a joint to the viewer its own body is left where the surface is wound around the point for the
last time (the winding number is 0 from there on). If the body is entered again beyond, another of its limbs
is in front, and the joint is hidden; it also is where somebody else is nearer than the place where the body
is left. A joint on the surface, such as the nose, or outside of it is its own way out. Limbs that reach into
one another are one, so an arm that is pressed into the chest does not hide what is within.

Depths are those of the view, by which bodies of a shot hide each other, so perspective makes no difference.
The surface is covered as the rasterizer has it, at the joint's own point of the picture; other people are as
the keys of its pixel say.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
import warp as wp

from render.compute.kernels import Relaunch, launch, loop_lanes
from render.labels import joint_kernels
from render.rasterize.backends.warp import snap_placements
from render.rasterize.kernel_views import view_placements, view_shots
from render.rasterize.project import project
from render.types.bodies import Bodies
from render.types.buffer import Chunk, Layout
from render.types.placements import Cameras, Placements

OUTSIDE, HIDDEN, VISIBLE = joint_kernels.OUTSIDE, joint_kernels.HIDDEN, joint_kernels.VISIBLE
# On the CPU, of a task: some ten milliseconds.
TASK_PLACEMENTS = 16


class JointProbe:
    """Finds how the joints of a batch are seen, beside its layers.

    Args:
        bodies: Of the batch; joints that a body does not have are NaN.
        cameras: Of the placements.
        placements: Of the batch.
        layout: Of its shots, with one sample a pixel.
        count: How many of the placements are asked about: the first ones.
    """

    def __init__(
        self, bodies: Bodies, cameras: Cameras, placements: Placements, layout: Layout, count: int
    ) -> None:
        device = self._device = bodies.verts.device
        self._count = count
        # As vertices are projected, to the bit: some joints are vertices.
        as_verts = Bodies(bodies.joints, bodies.joints, bodies.joints, bodies.faces)
        projected = project(as_verts, cameras, placements.body, placements.shot, layout.sample_bits)
        shape = count, projected.verts.shape[1]
        self._lanes = loop_lanes(device, len(placements.faces))
        self._scene, self._shots = view_placements(placements), view_shots(layout)
        self._joints = projected.verts
        self._found = torch.zeros(shape, dtype=torch.int32, device=device)
        self._crossings = torch.empty(*shape, joint_kernels.MOST_CROSSINGS, 3, device=device)
        self._front = torch.full(shape, -1, dtype=torch.int32, device=device)
        self._front_depth = torch.empty(shape, dtype=torch.float32, device=device)
        # From the top down, so that each face looks at few of them.
        joint_grid = wp.to_torch(snap_placements(projected)).view(-1, shape[1], 2)[:count]
        order = joint_grid[..., 1].argsort(1)
        joint_grid = joint_grid.gather(1, order[..., None].expand(*shape, 2)).view(-1, 2)
        grid = snap_placements(placements)
        self._cross = [self._lanes, self._scene, grid, self._joints, joint_grid, order.view(-1)]

    def list_tasks(self) -> list[Callable[[], None]]:
        """Tasks that find where the ways from joints to the viewer cross their bodies, for any threads."""
        step = TASK_PLACEMENTS if self._device.type == "cpu" else max(self._count, 1)
        return [
            partial(self._find_crossings, range(first, min(first + step, self._count)))
            for first in range(0, self._count, step)
        ]

    def _find_crossings(self, placements: range) -> None:
        inputs = [placements.start, *self._cross, self._found, self._crossings]
        launch(joint_kernels.find_crossings, len(placements) * self._lanes, inputs, self._device)

    def open(self, keys: torch.Tensor) -> Callable[[Chunk], None]:
        """What notes who is in front at the joints whose pixels a chunk has, before its keys are emptied.

        Args:
            keys: int64, one for each pixel of the chunk or more.

        Returns:
            A function that one thread may use.
        """
        inputs = [self._scene, self._shots, keys, self._joints, self._front, self._front_depth]
        note = Relaunch(joint_kernels.note_fronts, 4, inputs, self._device)

        def look(chunk: Chunk) -> None:
            dim = len(chunk.placements) * self._joints.shape[1]
            if dim:
                note(dim, chunk.placements.start, chunk.rows.start, chunk.rows.stop, chunk.samples.start)

        return look

    def judge(self) -> torch.Tensor:
        """How the joints are seen, when all tasks are done and all chunks were looked at.

        Returns:
            (count, J, 3) float32 x, y in pixels and v, as COCO has it: 0 for what is not in the picture or
            nowhere, whose x and y are 0 too, HIDDEN or VISIBLE.
        """
        keypoints = torch.empty(self._count, self._joints.shape[1], 3, device=self._device)
        inputs = [self._scene, self._shots, self._joints, self._found, self._crossings]
        inputs += [self._front, self._front_depth, keypoints]
        launch(joint_kernels.judge_joints, keypoints.shape[:2], inputs, self._device)
        return keypoints
