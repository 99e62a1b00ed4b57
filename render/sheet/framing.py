"""A batch: its sheets, their shots, and who is in them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch

from render.body.extent import measure_extents
from render.sheet.crops import find_sheet_crops
from render.sheet.photo_cameras import PixelCameras, find_cameras
from render.sheet.place_people import find_boxes, place_people
from render.sheet.shots import Shot, list_shots
from render.sheet.transition.photo import fit_photo
from render.types.bodies import Bodies
from render.types.fits import Fits
from render.types.scenes import Scenes
from render.types.sheets import ORIGINAL, Framing, Sheet

# Stands for the size of a photo on which nothing depends.
NO_PICTURE_HW = (1000, 1000)


@dataclass(frozen=True)
class Batch:
    """Sheets, their shots and their people, counted through.

    Attributes:
        sheets: The sheets.
        shots: Of all their panels, see `list_shots`.
        fits: The people of all sheets, one after the other.
        first: (sheets + 1,), index of the first of each sheet, and the end.
        cameras: Of the people, in pixels.
        crops: Corners and sides, as `find_sheet_crops` gives them; NaN where a box is not known.
        framing: How views around the bodies look at them.
        scenes: What these views look at, a row for each sheet; None for what is on each sheet itself.
    """

    sheets: list[Sheet]
    shots: list[Shot]
    fits: Fits
    first: np.ndarray
    cameras: PixelCameras
    crops: tuple[np.ndarray, np.ndarray]
    framing: Framing = ORIGINAL
    scenes: Scenes | None = None

    @property
    def is_fitted(self) -> bool:
        """Whether views around the bodies are fitted to what is there, or to the scenes that are given."""
        return self.framing.fit == "bodies" or self.scenes is not None

    def photo_to_view(self, shot: Shot) -> tuple[float, np.ndarray]:
        """From the photo's pixels to those of the whole view of a shot that lies over it, or that leaves it.

        Returns:
            Zoom and offset (2,): zoom * x + offset.
        """
        if shot.leaves_photo:
            return fit_photo(self.sheets[shot.sheet].photo_hw, shot.size_px)
        if not shot.view.is_crop:
            return 1.0, np.zeros(2)
        corner, side = self.crops
        zoom = shot.view_px[1] / float(side[shot.sheet])
        return zoom, -zoom * corner[shot.sheet]

    def photo_to_shot(self, shot: Shot) -> tuple[float, np.ndarray]:
        """From the photo's pixels to those of a shot that lies over it, which may be a part of its view.

        Returns:
            Zoom and offset (2,): zoom * x + offset.
        """
        zoom, offset = self.photo_to_view(shot)
        if shot.window is None:
            return zoom, offset
        corner = np.array([shot.window.left, shot.window.top])
        return shot.window.zoom * zoom, shot.window.zoom * (offset - corner)


def make_batch(
    fits: Fits,
    sheets: list[Sheet],
    framing: Framing = ORIGINAL,
    scenes: Scenes | None = None,
    supersample: int = 1,
) -> Batch:
    """Gathers the people of sheets.

    Args:
        fits: All that there are.
        sheets: Name their people by their place in `fits`.
        framing: How views around the bodies look at them.
        scenes: What these views look at, a row for each sheet; None for what is on each sheet itself.
        supersample: n for n x n samples a pixel, 1, 2 or 4, of panels that hold no labels.
    """
    first = np.cumsum([0, *(len(sheet.fits) for sheet in sheets)])
    people = fits.take(np.array([fit for sheet in sheets for fit in sheet.fits], np.int64))
    picture_hw = _list_pictures(sheets)
    return Batch(
        sheets=sheets,
        shots=list_shots(sheets, supersample, is_fitted=framing.fit == "bodies" or scenes is not None),
        fits=people,
        first=first,
        cameras=find_cameras(people, first, picture_hw),
        crops=find_sheet_crops(people.box_px, first, picture_hw),
        framing=framing,
        scenes=scenes,
    )


def lacks_crops(batch: Batch) -> bool:
    """Whether a panel shows a crop that the fits do not have; `find_crops` has it."""
    is_lost = np.isnan(batch.crops[1])
    return any(is_lost[shot.sheet] and shot.view.is_crop for shot in batch.shots)


def find_crops(batch: Batch, bodies: Bodies) -> Batch:
    """The batch with crops around bodies whose fits have no boxes.

    Args:
        batch: The sheets, their shots and their people.
        bodies: In the order of the batch's people.
    """
    uniform = torch.ones(bodies.verts.shape[1], dtype=torch.float64, device=bodies.verts.device)
    people = place_people(batch.cameras, measure_extents(bodies.verts, uniform), batch.first)
    found = find_boxes(people, bodies.verts).cpu().numpy()
    # A body that is nowhere on its photo leaves any crop empty.
    found = np.where(np.isnan(found), [0.0, 0.0, 1.0], found)
    box_px = np.where(np.isnan(batch.fits.box_px), found, batch.fits.box_px)
    return replace(batch, crops=find_sheet_crops(box_px, batch.first, _list_pictures(batch.sheets)))


def _list_pictures(sheets: list[Sheet]) -> np.ndarray:
    """(S, 2) height and width of the photos, or of what stands for them."""
    # Where no panel depends on the photo its size is not known, and any other does.
    return np.array([sheet.photo_hw if sheet.photo_hw[0] else NO_PICTURE_HW for sheet in sheets])


class PlacementList(NamedTuple):
    """Who is drawn where, int32 (D,) each, in the order of the shots.

    Attributes:
        body: Index into the batch's people.
        shot: Index into the batch's shots.
        instance: 1, 2, ... within its sheet.
        row: In the fit file.
        colour: See `People`.
    """

    body: np.ndarray
    shot: np.ndarray
    instance: np.ndarray
    row: np.ndarray
    colour: np.ndarray


def list_placements(batch: Batch) -> PlacementList:
    """Each person of a sheet in each of its shots."""
    shown = np.array([shot.sheet for shot in batch.shots], np.int64)
    # Shots of one person begin with that one.
    lone = np.array([-1 if shot.person is None else shot.person for shot in batch.shots], np.int64)
    count = np.where(lone < 0, np.diff(batch.first)[shown], 1)
    shot = np.repeat(np.arange(len(shown)), count)
    # 0, 1, ... anew in each shot.
    instance = np.arange(len(shot)) - np.repeat(np.cumsum(count) - count, count)
    instance += lone.clip(min=0)[shot]
    body = batch.first[shown][shot] + instance
    row, identity = batch.fits.row[body], batch.fits.identity[body]
    # A person of a sequence has a row for each frame.
    colour = np.where(identity >= 0, identity, row)
    return PlacementList(*(a.astype(np.int32) for a in (body, shot, instance + 1, row, colour)))
