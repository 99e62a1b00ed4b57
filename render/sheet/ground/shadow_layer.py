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
from render.sheet.ground.contacts import find_contacts
from render.sheet.ground.floor_light import Quality, choose_quality, light_from_key, light_from_sky
from render.sheet.ground.homographies import find_homographies, see_stage, tilt_down
from render.sheet.ground.silhouettes import FloorMap, OnFloor
from render.sheet.lighting.rigs import find_rigs
from render.sheet.panels import catches_shadow
from render.sheet.shots import Shot
from render.sheet.staging import StagedBatch
from render.sheet.transition.course import move_camera, spread_ground, weigh_photo
from render.types.buffer import Canvas
from render.types.placements import Cameras
from render.types.sheets import Panel

# Soles are taken to be pressed into the ground by this share of the tallest body: what is lowest of them
# is a point, and around that light would be seen below them.
SUNK = 0.004
# Where no light comes to. A photo has a light of its own, which fills the shadows of another.
DEPTH, PHOTO_DEPTH = 0.78, 0.6


class _Side(NamedTuple):
    """From where panels of a sheet look: they have the same lights.

    Attributes:
        sheet: Index of the sheet.
        azimuth_deg: Of views around the bodies.
        over_photo: 1 where they lie over the photo, less on the way from there, 0 elsewhere.
        from_photo: See `Viewpoint`.
    """

    sheet: int
    azimuth_deg: float
    over_photo: float
    from_photo: float


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
        self._floor, over_photo = find_floors(staged)
        self._of_sheet = upload(np.repeat(np.arange(len(batch.sheets)), np.diff(batch.first)), device)
        # Whole metres, so that cells stay where they are: numbers are small near to what is looked at.
        first = upload(batch.first[:-1].clip(max=max(len(batch.fits) - 1, 0)), device)
        self._origin = (stage.shift[first][:, [0, 2]] / stage.unit[:, None]).floor()
        self._origin = self._origin.nan_to_num(0.0, 0.0, 0.0)
        sheet = upload(np.array([shot.sheet for shot in batch.shots], np.int64), device)
        shot = upload(staged.placement_list.shot.astype(np.int64), device)
        of_shot, floor = sheet[shot], over_photo[sheet]
        self._has_none: set[int] = set()
        if any(one.leaves_photo for one in batch.shots):
            self._has_none = set(np.flatnonzero(over_photo.isnan().cpu().numpy()).tolist())
            leaves = upload(np.array([one.leaves_photo for one in batch.shots]), device)
            floor = torch.where(leaves, self._floor[sheet], floor)
        floor = floor[shot]
        seen = see_stage(staged.cameras, stage, body)
        if any(side.over_photo for side in self._sides):
            ahead = seen.matrix[:, 2, [0, 2]]
            ahead = ahead / ahead.norm(dim=1, keepdim=True).clamp(min=1e-12)
            everybody = self._stand(slice(0, len(batch.fits)))
            self._contact = contact = find_contacts(everybody, staged.body_index, ahead.contiguous())
            unit = stage.unit[of_shot]
            place = torch.stack([unit * contact[:, 0], floor, unit * contact[:, 1]], 1)
            share = upload(np.array([_find_side(one).over_photo for one in batch.shots]), device)
            is_flat = upload(~batch.cameras.is_pinhole, device)[body]
            seen = tilt_down(seen, place, torch.where(is_flat, share[shot], 0.0))
        both = Cameras(
            **{
                name: torch.cat([getattr(one, name).double() for one in (staged.shots, seen)])
                for name in Cameras.SHAPES
            }
        )
        # Of each shot, and then of each placement.
        floor = torch.cat([self._floor[sheet], floor])
        sheet = torch.cat([sheet, of_shot])
        self._homography = find_homographies(both, floor, stage.unit[sheet], self._origin[sheet])
        self._axes = find_rigs(staged.cameras.rotation, stage.matrix, body).axes

    def list_light_tasks(self) -> list[Callable[[], None]]:
        """What finds the light that all panels of a sheet share; threads may each take tasks of their own."""
        return [partial(self._look_up, sheet) for sheet in sorted({side.sheet for side in self._sides})]

    def list_tasks(self) -> list[Callable[[], None]]:
        """What lays the shadows, after all of the former; threads may each take tasks of their own."""
        return [partial(self._lay, side) for side in self._sides]

    def _look_up(self, sheet: int) -> None:
        people, quality = self._find_people(sheet)
        found = light_from_sky(self._stand(people), self._staged.bodies.faces, quality)
        self._sky[sheet] = self._from_origin(found, sheet)

    def _lay(self, side: _Side) -> None:
        people, quality = self._find_people(side.sheet)
        shown = self._sides[side]
        firsts = np.searchsorted(self._staged.placement_list.shot, [k for k, _ in shown])
        placed = slice(int(firsts[0]), int(firsts[0]) + people.stop - people.start)
        axes = self._axes[placed]
        # Columns: the viewer's right, and towards the viewer, along x and z.
        turn = axes[:, [0, 2]][:, :, [0, 2]].mT.float().contiguous()
        contact, over_photo = (self._contact[placed], side.over_photo) if side.over_photo else (None, 1.0)
        found = light_from_key(
            self._stand(people), self._staged.bodies.faces, turn, quality, contact, over_photo
        )
        key = self._from_origin(found, side.sheet)
        shots = self._staged.batch.shots
        panels = []
        for (k, layers), first in zip(shown, firsts.tolist(), strict=True):
            own, step = (len(shots) + first, 1) if side.over_photo else (k, 0)
            for layer in layers:
                depth = _find_depth(shots[k].panels[layer], side.sheet in self._has_none)
                panels.append(CatchingPanel(k, layer, shots[k].size_px, own, step, depth))
        catch_shadows(panels, self._homography, self._sky[side.sheet], key, self._canvas)

    def _stand(self, people: slice) -> OnFloor:
        stage, own = self._staged.stage, self._of_sheet[people]
        return OnFloor(
            self._staged.bodies.verts[people],
            stage.matrix[people].contiguous(),
            stage.shift[people].contiguous(),
            self._floor[own],
            stage.unit[own],
        )

    def _find_people(self, sheet: int) -> tuple[slice, Quality]:
        """The people of a sheet, and how finely their light is found."""
        first = self._staged.batch.first
        people = slice(int(first[sheet]), int(first[sheet + 1]))
        return people, choose_quality(people.stop - people.start)

    def _from_origin(self, found: FloorMap, sheet: int) -> FloorMap:
        return found._replace(corner=found.corner - self._origin[sheet])


