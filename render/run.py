"""One pass over the fits: planned in batches, made side by side, and what became of each sheet."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Iterator

from tqdm import tqdm

from render.config import ClipOutput, Config, JpgOutput
from render.device_encoder import open_device_encoder
from render.digest import FileId
from render.draw import BatchRenderer, Undrawable
from render.engine import Job, Steps
from render.errors import RenderError, SheetError
from render.framing import make_batch
from render.make import DeviceMaker, HostMaker, Outcome, PhotoReader, Shown
from render.memory import MemoryPlan, is_out_of_memory, release_cached
from render.plan import BatchLimit, gather_batches, shows_photo, weigh_sheet
from render.record.fingerprint import Fingerprint
from render.record.ledger import Ledger
from render.record.manifest import PhotoId, Record
from render.report import Report
from render.stop import StopSignal
from render.survey import Survey
from render.types import FitTable, RowProblem, Sheet
from render.write.names import sheet_file
from render.write.sheet import SheetWriter

log = logging.getLogger("render")

# The rest is in failures.csv.
MOST_LOGGED = 20


class Run:
    """One pass over the fits: batches of sheets, each a job of decoding, drawing and encoding."""

    def __init__(
        self,
        config: Config,
        fits: FitTable,
        survey: Survey,
        renderer: BatchRenderer,
        report: Report,
        memory: MemoryPlan,
        ledger: Ledger,
        fingerprint: Fingerprint,
        stop: StopSignal,
    ) -> None:
        self._config = config
        self._limit = BatchLimit(config.batch, memory.batch_bytes)
        self._fits = fits
        self._survey = survey
        self._renderer = renderer
        self._report = report
        self._ledger = ledger
        self._fingerprint = fingerprint
        self._stop = stop
        output = config.output
        self._writer = SheetWriter(
            report.output, output.format, isinstance(output, ClipOutput), output.options()
        )
        self._maker = self._choose_maker()
        self._tight: list[Sheet] = []
        self._left = survey.sheets
        # What is noted comes from several threads.
        self._lock = threading.Lock()
        # A log file wants fewer lines than a terminal.
        self._bar = tqdm(
            total=survey.sheets,
            unit="picture",
            mininterval=0.1 if sys.stderr.isatty() else 30,
        )

    def list_jobs(self) -> Iterator[Job]:
        """Batches are planned as the engine asks for them; no more of them once the run is to stop."""
        for sheets, load in gather_batches(self._plan_sheets(), self._limit):
            if self._stop.number:
                return
            yield Job(load.bytes, self._render(sheets))

    def list_last_jobs(self, weight: int) -> Iterator[Job]:
        """Sheets that did not fit into memory beside others, for when those are done: each by itself.

        weight: so much that no other job is let in.
        """
        for sheet in self._tight:
            if self._stop.number:
                return
            yield Job(weight, self._render([sheet], is_last_try=True))

    def _choose_maker(self) -> HostMaker | DeviceMaker:
        """Encoding on a GPU where it can encode what is asked for."""
        output, specs = self._config.output, self._config.panel_specs()
        reader = PhotoReader(shows_photo(specs), self._config.damaged_photos == "draw")
        crops_photo = any(spec.background == "photo" and spec.viewpoint.name == "crop" for spec in specs)
        if isinstance(output, JpgOutput) and not crops_photo and not self._config.draw:
            encoder = open_device_encoder(self._renderer.device)
            if encoder is not None:
                return DeviceMaker(
                    self._renderer, encoder, reader, self._writer, output.quality, self._finish
                )
        return HostMaker(self._renderer, reader, self._writer, self._finish)

    @property
    def is_complete(self) -> bool:
        """Whether it is known of each sheet what became of it."""
        return self._left == 0

    def close(self) -> None:
        self._bar.close()

    def skip(self, problems: list[RowProblem]) -> None:
        """Notes rows that are no fits; ends the run if that is asked for."""
        for problem in problems:
            self._note(self._report.skipped, "skipped", problem)
        if problems and self._config.on_error == "stop":
            raise stop_on_error(problems[0])

    def _note(self, problems: list[RowProblem], outcome: str, problem: RowProblem) -> None:
        """Records what is wrong with a row, and says so as long as there are few."""
        problems.append(problem)
        if len(problems) <= MOST_LOGGED:
            log.warning("%s row %d (%s): %s", outcome, problem.row, problem.image_name, problem.reason)
        if len(problems) == MOST_LOGGED:
            log.warning("rows %s from here on are listed in %s only", outcome, self._report.failures_name)

    def _plan_sheets(self) -> Iterator[list[Sheet]]:
        """The sheets of each image that are to be drawn; those that are done or cannot be are noted."""
        for found in self._survey.look(self._stop):
            for fits, record in found.done:
                self._keep(fits, record)
            for fits, reason in found.failed:
                self._fail(fits, reason)
            yield found.sheets

    def _render(self, sheets: list[Sheet], is_last_try: bool = False) -> Steps[None]:
        """Makes one batch of sheets; in halves if it does not fit into memory, a single sheet at the end."""
        try:
            yield from self._maker.make(make_batch(self._fits, sheets))
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            # What the tasks held until they failed.
            traceback.clear_frames(error.__traceback__)
        else:
            return
        if is_last_try:
            self._fail(sheets[0].fits, "there is not enough memory to draw it; draw fewer or smaller panels")
            return
        release_cached(self._renderer.device)
        if len(sheets) == 1:
            # Others were under way and took their share.
            self._tight.append(sheets[0])
            return
        # The next batches are no larger than what is tried now.
        taken = sum(weigh_sheet(sheet).bytes for sheet in sheets)
        self._limit.most_bytes = min(self._limit.most_bytes, taken // 2)
        log.warning("a batch of %d pictures did not fit into memory: going on with smaller ones", len(sheets))
        middle = len(sheets) // 2
        yield from self._render(sheets[:middle])
        yield from self._render(sheets[middle:])

    def _finish(self, sheet: Sheet, outcome: Outcome, shown: Shown | None) -> None:
        """Notes a sheet that is made, or why there is none."""
        if isinstance(outcome, FileId):
            record = self._describe(sheet, outcome, shown)
            self._ledger.add(record)
            with self._lock:
                self._report.rendered += 1
                self._note_damage(sheet.fits, record)
                self._settle()
        elif isinstance(outcome, Undrawable):
            rows = ", ".join(map(str, outcome.rows))
            self._fail(
                sheet.fits,
                f"row {rows}: the body reaches too far from the photo to be drawn; check its camera and "
                f"box, or draw with a lower supersample or magnification",
            )
        elif isinstance(outcome, SheetError):
            self._fail(sheet.fits, f"{sheet.name}: {outcome}")
        else:
            self._fail(sheet.fits, str(outcome))

    def _describe(self, sheet: Sheet, file: FileId, shown: Shown | None) -> Record:
        photo = damage = None
        # A sheet that shows no photo takes no more than its size from it.
        photo_size = sheet.photo_hw if shown is None and sheet.photo is not None else None
        if shown is not None:
            image_name = self._fits.image_name[sheet.fits[0]]
            photo = PhotoId(image_name, shown.file.bytes, shown.file.sha256, shown.modified_ns)
            damage = shown.damage
        return Record(
            sheet=sheet_file(sheet.name, self._config.output.format),
            rows=tuple(int(self._fits.row[fit]) for fit in sheet.fits),
            file=file,
            settings=self._fingerprint.settings,
            people=self._fingerprint.hash_people(self._fits, sheet.fits, photo_size),
            photo=photo,
            damage=damage,
        )

    def _keep(self, fits: tuple[int, ...], record: Record) -> None:
        """Counts a sheet in that is done already."""
        self._ledger.keep(record)
        with self._lock:
            self._report.kept += 1
            self._note_damage(fits, record)
            self._settle()

    def _settle(self) -> None:
        self._left -= 1
        self._bar.update()

    def _note_damage(self, fits: tuple[int, ...], record: Record) -> None:
        if record.damage is not None:
            for fit in fits:
                self._note(self._report.damaged, "damaged", self._problem(fit, record.damage))

    def _fail(self, fits: tuple[int, ...], reason: str) -> None:
        """Records all people of a sheet that is not made; ends the run if that is asked for."""
        with self._lock:
            for fit in fits:
                self._note(self._report.failed, "failed", self._problem(fit, reason))
            self._settle()
        if self._config.on_error == "stop":
            raise stop_on_error(self._problem(fits[0], reason))

    def _problem(self, fit: int, reason: str) -> RowProblem:
        return RowProblem(int(self._fits.row[fit]), str(self._fits.image_name[fit]), reason)


def stop_on_error(problem: RowProblem) -> RenderError:
    """What ends a run that is to stop at the first fault."""
    reason = problem.reason.removesuffix(".")
    return RenderError(
        f"row {problem.row} ({problem.image_name}): {reason}. The run stops here, as on_error=stop "
        f"asks; the same command goes on from here, on_error=skip goes on without it."
    )
