"""One pass over the fits: planned in batches, made side by side, and what became of each sheet."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from render.config import ClipOutput, Config, JpgOutput, parse_size
from render.device_codec import open_device_codec
from render.draw import BatchRenderer, Undrawable
from render.engine import Job, Steps
from render.errors import PhotoError, SheetError
from render.framing import make_batch
from render.make import DeviceMaker, HostMaker, Outcome
from render.memory import MemoryPlan, is_out_of_memory, release_cached
from render.photo import PhotoDir, read_photo_size
from render.plan import (
    BatchLimit,
    gather_batches,
    group_people,
    lay_out_sheet,
    needs_photo_size,
    weigh_sheet,
)
from render.report import FAILURES_FILE, Report
from render.types import FitTable, RowProblem, Sheet
from render.write.names import sheet_name
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
        image_dir: Path,
        renderer: BatchRenderer,
        report: Report,
        memory: MemoryPlan,
    ) -> None:
        self._panels = config.panel_specs()
        self._layout = {
            "columns": config.columns,
            "free_hw": parse_size(config.size),
            "frames": config.frames,
            "samples": config.supersample**2,
        }
        self._limit = BatchLimit(config.batch, memory.batch_bytes)
        self._fits = fits
        self._images = group_people(fits, config.people)
        self._photo_dir = PhotoDir(image_dir)
        self._renderer = renderer
        self._report = report
        self._maker = self._choose_maker(config)
        self._tight: list[Sheet] = []
        # What is noted comes from several threads.
        self._lock = threading.Lock()
        # A log file wants fewer lines than a terminal.
        self._bar = tqdm(
            total=sum(map(len, self._images)),
            unit="picture",
            mininterval=0.1 if sys.stderr.isatty() else 30,
        )

    def list_jobs(self) -> Iterator[Job]:
        """Batches are planned as the engine asks for them."""
        for sheets, load in gather_batches(self._plan_sheets(), self._limit):
            yield Job(load.bytes, self._render(sheets))

    def list_last_jobs(self, weight: int) -> Iterator[Job]:
        """Sheets that did not fit into memory beside others, for when those are done: each by itself.

        weight: so much that no other job is let in.
        """
        for sheet in self._tight:
            yield Job(weight, self._render([sheet], is_last_try=True))

    def _choose_maker(self, config: Config) -> HostMaker | DeviceMaker:
        """On a GPU all the way where it can encode what is asked for."""
        output = config.output
        is_clip = isinstance(output, ClipOutput)
        writer = SheetWriter(self._report.output, output.format, is_clip, output.options())
        shows_photo = any(spec.background == "photo" for spec in self._panels)
        crops_photo = any(
            spec.background == "photo" and spec.viewpoint.name == "crop" for spec in self._panels
        )
        if isinstance(output, JpgOutput) and not crops_photo and not config.draw:
            codec = open_device_codec(self._renderer.device)
            if codec is not None:
                return DeviceMaker(self._renderer, codec, writer, shows_photo, output.quality, self._finish)
        return HostMaker(self._renderer, writer, shows_photo, self._finish)

    def close(self) -> None:
        self._bar.close()

    def note(self, problems: list[RowProblem], outcome: str, problem: RowProblem) -> None:
        """Records a row without a picture, and says so as long as there are few."""
        problems.append(problem)
        if len(problems) <= MOST_LOGGED:
            log.warning("%s row %d (%s): %s", outcome, problem.row, problem.image_name, problem.reason)
        if len(problems) == MOST_LOGGED:
            log.warning("rows %s from here on are listed in %s only", outcome, FAILURES_FILE)

    def _plan_sheets(self) -> Iterator[list[Sheet]]:
        """The sheets of each image; those that cannot be laid out fail here."""
        for groups in self._images:
            image_name = self._fits.image_name[groups[0][0]]
            photo, photo_hw = None, (0, 0)
            try:
                if needs_photo_size(self._panels, self._layout["free_hw"]):
                    photo = self._photo_dir.find(image_name)
                    photo_hw = read_photo_size(photo)
            except PhotoError as error:
                for fits in groups:
                    self._fail(fits, str(error))
                continue
            sheets = []
            for fits in groups:
                name = sheet_name(image_name, int(self._fits.row[fits[0]]))
                try:
                    sheets.append(lay_out_sheet(name, photo, photo_hw, self._panels, fits, **self._layout))
                except PhotoError as error:
                    self._fail(fits, str(error))
            yield sheets

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

    def _finish(self, sheet: Sheet, outcome: Outcome) -> None:
        """Counts a sheet that is made, or records why there is none."""
        if outcome is None:
            with self._lock:
                self._report.rendered += 1
                self._bar.update()
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

    def _fail(self, fits: tuple[int, ...], reason: str) -> None:
        """Records all people of a sheet that is not made."""
        with self._lock:
            for fit in fits:
                row, image_name = int(self._fits.row[fit]), str(self._fits.image_name[fit])
                self.note(self._report.failed, "failed", RowProblem(row, image_name, reason))
            self._bar.update()
