"""The grounds of a batch: which panels have one, and the tasks that lay them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import torch

from render.compute.transfer import upload
from render.sheet.ground.homographies import find_homographies
from render.sheet.ground.plane import FADE_BEGIN, FADE_END, LEAST_RADIUS_M, PlanePainter
from render.sheet.ground.shadows import cast_shadows
from render.sheet.ground.silhouettes import OnFloor
from render.sheet.ground.stage import Stage
from render.sheet.panels import catches_shadow
from render.sheet.shots import Shot
from render.sheet.transition.course import spread_ground
from render.types.bodies import Bodies
from render.types.buffer import Canvas
from render.types.placements import Cameras

# On a GPU, people whose shadows are made at once.
MOST_AT_ONCE = 64


class GroundLayer:
    """Lays the grounds of a batch into its canvas, before its bodies are drawn.

    Args:
        shots: Of all panels of the batch.
        first: (S + 1,), index of the first person of each sheet, and the end.
        bodies: Of the people.
        stage: Where they are.
        cameras: A row for each shot: how it sees the space of its sheet.
        canvas: Of the sheets, with their backgrounds.
    """

    def __init__(
        self,
        shots: list[Shot],
        first: np.ndarray,
        bodies: Bodies,
        stage: Stage,
        cameras: Cameras,
        canvas: Canvas,
    ) -> None:
        self._first = first
        self._bodies = bodies
        self._stage = stage
        self._canvas = canvas
        # By sheet, for panels of a sheet share its shadows: the shot that a panel shows, its number among the
        # layers of that, its size, and whether it is in the light of the studio.
        self._panels: dict[int, list[tuple[int, int, tuple[int, int], bool]]] = {}
        spread = [spread_ground(shot.viewpoint.from_photo) for shot in shots]
        for k, shot in enumerate(shots):
            for number, panel in enumerate(shot.panels):
                if panel.background == "ground" and spread[k] > 0:
                    self._panels.setdefault(shot.sheet, []).append(
                        (k, number, shot.size_px, catches_shadow(panel))
                    )
        if not self._panels:
            return
        device = stage.matrix.device
        # Whole metres, so that lines stay where they are: numbers are small near to what is looked at.
        middle = stage.center[:, [0, 2]] / stage.unit[:, None]
        self._origin = middle.floor().nan_to_num(0.0, 0.0, 0.0)
        sheet = upload(np.array([shot.sheet for shot in shots], np.int64), device)
        self._homography = find_homographies(
            cameras, stage.ground[sheet], stage.unit[sheet], self._origin[sheet]
        )
        radius = (stage.radius / stage.unit).clamp(min=LEAST_RADIUS_M)[:, None]
        fade = torch.cat([middle - self._origin, FADE_BEGIN * radius, FADE_END * radius], 1)
        fade = fade[sheet]
        fade[:, 2:] *= upload(np.array(spread), device)[:, None]
        self._fade = fade.float()

    def list_tasks(self) -> list[Callable[[], None]]:
        """What lays them; threads may each take tasks of their own."""
        is_cuda = self._bodies.verts.device.type == "cuda"
        tasks: list[list[int]] = []
        count = 0
        for i in sorted(self._panels):
            people = int(self._first[i + 1] - self._first[i])
            if not tasks or not is_cuda or count + people > MOST_AT_ONCE:
                tasks.append([])
                count = 0
            tasks[-1].append(i)
            count += people
        return [partial(self._lay, sheets) for sheets in tasks]

    def _lay(self, sheets: list[int]) -> None:
        """Lays the grounds of sheets that follow one another among those that have one."""
        begin, end = int(self._first[sheets[0]]), int(self._first[sheets[-1] + 1])
        stage, device = self._stage, self._bodies.verts.device
        of_person = np.repeat(np.arange(len(self._first) - 1), np.diff(self._first))[begin:end]
        sheet = upload(of_person, device)
        bodies = OnFloor(
            self._bodies.verts[begin:end],
            stage.matrix[begin:end].contiguous(),
            stage.shift[begin:end].contiguous(),
            stage.ground[sheet],
            stage.unit[sheet],
        )
        found = cast_shadows(bodies, self._bodies.faces)
        found = found._replace(corner=found.corner - self._origin[sheet])
        painter = PlanePainter(self._homography, self._fade, found, self._canvas)
        for i in sheets:
            people = range(int(self._first[i]) - begin, int(self._first[i + 1]) - begin)
            for shot, number, size_px, is_lit in self._panels[i]:
                # The studio's light makes shadows of its own.
                painter.paint(shot, number, people[:0] if is_lit else people, size_px)
