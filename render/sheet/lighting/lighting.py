"""The light of a studio on the bodies of a batch: where its lights stand, and what they reach."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
import torch

from render.compute.transfer import upload
from render.light.depth_maps import sum_boundary
from render.light.placed_bodies import PlacedBodies, place_bodies, turn_normals
from render.shade.mode import MODES
from render.sheet.lighting.bake import bake_ambient, bake_key
from render.sheet.lighting.ray_stage import RayStage
from render.sheet.lighting.rigs import find_rigs
from render.sheet.shots import Shot
from render.sheet.staging import StagedBatch
from render.types.light import Light

# On a GPU, bodies that are lit at once.
MOST_AT_ONCE = 64


class Lighting:
    """Finds what of the studio's light reaches the bodies of a batch.

    What comes from all around is found once for each sheet, and the key light once for each place of a
    viewer: shots that see a sheet from the same side share it.

    Args:
        staged: The batch.
        rays: How many a pixel, one of `RAYS`; 0 finds the light from depth maps.

    Attributes:
        light: What the tasks fill; None where no mode needs it.
    """

    def __init__(self, staged: StagedBatch, rays: int = 0) -> None:
        self.light: Light | None = None
        self._rays: RayStage | None = None
        self._staged = staged
        shots = staged.batch.shots
        lit = [k for k, shot in enumerate(shots) if any(MODES.load(mode).needs_light for mode in shot.modes)]
        # Where the placements of each shot begin, and their end.
        self._begin = np.searchsorted(staged.placement_list.shot, np.arange(len(shots) + 1))
        self._lit = [k for k in lit if self._begin[k + 1] > self._begin[k]]
        if not lit:
            return
        bodies, stage = staged.bodies, staged.stage
        device = bodies.verts.device
        rigs = find_rigs(staged.cameras.rotation, stage.matrix, staged.body_index.long())
        if rays:
            # All people of a shot have the lights of the first one.
            begin = upload(self._begin[staged.placement_list.shot], device)
            self._rays = RayStage(staged, rigs.axes[begin], rays)
            self.light = Light(rigs.of_normals, rays=self._rays.rays)
            return
        self.light = Light(
            ambient=torch.ones(*bodies.verts.shape[:2], 2, device=device),
            key=torch.ones(len(staged.placements.body), bodies.verts.shape[1], device=device),
            rig=rigs.of_normals,
        )
        self._axes = rigs.axes
        first = staged.batch.first
        self._sheet = np.repeat(np.arange(len(first) - 1), np.diff(first))
        sheet = upload(self._sheet, device)
        unit = stage.unit[sheet]
        self._placed = place_bodies(bodies.verts, stage.matrix, stage.shift, unit)
        self._normals = turn_normals(bodies.normals, stage.matrix)
        self._ground_m = stage.ground[sheet] / unit
        self._boundary = sum_boundary(bodies.faces)

    @property
    def has_rays(self) -> bool:
        """Whether rays find the light, which takes long."""
        return self._rays is not None

    def list_tasks(self) -> list[Callable[[], None]]:
        """What fills it; threads may each take tasks of their own."""
        if self._rays is not None:
            return self._rays.list_tasks()
        shots, first = self._staged.batch.shots, self._staged.batch.first
        alike: dict[tuple, list[int]] = {}
        for k in self._lit:
            alike.setdefault(_find_side(shots[k]), []).append(k)
        sheets = sorted({shots[k].sheet for k in self._lit})
        of_sheets = self._gather((sheet, int(first[sheet + 1] - first[sheet])) for sheet in sheets)
        of_shots = self._gather((k, int(self._begin[k + 1] - self._begin[k])) for k, *_ in alike.values())
        copies = {shared[0]: shared[1:] for shared in alike.values()}
        return [
            *(partial(self._shine_around, some) for some in of_sheets),
            *(partial(self._shine_key, some, [copies[k] for k in some]) for some in of_shots),
        ]

    def _gather(self, counted: Iterable[tuple[int, int]]) -> list[list[int]]:
        """Numbers of sheets or shots with how many people they have, as tasks."""
        is_cuda = self._staged.bodies.verts.device.type == "cuda"
        tasks: list[list[int]] = []
        total = 0
        for number, people in counted:
            if not tasks or not is_cuda or total + people > MOST_AT_ONCE:
                tasks.append([])
                total = 0
            tasks[-1].append(number)
            total += people
        return tasks

    def _shine_around(self, sheets: list[int]) -> None:
        """Fills the light of the sky and the floor of sheets."""
        assert self.light is not None
        assert self.light.ambient is not None
        first = self._staged.batch.first
        people = np.concatenate([np.arange(first[i], first[i + 1]) for i in sheets])
        counts = np.array([first[i + 1] - first[i] for i in sheets])
        begin = np.repeat(np.cumsum(counts) - counts, counts).astype(np.int32)
        end = np.repeat(np.cumsum(counts), counts).astype(np.int32)
        device = self._normals.device
        index = upload(people, device)
        self.light.ambient[index] = bake_ambient(
            PlacedBodies(*(column[index] for column in self._placed)),
            self._normals[index],
            self._staged.bodies.faces,
            self._boundary,
            upload(begin, device),
            upload(end, device),
            int(counts.max()),
            self._ground_m[index],
        )

    def _shine_key(self, shots: list[int], copies: list[list[int]]) -> None:
        """Fills the key light of shots, and of those that see the same."""
        assert self.light is not None
        assert self.light.key is not None
        begins, ends = self._begin[shots], self._begin[np.array(shots) + 1]
        counts = ends - begins
        rows = np.concatenate([np.arange(*span) for span in zip(begins, ends, strict=True)])
        start = np.cumsum(counts) - counts
        device = self._normals.device
        index = upload(rows, device)
        key = bake_key(
            self._placed,
            self._normals,
            self._staged.bodies.faces,
            self._boundary,
            self._staged.placements.body[index],
            # All people of a shot have the lights of the first one.
            self._axes[upload(begins, device)],
            upload(np.repeat(np.arange(len(shots)), counts).astype(np.int32), device),
            upload(np.repeat(start, counts).astype(np.int32), device),
            upload(np.repeat(start + counts, counts).astype(np.int32), device),
            int(counts.max()),
        )
        self.light.key[index] = key
        for k, others in enumerate(copies):
            for other in others:
                own = key[start[k] : start[k] + counts[k]]
                self.light.key[self._begin[other] : self._begin[other + 1]] = own


def _find_side(shot: Shot) -> tuple:
    """Shots of which this is equal have the same people lit from the same place."""
    view, sheet = shot.viewpoint, shot.sheet
    if shot.view.over_photo:
        return sheet, shot.person
    return sheet, shot.person, view.name, view.azimuth_deg, view.is_orthographic, view.from_photo
