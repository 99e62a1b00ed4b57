"""The numbers of two fits of each person of a batch: both are posed, drawn as masks, and compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from render.body.fit_bodies import FitBodies
from render.compute.steps import Step, Steps
from render.errors import PhotoError
from render.fits.coco import CocoPerson
from render.labels.plane_pool import PlaneLoan
from render.library.label_renderer import LabelRenderer, LabelSet
from render.library.poser import Undrawable
from render.library.surface.reference import find_root_weights
from render.photos.sources.segmentations import SegmentationDir
from render.review.compare.regressor import Regressor
from render.review.compare.table import Methods, compare_images, make_compare_table
from render.run.meshes.pose import PosedBody, fetch_bodies
from render.run.review.describe import Describer
from render.sheet.framing import Batch, make_batch
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import label_panel
from render.types.products import Measured

_Drawn = tuple[Batch, list[PosedBody], list[LabelSet | Undrawable]]


class PairMeasurer:
    """Finds the numbers of people, one a sheet.

    Args:
        renderers: Draw the masks of both fits.
        coco: COCO's annotations by annotation id of the first.
        methods: What is compared.
        regressor: What gives joints; None for those of the bodies.
        segmentations: Those of photos; None where nothing is compared with them.
    """

    def __init__(
        self,
        renderers: tuple[LabelRenderer, LabelRenderer],
        coco: Mapping[int, CocoPerson],
        methods: Methods,
        regressor: Regressor | None,
        segmentations: SegmentationDir | None = None,
    ) -> None:
        self._renderers = renderers
        self._describers = (
            Describer(renderers[0].bodies, coco, segmentations),
            Describer(renderers[1].bodies, segmentations=segmentations),
        )
        self._regressor = regressor
        self._table = make_compare_table()
        self._about = methods.tell()

    def measure(self, batch: Batch, other: Batch) -> Steps[list[Measured | PhotoError]]:
        """Steps that compare the people of a batch with their partners.

        Args:
            batch: Of the one fit of each person.
            other: Of the other, in the same order.

        Returns:
            Of each sheet the numbers, or why a segmentation of its photo cannot be used.
        """
        with self._renderers[0].lend() as loan, self._renderers[1].lend() as other_loan:
            first = yield from self._draw(self._renderers[0], batch, loan)
            second = yield from self._draw(self._renderers[1], other, other_loan)
            found = yield Step(
                "measure", [partial(self._compare, first, second, i) for i in range(len(batch.sheets))]
            )
        return found

    def _draw(self, renderer: LabelRenderer, batch: Batch, loan: PlaneLoan) -> Steps[_Drawn]:
        """The bodies of a batch, posed, and their masks on the whole photo."""
        masked = _cover_photos(batch)
        queue = renderer.open_queue()
        groups = yield from renderer.pose(masked, queue)
        (posed,) = yield Step("download", [partial(fetch_bodies, groups, len(masked.fits), queue)])
        drawn = yield from renderer.draw_posed(masked, groups, loan, queue)
        return masked, posed, drawn

    def _compare(self, first: _Drawn, second: _Drawn, sheet: int) -> Measured | PhotoError:
        try:
            here, there = (
                describer.describe(batch, sheet, posed, drawn[sheet])
                for describer, (batch, posed, drawn) in zip(self._describers, (first, second), strict=True)
            )
        except PhotoError as fault:
            return fault
        # COCO's annotation is of the person, whatever the others call him.
        own = replace(there.people[0], coco=here.people[0].coco)
        there = replace(there, people=(own,))
        sources = [int(batch.fits.source[batch.first[sheet]]) for batch, *_ in (first, second)]
        bodies = [renderer.bodies for renderer in self._renderers]
        roots = _find_roots((bodies[0], bodies[1]), sources, (here.people[0].verts_m, own.verts_m))
        return self._table.pack(here.name, compare_images(here, there, self._regressor, roots), self._about)


def _cover_photos(batch: Batch) -> Batch:
    """The people of a batch, each on a sheet that is as large as his photo."""
    sheets = [
        lay_out_sheet(
            sheet.name,
            sheet.photo,
            sheet.photo_hw,
            (label_panel("camera"),),
            (place,),
            columns=1,
            has_cameras=sheet.photo is not None or not bool(batch.cameras.is_framed[place]),
        )
        for place, sheet in enumerate(batch.sheets)
    ]
    return make_batch(batch.fits, sheets)


def _find_roots(
    bodies: tuple[FitBodies, FitBodies], sources: list[int], verts_m: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray] | None:
    """The middles of what follows the root, of bodies of one model whose joints nobody knows."""
    models = [one.models[source] for one, source in zip(bodies, sources, strict=True)]
    if models[0].vert_count != models[1].vert_count:
        return None
    weights = find_root_weights(models[0], models[1])
    if weights is None:
        return None
    share = (weights / weights.sum()).double().cpu().numpy()
    return share @ verts_m[0].astype(np.float64), share @ verts_m[1].astype(np.float64)