def _find_depth(panel: Panel, has_none: bool) -> float:
    """The alpha where no light comes to; on the way from a photo it goes from that there to that in the view.

    Args:
        panel: The panel.
        has_none: Whether its people have no floor over a photo.
    """
    from_photo = panel.viewpoint.from_photo
    share = 1.0 if panel.background == "photo" else weigh_photo(from_photo)
    depth = DEPTH + share * (PHOTO_DEPTH - DEPTH)
    # With the ground itself, or with a floor that the photo does not know, the shadows come later.
    return depth * spread_ground(from_photo) if has_none or not panel.has_shadow else depth


def find_floors(staged: StagedBatch) -> tuple[torch.Tensor, torch.Tensor]:
    """y of what catches the shadows of each sheet, (S,) in views around bodies, and (S,) over photos.

    That is the ground that people stand on. Where that is not known, what is lowest of them lies on it in
    views around them; over photos there is none then, NaN, unless bodies have no cameras of a photo.
    """
    batch, stage = staged.batch, staged.stage
    # In a clip what is lowest does not stay where it is.
    if batch.scenes is not None or not len(batch.fits):
        return stage.ground, stage.ground
    device, people = stage.matrix.device, np.diff(batch.first)
    of_sheet = np.repeat(np.arange(len(people)), people)
    every = torch.arange(len(of_sheet), dtype=torch.int32, device=device)
    down = stage.matrix[:, 1:2]
    reach = reach_along(staged.bodies.verts, every, torch.cat([down, -down], 1))
    reach = reach + torch.stack([stage.shift[:, 1], -stage.shift[:, 1]], 1)
    index = upload(of_sheet, device)
    most = torch.full_like(stage.ground, -torch.inf)
    lowest = most.scatter_reduce(0, index, reach[:, 0], "amax")
    tallest = most.scatter_reduce(0, index, reach.sum(1), "amax")
    around = torch.where(stage.ground.isnan(), lowest, stage.ground) - SUNK * tallest
    around = torch.where(around.isfinite(), around, torch.nan)
    has_lens = np.bincount(of_sheet[~batch.cameras.is_framed], minlength=len(people)) > 0
    is_unknown = upload(has_lens, device) & stage.ground.isnan()
    return around, torch.where(is_unknown, torch.nan, around)


def _find_side(shot: Shot) -> _Side:
    lies_over, from_photo = shot.view.over_photo, shot.viewpoint.from_photo
    azimuth_deg = 0.0 if lies_over else shot.viewpoint.azimuth_deg
    return _Side(shot.sheet, azimuth_deg, 1.0 if lies_over else 1.0 - move_camera(from_photo), from_photo)
