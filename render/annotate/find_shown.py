"""What legends need to know of each shot: who is on it, how far off, and where it is to be left free."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import torch

from render.annotate.annotation import ANNOTATIONS
from render.shade.legend import Shown, ShownPerson
from render.sheet.staging import StagedBatch

# About so many vertices of a body tell where it is.
_POINTS = 500


@dataclass(frozen=True)
class ShownShot:
    """What is seen in a shot.

    Attributes:
        shown: For the legend of a panel.
        free_px: (N, 2) points x, y that are spread over its bodies, in its pixels; NaN where one is nowhere.
    """

    shown: Shown
    free_px: np.ndarray


def find_shown(staged: StagedBatch, error_mm: float) -> list[ShownShot]:
    """What is seen in each shot of a batch.

    Args:
        staged: The sheets and their people.
        error_mm: Where the scale of errors ends.
    """
    batch, listed = staged.batch, staged.placement_list
    step = max(1, staged.placements.verts.shape[1] // _POINTS)
    points = staged.placements.verts[:, ::step].cpu().numpy().astype(np.float64)
    places = np.where(points[:, :, 3:] > 0, points[:, :, :2], np.nan)
    z_m = staged.bodies.verts[:, :, 2]
    depths_m = torch.stack([z_m.amin(1), z_m.amax(1)], 1).cpu().numpy() + batch.cameras.transl_m[:, 2:]
    found = []
    for k, shot in enumerate(batch.shots):
        own = np.flatnonzero(listed.shot == k)
        people = tuple(
            ShownPerson(_name(batch.fits.identity[m], row), instance, colour)
            for m, row, instance, colour in zip(
                listed.body[own].tolist(),
                listed.row[own].tolist(),
                listed.instance[own].tolist(),
                listed.colour[own].tolist(),
                strict=True,
            )
        )
        # Elsewhere depths are of a space of the view's own.
        is_metric = shot.view.over_photo and bool(
            (batch.cameras.shares_depth & batch.fits.is_metric)[listed.body[own]].all()
        )
        spans = None
        if is_metric and len(own):
            of_people = depths_m[listed.body[own]]
            spans = (float(of_people[:, 0].min()), float(of_people[:, 1].max()))
        free = places[own].reshape(-1, 2) / 2**shot.sample_bits
        found.append(ShownShot(Shown(error_mm, spans, people), free))
    return found


def find_seen(staged: StagedBatch, names: Collection[str], error_mm: float) -> list[ShownShot | None]:
    """As `find_shown`, where one of these annotations is a legend; else None of each shot."""
    if any(ANNOTATIONS.load(name).paint_legend is not None for name in names):
        return [*find_shown(staged, error_mm)]
    return [None] * len(staged.batch.shots)


def _name(identity: int, row: int) -> str:
    """As captions have it; a person of a sequence has another row in each frame."""
    return f"person {identity}" if identity >= 0 else f"#{row}"
