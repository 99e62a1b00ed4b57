"""One pass over the fits: sheets are gathered in batches, and each batch is a job for the executor."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from render.body.fit_bodies import FitBodies, TopologyKey
from render.compute.memory import MemoryPlan, is_out_of_memory, release_cached
from render.compute.steps import Steps
from render.config.schema import Config
from render.config.values import MAX_BATCH
from render.errors import FitFileError, SheetError
from render.run.batches import (
    BatchLimit,
    BodyCost,
    Load,
    gather_batches,
    weigh_layers,
    weigh_pair,
    weigh_sheet,
)
from render.run.executor import Job
from render.run.kernels.drawn import find_layers
from render.run.opening.pipeline import Pipeline
from render.run.outcomes import Outcomes
from render.run.stop import Stop
from render.run.survey import Survey
from render.sheet.framing import make_batch
from render.types.fits import Fits
from render.types.sheets import Sheet
from render.write.format import FORMATS

log = logging.getLogger("render")


class Schedule:
    """The jobs of a run: batches of sheets, each decoded, drawn and encoded.

    Args:
        config: The settings.
        fits: The people of the run.
        survey: What there is to draw.
        pipeline: Makes it.
        bodies: Of the fits, as the pipeline has them.
        outcomes: Is told what becomes of each sheet.
        memory: How much may be under way.
        stop: Once it is given, no more jobs are made.
    """

    def __init__(
        self,
        config: Config,
        fits: Fits,
        survey: Survey,
        pipeline: Pipeline,
        bodies: FitBodies,
        outcomes: Outcomes,
        memory: MemoryPlan,
        stop: Stop,
    ) -> None:
        self._config = config
        self._fits = fits
        self._survey = survey
        self._bodies = bodies
        self._outcomes = outcomes
        self._stop = stop
        self._limit = BatchLimit(config.batch or MAX_BATCH, memory.batch_bytes)
        self._pipeline = pipeline
        self._has_rays = config.rays > 0
        self._weigh: Callable[[Sheet, BodyCost], Load] = weigh_sheet
        if layers := find_layers(config):
            self._weigh = partial(weigh_sheet, label_bytes=weigh_layers(layers))
        if config.job.product == "compare":
            self._weigh = partial(weigh_pair, weigh=self._weigh)
        self._side_step_px = FORMATS.load(config.output.format).side_step_px
        self._has_said_padding = False
        self._topologies: dict[frozenset[int], tuple[TopologyKey, BodyCost]] = {}
        self._tight: list[Sheet] = []

    def list_jobs(self) -> Iterator[Job]:
        """Batches are planned as the executor asks for them; no more of them once the run is to stop."""
        for sheets, load in gather_batches(
            self._plan_sheets(), self._limit, self._find_topology, self._weigh
        ):
            if self._stop.number:
                return
            yield Job(load.bytes, self._render(sheets))

    def list_last_jobs(self, weight: int) -> Iterator[Job]:
        """Sheets that did not fit into memory beside others, for when those are done: each by itself.

        Args:
            weight: So much that no other job is let in.
        """
        for sheet in self._tight:
            if self._stop.number:
                return
            yield Job(weight, self._render([sheet], is_last_try=True))

    def close(self) -> None:
        """Nothing is left open."""

    def _find_topology(self, sheet: Sheet) -> tuple[TopologyKey, BodyCost]:
        sources = frozenset(int(self._fits.source[fit]) for fit in sheet.fits)
        if sources not in self._topologies:
            key = self._bodies.find_key(np.array([*sources]))
            self._topologies[sources] = key, BodyCost(*self._bodies.measure(key), self._has_rays)
        return self._topologies[sources]

    def _plan_sheets(self) -> Iterator[list[Sheet]]:
        """The sheets of each image that are to be drawn; those that are done or cannot be are noted."""
        for found in self._survey.look(self._stop):
            for fits, record in found.done:
                self._outcomes.keep(fits, record)
            for fits, reason in found.failed:
                self._outcomes.fail(fits, reason)
            self._say_padding(found.sheets)
            yield found.sheets

    def _say_padding(self, sheets: list[Sheet]) -> None:
        """Says once that the format fills up sides, with the sizes of the first sheet that it concerns."""
        for sheet in () if self._has_said_padding else sheets:
            width, height, step = sheet.width, sheet.height // sheet.frames, self._side_step_px
            filled = (-(-width // step) * step, -(-height // step) * step)
            if filled != (width, height):
                self._has_said_padding = True
                log.info(
                    "%s: sides are whole multiples of %d pixels: %d x %d is filled up to %d x %d by "
                    "repeating the last row or column",
                    self._config.output.format,
                    step,
                    width,
                    height,
                    *filled,
                )
                return

    def _render(self, sheets: list[Sheet], is_last_try: bool = False) -> Steps[None]:
        """Makes one batch of sheets; in halves if it does not fit into memory, a single sheet at the end."""
        middle, reason = len(sheets) // 2, None
        try:
            self._check_countable(sheets)
            framing, supersample = self._config.framing(), self._config.supersample
            batch = make_batch(self._fits, sheets, framing, supersample=supersample)
            yield from self._pipeline.make(batch)
        # Of a file that is read when its body is drawn, or of more pixels than kernels count. Both come
        # before any sheet is made.
        except (FitFileError, SheetError) as error:
            reason = str(error)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            # What the tasks held until they failed.
            traceback.clear_frames(error.__traceback__)
        else:
            return
        if reason is None:
            yield from self._render_smaller(sheets, is_last_try)
        elif middle:
            yield from self._render(sheets[:middle])
            yield from self._render(sheets[middle:])
        else:
            self._outcomes.fail(sheets[0].fits, reason)

    def _check_countable(self, sheets: list[Sheet]) -> None:
        """Refuses a sheet that alone is more than kernels can count; batches of several never are."""
        if len(sheets) == 1:
            excess = self._weigh(sheets[0], self._find_topology(sheets[0])[1]).find_excess()
            if excess is not None:
                raise SheetError(f"{excess}; draw fewer panels, frames or people on a sheet")

    def _render_smaller(self, sheets: list[Sheet], is_last_try: bool) -> Steps[None]:
        """What did not fit into memory: in halves, and a single sheet when nothing else is under way."""
        if is_last_try:
            reason = "there is not enough memory to draw it; draw fewer or smaller panels"
            self._outcomes.fail(sheets[0].fits, reason)
            return
        # Torch keeps memory in pieces, whose sizes may be of no use to the next try.
        release_cached(self._bodies.device)
        if len(sheets) == 1:
            # Others were under way and took memory too.
            self._tight.append(sheets[0])
            return
        # The next batches are no larger than what is tried now.
        taken = sum(self._weigh(sheet, self._find_topology(sheet)[1]).bytes for sheet in sheets)
        self._limit.most_bytes = min(self._limit.most_bytes, taken // 2)
        log.warning("a batch of %d sheets did not fit into memory: going on with smaller ones", len(sheets))
        middle = len(sheets) // 2
        yield from self._render(sheets[:middle])
        yield from self._render(sheets[middle:])
