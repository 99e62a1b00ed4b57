"""One pass over the fits: sheets are gathered in batches, and each batch is a job for the executor."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator

from render.body.fit_bodies import FitBodies, TopologyKey
from render.compute.memory import MemoryPlan, is_out_of_memory, release_cached
from render.compute.steps import Steps
from render.config.schema import Config
from render.errors import FitFileError
from render.library.renderer import BatchRenderer
from render.photos.behind_sheets import PhotoReader
from render.run.batches import BatchLimit, BodyCost, gather_batches, weigh_sheet
from render.run.executor import Job
from render.run.meshes.pipeline import MeshPipeline
from render.run.outcomes import Outcomes
from render.run.pipelines import DevicePipeline, HostPipeline
from render.run.stop import StopSignal
from render.run.survey import Survey
from render.sheet.framing import make_batch
from render.sheet.layout import shows_photo
from render.sheet.view import VIEWS
from render.types.fits import Fits
from render.types.sheets import Sheet
from render.write.device_encoder import open_device_encoder
from render.write.format import FORMATS
from render.write.products import ProductWriter
from render.write.writer import SheetWriter

log = logging.getLogger("render")


class Schedule:
    """The jobs of a run: batches of sheets, each decoded, drawn and encoded.

    Args:
        config: The settings.
        fits: The people of the run.
        survey: What there is to draw.
        renderer: What draws it.
        bodies: Of the fits, as the renderer has them.
        products: What writes the sheets.
        outcomes: Is told what becomes of each sheet.
        memory: How much may be under way.
        stop: Once it is given, no more jobs are made.
    """

    def __init__(
        self,
        config: Config,
        fits: Fits,
        survey: Survey,
        renderer: BatchRenderer,
        bodies: FitBodies,
        products: ProductWriter,
        outcomes: Outcomes,
        memory: MemoryPlan,
        stop: StopSignal,
    ) -> None:
        self._config = config
        self._fits = fits
        self._survey = survey
        self._renderer = renderer
        self._bodies = bodies
        self._outcomes = outcomes
        self._stop = stop
        self._limit = BatchLimit(config.batch, memory.batch_bytes)
        self._pipeline = self._choose_pipeline(products)
        self._side_step_px = FORMATS.load(config.output.format).side_step_px
        self._has_said_padding = False
        self._tight: list[Sheet] = []

    def list_jobs(self) -> Iterator[Job]:
        """Batches are planned as the executor asks for them; no more of them once the run is to stop."""
        for sheets, load in gather_batches(self._plan_sheets(), self._limit, self._find_topology):
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
        key = self._bodies.find_key(self._fits.source[list(sheet.fits)])
        return key, BodyCost(*self._bodies.measure(key))

    def _choose_pipeline(self, products: ProductWriter) -> HostPipeline | DevicePipeline | MeshPipeline:
        """Nothing is drawn of meshes; encoding on a GPU where it can encode what is asked for."""
        config, specs, finish = self._config, self._config.panel_specs(), self._outcomes.finish
        if config.job.product == "meshes":
            return MeshPipeline(config, self._renderer, self._bodies, products, finish)
        writer = SheetWriter(products, config.output.format, config.output.options())
        takes_damaged = config.damaged_photos == "draw"
        reader = PhotoReader(shows_photo(specs), takes_damaged, self._survey.photo_dir)
        # Crops are scaled on the CPU, and annotations are painted there.
        crops_photo = any(
            spec.background == "photo" and VIEWS.load(spec.viewpoint.name).is_crop for spec in specs
        )
        codec = FORMATS.load(config.output.format).gpu_codec
        if codec is not None and not crops_photo and not config.annotate:
            encoder = open_device_encoder(self._renderer.device)
            if encoder is not None:
                options = config.output.options()
                return DevicePipeline(self._renderer, encoder, codec, options, reader, writer, finish)
        return HostPipeline(self._renderer, reader, writer, finish)

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
            yield from self._pipeline.make(make_batch(self._fits, sheets, self._config.framing()))
        # Of a file that is read when its body is drawn, which comes before any sheet is made.
        except FitFileError as error:
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

    def _render_smaller(self, sheets: list[Sheet], is_last_try: bool) -> Steps[None]:
        """What did not fit into memory: in halves, and a single sheet when nothing else is under way."""
        if is_last_try:
            reason = "there is not enough memory to draw it; draw fewer or smaller panels"
            self._outcomes.fail(sheets[0].fits, reason)
            return
        # Torch keeps memory in pieces, whose sizes may be of no use to the next try.
        release_cached(self._renderer.device)
        if len(sheets) == 1:
            # Others were under way and took memory too.
            self._tight.append(sheets[0])
            return
        # The next batches are no larger than what is tried now.
        taken = sum(weigh_sheet(sheet, self._find_topology(sheet)[1]).bytes for sheet in sheets)
        self._limit.most_bytes = min(self._limit.most_bytes, taken // 2)
        log.warning("a batch of %d sheets did not fit into memory: going on with smaller ones", len(sheets))
        middle = len(sheets) // 2
        yield from self._render(sheets[:middle])
        yield from self._render(sheets[middle:])
