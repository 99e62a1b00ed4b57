"""How a batch comes to the numbers of its people."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from render.compute.steps import Step, Steps
from render.errors import PhotoError
from render.library.label_renderer import LabelRenderer, LabelSet
from render.library.poser import Undrawable
from render.review.table import Table, measure_image
from render.run.meshes.pose import PosedBody, fetch_bodies
from render.run.pipelines import Finish
from render.run.review.describe import Describer
from render.run.review.other_bodies import OtherBodies
from render.sheet.framing import Batch
from render.sheet.shots import add_lone_shots
from render.types.products import MeasuredFiles


class AuditPipeline:
    """People are posed, and drawn as masks; then each image is measured.

    Args:
        renderer: Draws the masks of people, whoever stands before them.
        describer: Says what is known of them.
        table: Whose columns are found.
        finish: Called once for each image, from any thread.
        others: Poses some of them with other bodies too.
    """

    def __init__(
        self,
        renderer: LabelRenderer,
        describer: Describer,
        table: Table,
        finish: Finish,
        others: OtherBodies,
    ) -> None:
        self._renderer = renderer
        self._describer = describer
        self._table = table
        self._finish = finish
        self._others = others

    def make(self, batch: Batch) -> Steps[None]:
        """Steps that measure all people of the batch, a sheet an image."""
        queue = self._renderer.open_queue()
        groups = yield from self._renderer.pose(batch, queue)
        (posed,) = yield Step("download", [partial(fetch_bodies, groups, len(batch.fits), queue)])
        others = yield from self._others.pose(batch, queue)
        batch = replace(batch, shots=add_lone_shots(batch.shots, batch.sheets))
        with self._renderer.lend() as loan:
            drawn = yield from self._renderer.draw_posed(batch, groups, loan, queue)
            yield Step(
                "measure",
                [partial(self._measure, batch, i, posed, drawn[i], others) for i in range(len(batch.sheets))],
            )

    def _measure(
        self,
        batch: Batch,
        sheet: int,
        posed: list[PosedBody],
        drawn: LabelSet | Undrawable,
        others: list[dict[str, np.ndarray]],
    ) -> None:
        try:
            image = self._describer.describe(batch, sheet, posed, drawn, others)
        except PhotoError as fault:
            self._finish(batch.sheets[sheet], fault, None)
            return
        measured = self._table.pack(image.name, measure_image(image))
        self._finish(batch.sheets[sheet], MeasuredFiles(measured), None)
