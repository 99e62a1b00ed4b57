"""The partners of a batch: its sheets over again, with the other fit of each person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from render.compute.steps import Steps
from render.compute.transfer import DeviceQueue
from render.library.poser import BatchPoser
from render.library.surface.reference import Reference
from render.sheet.framing import Batch, make_batch
from render.sheet.layout import have_cameras
from render.sheet.view import VIEWS
from render.types.scenes import Scenes
from render.types.sheets import Sheet


@dataclass(frozen=True)
class Partners:
    """Finds the partners of batches of people who all have one.

    Attributes:
        reference: The other fits, and who is who.
        lay_out: As `open_layout` gives it.
        has_photos: Whether the dataset has photos.
        supersample: See `make_batch`.
    """

    reference: Reference
    lay_out: Callable[..., Sheet]
    has_photos: bool
    supersample: int

    def find(self, batch: Batch) -> Batch:
        """The batch of the other fits, whose crops are those of the batch."""
        places = self.reference.find_places(batch.fits)
        fits = self.reference.fits
        sheets = []
        for sheet, first in zip(batch.sheets, batch.first[:-1].tolist(), strict=True):
            people = tuple(int(place) for place in places[first : first + len(sheet.fits)])
            has_cameras = self.has_photos or have_cameras(fits, people)
            laid = self.lay_out(sheet.name, sheet.photo, sheet.photo_hw, fits=people, has_cameras=has_cameras)
            sheets.append(laid)
        found = make_batch(fits, sheets, batch.framing, supersample=self.supersample)
        return replace(found, crops=batch.crops)


def share_views(
    batch: Batch, other: Batch, posers: tuple[BatchPoser, BatchPoser], queue: DeviceQueue
) -> Steps[tuple[Batch, Batch]]:
    """Steps that let views around bodies look at both fits of a person in one way.

    What is upright is so by the first fit, and both are equally near, each in the middle of its panel: so a
    fit that leans is seen to lean. Views that the world of a sequence tells, and those of the original, stay
    as they are.

    Args:
        batch: Of the one fit of each person.
        other: Of the other.
        posers: Of both.
        queue: The batch's.
    """
    is_around = any(not VIEWS.load(shot.viewpoint.name).over_photo for shot in batch.shots)
    in_worlds = batch.framing.up == "world" and any(
        np.isfinite(one.fits.world_rotation).any() for one in (batch, other)
    )
    if batch.framing.fit != "bodies" or not is_around or in_worlds:
        return batch, other
    here = yield from posers[0].measure(batch, queue)
    there = yield from posers[1].measure(replace(other, scenes=here), queue)
    found = [_widen(one, two) for one, two in ((here, there), (there, here))]
    return replace(batch, scenes=found[0]), replace(other, scenes=found[1])


def _widen(scenes: Scenes, other: Scenes) -> Scenes:
    return replace(
        scenes,
        radius=np.fmax(scenes.radius, other.radius),
        half_height=np.fmax(scenes.half_height, other.half_height),
    )
