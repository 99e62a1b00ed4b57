"""The sidecars of a batch: what the fits say of its pictures and people, with what is seen of them."""

from __future__ import annotations

import numpy as np

from render.body.fit_bodies import FitBodies
from render.errors import SheetError
from render.labels.layer import LayerSpec
from render.labels.people import format_sidecar
from render.labels.picture import Crop, LabelledPerson, Picture
from render.library.label_renderer import LabelSet
from render.run.labels.demands import find_unmet
from render.sheet.framing import Batch
from render.sheet.shots import Shot


class Sidecars:
    """Describes the products of one batch; threads may do so at the same time.

    Args:
        batch: The sheets, each with one panel, and their people.
        layers: Of each product.
        bodies: Of the people.
    """

    def __init__(self, batch: Batch, layers: tuple[LayerSpec, ...], bodies: FitBodies) -> None:
        # All at once: to cut the fits for each product takes longer than to write its sidecar.
        self._batch = batch
        self._unmet = find_unmet(layers, batch.fits)
        self._shots = {shot.sheet: shot for shot in batch.shots if shot.person is None}
        self._bodies = bodies
        self._names: dict[tuple[int, ...], tuple[str, ...]] = {}

    def format(self, i: int, found: LabelSet) -> bytes:
        """The sidecar of a sheet.

        Args:
            i: The sheet.
            found: Its labels.

        Raises:
            SheetError: Somebody on it cannot have all layers.
        """
        people = range(int(self._batch.first[i]), int(self._batch.first[i + 1]))
        for person in people:
            if person in self._unmet:
                raise SheetError(self._unmet[person])
        names = self._name_joints(people)
        # Others of the batch may have more joints.
        keypoints = found.keypoints[:, : len(names)]
        return format_sidecar(
            _describe_picture(self._batch, self._shots[i]),
            [self._describe_person(person) for person in people],
            found.instance,
            keypoints,
            names[: keypoints.shape[1]],
            found.amodal,
            found.iuv,
        )

    def _name_joints(self, people: range) -> tuple[str, ...]:
        sources = tuple(np.unique(self._batch.fits.source[people.start : people.stop]).tolist())
        if sources not in self._names:
            self._names[sources] = self._bodies.find_joint_names(sources)
        return self._names[sources]

    def _describe_person(self, person: int) -> LabelledPerson:
        fits = self._batch.fits
        left, top, side = fits.box_px[person].tolist()
        return LabelledPerson(
            row=int(fits.row[person]),
            annot_id=int(fits.annot_id[person]),
            person=int(fits.person[person]),
            box_xywh=(left, top, side, side) if np.isfinite(side) else None,
        )


def _describe_picture(batch: Batch, shot: Shot) -> Picture:
    sheet = batch.sheets[shot.sheet]
    image_name = str(batch.fits.image_name[batch.first[shot.sheet]])
    height, width = sheet.photo_hw
    if not shot.view.is_crop:
        return Picture(image_name, width, height)
    (panel,) = sheet.panels
    zoom, offset = batch.photo_to_shot(shot)
    corner = -offset / zoom
    crop = Crop((float(corner[0]), float(corner[1])), zoom, panel.rect.w, panel.rect.h)
    return Picture(image_name, width, height, crop)
