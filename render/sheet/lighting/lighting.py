"""The light of a studio on the bodies of a batch: where its lights stand, and what they reach."""

from __future__ import annotations

from collections.abc import Callable

import torch

from render.shade.mode import MODES
from render.sheet.lighting.ray_stage import RayStage
from render.sheet.lighting.rigs import find_rigs
from render.sheet.staging import StagedBatch
from render.types.light import Light


class Lighting:
    """Finds what of the studio's light reaches the bodies of a batch.

    Args:
        staged: The batch.
        rays: How many a pixel, one of `RAYS`; 0 finds the light from depth maps.

    Attributes:
        light: What the tasks fill; None where no mode needs it.
    """

    def __init__(self, staged: StagedBatch, rays: int = 0) -> None:
        self.light: Light | None = None
        self._rays: RayStage | None = None
        if not any(MODES.load(mode).needs_light for shot in staged.batch.shots for mode in shot.modes):
            return
        bodies, placements = staged.bodies, staged.placements
        count, vert_count = bodies.verts.shape[:2]
        device = bodies.verts.device
        rig = find_rigs(staged.cameras.rotation, staged.stage.matrix, staged.body_index.long())
        if rays:
            self._rays = RayStage(staged, rig, rays)
            self.light = Light(rig, rays=self._rays.rays)
            return
        self.light = Light(
            ambient=torch.ones(count, vert_count, 2, device=device),
            key=torch.ones(len(placements.body), vert_count, device=device),
            rig=rig,
        )

    @property
    def has_rays(self) -> bool:
        """Whether rays find the light, which takes long."""
        return self._rays is not None

    def list_tasks(self) -> list[Callable[[], None]]:
        """What fills it; threads may each take tasks of their own."""
        return [] if self._rays is None else self._rays.list_tasks()
