"""The shadows of a batch: which panels catch them, and the tasks that lay them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import torch

from render.compute.transfer import upload
from render.sheet.around.reach import reach_along
from render.sheet.ground.catcher import CatchingPanel, catch_shadows
from render.sheet.ground.floor_light import COARSE, FINE, OnFloor, Quality, light_from_key, light_from_sky
from render.sheet.ground.homographies import find_homographies, see_stage
from render.sheet.ground.silhouettes import FloorMap
from render.sheet.lighting.rigs import find_axes
from render.sheet.panels import catches_shadow
from render.sheet.shots import Shot
from render.sheet.staging import StagedBatch
from render.types.buffer import Canvas
from render.types.placements import Cameras

# People of a sheet whose light is found finely.
MOST_FINE = 16
# Where no light comes to. A photo has a light of its own, which fills the shadows of another.
DEPTH, PHOTO_DEPTH = 0.78, 0.6


class _Side(NamedTuple):
    """From where panels of a sheet look: they have the same lights.

    Attributes:
        sheet: Index of the sheet.
        azimuth_deg: Of views around the bodies.
        over_photo: Whether they lie over the photo.
    """

    sheet: int
    azimuth_deg: float
    over_photo: bool


class ShadowLayer:
    """Lays the shadows of a batch into its canvas, over the backgrounds and before its bodies are drawn.

    Args:
        staged: The batch.
        canvas: Of its sheets, with their backgrounds.
    """

    def __init__(self, staged: StagedBatch, canvas: Canvas) -> None:
        self._staged = staged
        self._canvas = canvas
        self._sky: dict[int, FloorMap] = {}
        self._sides: dict[_Side, list[tuple[int, list[int]]]] = {}
        for k, shot in enumerate(staged.batch.shots):
            layers = [number for number, panel in enumerate(shot.panels) if catches_shadow(panel)]
            people = np.diff(staged.batch.first)[shot.sheet]
            if layers and people:
                self._sides.setdefault(_find_side(shot), []).append((k, layers))
        if self._sides:
            self._see(staged)

    def _see(self, staged: StagedBatch) -> None:
        batch, stage = staged.batch, staged.stage
        device, body = stage.matrix.device, staged.body_index.long()
        self._floor = find_floor(staged)
        # Whole metres, so that cells stay where they are: numbers are small near to what is looked at.
        first = upload(batch.first[:-1].clip(max=max(len(batch.fits) - 1, 0)), device)
        self._origin = (stage.shift[first][:, [0, 2]] / stage.unit[:, None]).floor()
        self._origin = self._origin.nan_to_num(0.0, 0.0, 0.0)
        sheet = upload(np.array([shot.sheet for shot in batch.shots], np.int64), device)
        shot = upload(staged.placement_list.shot.astype(np.int64), device)
        seen = see_stage(staged.cameras, stage, body)
        both = Cameras(
            **{
                name: torch.cat([getattr(one, name).double() for one in (staged.shots, seen)])
                for name in Cameras.SHAPES
            }
        )
        sheet = torch.cat([sheet, sheet[shot]])
        # Of each shot, and then of each placement.
        self._homography = find_homographies(both, self._floor[sheet], stage.unit[sheet], self._origin[sheet])
        self._axes = find_axes(staged.cameras.rotation, stage.matrix, body)

    def list_light_tasks(self) -> list[Callable[[], None]]:
        """What finds the light that all panels of a sheet share; threads may each take tasks of their own."""
        return [partial(self._look_up, sheet) for sheet in sorted({side.sheet for side in self._sides})]

    def list_tasks(self) -> list[Callable[[], None]]:
        """What lays the shadows, after all of the former; threads may each take tasks of their own."""
        return [partial(self._lay, side) for side in self._sides]

    def _look_up(self, sheet: int) -> None:
        bodies, faces, quality = self._stand(sheet)
        self._sky[sheet] = self._from_origin(light_from_sky(bodies, faces, quality), sheet)

    def _lay(self, side: _Side) -> None:
        bodies, faces, quality = self._stand(side.sheet)
        shown = self._sides[side]
        firsts = np.searchsorted(self._staged.placement_list.shot, [k for k, _ in shown])
        axes = self._axes[int(firsts[0]) : int(firsts[0]) + len(bodies.verts)]
        # Columns: the viewer's right, and towards the viewer, along x and z.
        turn = axes[:, [0, 2]][:, :, [0, 2]].mT.float().contiguous()
        key = self._from_origin(light_from_key(bodies, faces, turn, quality), side.sheet)
        shots = self._staged.batch.shots
        panels = []
        for (k, layers), first in zip(shown, firsts.tolist(), strict=True):
            own, step = (len(shots) + first, 1) if side.over_photo else (k, 0)
            for layer in layers:
                depth = PHOTO_DEPTH if shots[k].panels[layer].background == "photo" else DEPTH
                panels.append(CatchingPanel(k, layer, shots[k].size_px, own, step, depth))
        catch_shadows(panels, self._homography, self._sky[side.sheet], key, self._canvas)

    def _stand(self, sheet: int) -> tuple[OnFloor, torch.Tensor, Quality]:
        """The people of a sheet, their faces, and how finely their light is found."""
        staged, first = self._staged, self._staged.batch.first
        own = slice(int(first[sheet]), int(first[sheet + 1]))
        stage, count = staged.stage, own.stop - own.start
        bodies = OnFloor(
            staged.bodies.verts[own],
            stage.matrix[own].contiguous(),
            stage.shift[own].contiguous(),
            self._floor[sheet].repeat(count),
            stage.unit[sheet].repeat(count),
        )
        return bodies, staged.bodies.faces, FINE if count <= MOST_FINE else COARSE

    def _from_origin(self, found: FloorMap, sheet: int) -> FloorMap:
        return found._replace(corner=found.corner - self._origin[sheet])


def find_floor(staged: StagedBatch) -> torch.Tensor:
    """(S,) y of what catches the shadows of each sheet; NaN where that is not known.

    That is the ground that people stand on. Bodies without cameras of a photo that do not tell it stand on
    what is lowest of them, for nothing says that they are in the air.
    """
    batch, stage = staged.batch, staged.stage
    people = np.diff(batch.first)
    of_sheet = np.repeat(np.arange(len(people)), people)
    has_lens = np.bincount(of_sheet[~batch.cameras.is_framed], minlength=len(people)) > 0
    is_free = ~has_lens & (batch.scenes is None)
    if not is_free.any() or not len(of_sheet):
        return stage.ground
    device = stage.matrix.device
    every = torch.arange(len(of_sheet), dtype=torch.int32, device=device)
    lowest = reach_along(staged.bodies.verts, every, stage.matrix[:, 1:2])[:, 0] + stage.shift[:, 1]
    most = torch.full((len(people),), -torch.inf, dtype=torch.float64, device=device)
    most = most.scatter_reduce(0, upload(of_sheet, device), lowest, "amax")
    takes = stage.ground.isnan() & upload(is_free, device) & most.isfinite()
    return torch.where(takes, most, stage.ground)


def _find_side(shot: Shot) -> _Side:
    over_photo = shot.view.over_photo
    return _Side(shot.sheet, 0.0 if over_photo else shot.viewpoint.azimuth_deg, over_photo)
