"""The bodies of a batch where rays of light may meet them: a mesh for each sheet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
import warp as wp

from render.compute.kernels import build_mesh
from render.compute.transfer import upload
from render.light.placed_bodies import place_bodies
from render.sheet.staging import StagedBatch
from render.types.rays import Rays

# What is further off, or nowhere, casts no shadow: boxes around it would hold all others, and slow down rays.
MOST_M = 1.0e5


class RayStage:
    """Places the bodies of a batch in the stage spaces of their sheets, and makes them meshes.

    Args:
        staged: The batch.
        axes: (D, 3, 3) of each placement, see `Rigs`.
        count: Rays a pixel.

    Attributes:
        rays: What the tasks fill. Its meshes are alive as long as this is.
    """

    def __init__(self, staged: StagedBatch, axes: torch.Tensor, count: int) -> None:
        verts, stage = staged.bodies.verts, staged.stage
        device = verts.device
        turn = stage.matrix / stage.matrix[:, :1].norm(dim=2, keepdim=True)
        middle = (stage.center / stage.unit[:, None]).nan_to_num(0.0, 0.0, 0.0)
        first = staged.batch.first
        sheet = upload(np.repeat(np.arange(len(first) - 1), np.diff(first)), device)
        self._staged = staged
        self._placed = place_bodies(verts, stage.matrix, stage.shift, stage.unit[sheet])
        self._meshes: list[wp.Mesh] = []
        self.rays = Rays(
            count=count,
            points=torch.empty(verts.shape, device=device),
            turn=turn.float().contiguous(),
            to_stage=axes.mT.float().contiguous(),
            ground=(stage.ground / stage.unit - middle[:, 1])[sheet].float(),
            mesh=torch.zeros(len(verts), dtype=torch.int64, device=device),
            middle=middle,
        )

    def list_tasks(self) -> list[Callable[[], None]]:
        """What fills it, a task a sheet; threads may each take tasks of their own."""
        first = self._staged.batch.first
        return [
            partial(self._fill, sheet, slice(int(first[sheet]), int(first[sheet + 1])))
            for sheet in range(len(first) - 1)
            if first[sheet] < first[sheet + 1]
        ]

    def _fill(self, sheet: int, people: slice) -> None:
        placed = self._placed.verts[people].double() + self._placed.middle[people][:, None]
        points = (placed - self.rays.middle[sheet]).float()
        # Written so that NaN is bad.
        is_bad = ~(points.abs() <= MOST_M).all(2)
        points[is_bad] = 0.0
        self.rays.points[people] = points
        faces, vert_count = self._staged.bodies.faces.long(), points.shape[1]
        starts = vert_count * torch.arange(len(points), device=points.device)
        corners = faces + starts[:, None, None]
        # A face with such a corner shrinks to nothing.
        corners = torch.where(is_bad[:, faces].any(2, keepdim=True), corners[:, :, :1], corners)
        mesh = build_mesh(self.rays.points[people].view(-1, 3), corners.int().view(-1))
        self._meshes.append(mesh)
        self.rays.mesh[people] = mesh.id
