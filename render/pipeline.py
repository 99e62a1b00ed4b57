"""The run: the one module that knows every stage."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from render.body.charts import read_charts
from render.body.smpl import SmplBody
from render.compose import count_channels, cut_sheets, paint_backgrounds, sheet_starts
from render.config import ClipOutput, Config, parse_samples, parse_size
from render.dataset import DEMO_BODY, check_folders, find_file, open_dataset
from render.device import PixelPool, describe_device, one_thread_each, open_device
from render.draw import BatchRenderer, Style, Undrawable
from render.engine import Engine, Job, Step, Steps
from render.errors import ConfigError, PhotoError, SheetError
from render.fits import read_fits
from render.fits.coco import CocoPerson, read_coco
from render.framing import Batch, make_batch
from render.marking import Annotations
from render.memory import MemoryPlan, is_out_of_memory, plan_memory, release_cached
from render.photo import PhotoDir, read_photo, read_photo_size
from render.plan import (
    BatchLimit,
    gather_batches,
    group_people,
    lay_out_sheet,
    needs_photo_size,
    weigh_sheet,
)
from render.report import FAILURES_FILE, Report
from render.shade import load_mode
from render.types import FitTable, RowProblem, Sheet
from render.write.atomic import OutputDir
from render.write.names import sheet_name
from render.write.sheet import SheetWriter

log = logging.getLogger("render")

# The rest is in failures.csv.
MOST_LOGGED = 20


def render_dataset(config: Config) -> Report:
    """Renders what `config` asks for and returns what became of it.

    A photo that cannot be read costs its own sheets and no others. Raises RenderError where nothing can be
    done.
    """
    output_dir = Path(config.output.dir)
    dataset = open_dataset(config.dataset)
    specs, free_hw = config.panel_specs(), parse_size(config.size)
    check_folders(output_dir, dataset.image_dir, needs_photo_size(specs, free_hw))
    output = OutputDir(output_dir)
    device = open_device(config.device)
    threads = config.threads or os.cpu_count() or 1
    log.info("device: %s, %d threads", describe_device(device), threads)
    fits, skipped = _select(*read_fits(dataset.format, dataset.fit_file), config.samples)
    log.info("fits: %d people from %s", len(fits), dataset.fit_file)
    body = SmplBody(find_file(config.body.path), config.body.name, device)
    log.info("body: %s (%s)", body.name, config.body.path)
    if (body.name == DEMO_BODY) != dataset.is_demo:
        log.warning(
            "the body %r was not the one that %r was fitted with: its betas mean other shapes, so "
            "bodies will not fit their photos; use body=smpl with real fits and body=demo with the demo set",
            body.name,
            config.dataset.name,
        )
    charts = None
    if any(load_mode(spec.mode).needs_charts for spec in specs):
        charts = read_charts(find_file(config.body.charts), body.faces, len(body.v_template))
        log.info("charts: %s", config.body.charts)
    report = Report(output)
    memory = plan_memory(device, threads)
    engine = Engine(threads, memory.capacity_bytes)
    started = time.monotonic()
    with logging_redirect_tqdm(), one_thread_each():
        style = Style(config.opacity, config.supersample)
        annotations = Annotations(tuple(config.draw), _read_coco(config, fits))
        renderer = BatchRenderer(body, style, charts, annotations)
        run = _Run(config, fits, dataset.image_dir, renderer, report, memory)
        try:
            for problem in skipped:
                run.note(report.skipped, "skipped", problem)
            engine.run(run.list_jobs())
        finally:
            # Whatever ends the run, what it found so far is not lost.
            run.close()
            report.seconds = time.monotonic() - started
            report.stage_seconds = engine.seconds
            report.write_failures()
    return report


class _Run:
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
        self._pool = PixelPool(renderer.device)
        self._report = report
        self._writer = SheetWriter(
            report.output,
            config.output.format,
            isinstance(config.output, ClipOutput),
            config.output.options(),
        )
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
        for sheets in gather_batches(self._plan_sheets(), self._limit):
            yield Job(sum(map(weigh_sheet, sheets)), self._render(sheets))

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

    def _render(self, sheets: list[Sheet]) -> Steps[None]:
        """Makes one batch of sheets; in halves if it does not fit into memory."""
        try:
            yield from self._render_batch(sheets)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
        else:
            return
        release_cached(self._renderer.device)
        if len(sheets) == 1:
            self._fail(sheets[0].fits, "there is not enough memory to draw it; draw fewer or smaller panels")
            return
        # The next batches are no larger than what is tried now.
        self._limit.most_bytes = min(self._limit.most_bytes, sum(map(weigh_sheet, sheets)) // 2)
        log.warning("a batch of %d pictures did not fit into memory: going on with smaller ones", len(sheets))
        middle = len(sheets) // 2
        yield from self._render(sheets[:middle])
        yield from self._render(sheets[middle:])

    def _render_batch(self, sheets: list[Sheet]) -> Steps[None]:
        batch, channels = make_batch(self._fits, sheets), count_channels(sheets)
        photos: dict[Path | None, list[int]] = {}
        for i, sheet in enumerate(sheets):
            photos.setdefault(sheet.photo, []).append(i)
        with self._pool.lend(sheet_starts(sheets, channels)[-1]) as pixels:
            views = cut_sheets(pixels.numpy(), sheets, channels)
            outcomes = yield Step(
                "decode", [partial(self._paint, batch, photo, i, views) for photo, i in photos.items()]
            )
            failed = {
                i: error
                for error, of_photo in zip(outcomes, photos.values(), strict=True)
                if error is not None
                for i in of_photo
            }
            drawn = yield from self._renderer.draw(batch, pixels)
            results = [failed.get(i, drawn[i]) for i in range(len(sheets))]
            yield Step("encode", [partial(self._finish, *pair) for pair in zip(sheets, results, strict=True)])

    def _paint(
        self, batch: Batch, path: Path | None, of_photo: list[int], views: list[np.ndarray]
    ) -> PhotoError | None:
        """Lays the backgrounds of all sheets of a photo, which is decoded once, and not if none shows it."""
        sheets = [batch.sheets[i] for i in of_photo]
        photo = None
        try:
            if any(spec.background == "photo" for spec in self._panels):
                photo = _check_size(sheets[0], read_photo(path))
        except PhotoError as error:
            return error
        corners, sides = batch.crops
        for i, sheet in zip(of_photo, sheets, strict=True):
            paint_backgrounds(views[i], sheet, photo, (corners[i], float(sides[i])))
        return None

    def _finish(self, sheet: Sheet, result: np.ndarray | Undrawable | PhotoError) -> None:
        """Writes a sheet, or records why there is none."""
        if isinstance(result, PhotoError):
            self._fail(sheet.fits, str(result))
        elif isinstance(result, Undrawable):
            rows = ", ".join(map(str, result.rows))
            self._fail(
                sheet.fits,
                f"row {rows}: the body reaches too far from the photo to be drawn; check its camera and "
                f"box, or draw with a lower supersample or magnification",
            )
        else:
            try:
                self._writer.write(sheet, result)
            except SheetError as error:
                self._fail(sheet.fits, f"{sheet.name}: {error}")
                return
            with self._lock:
                self._report.rendered += 1
                self._bar.update()

    def _fail(self, fits: tuple[int, ...], reason: str) -> None:
        """Records all people of a sheet that is not made."""
        with self._lock:
            for fit in fits:
                row, image_name = int(self._fits.row[fit]), str(self._fits.image_name[fit])
                self.note(self._report.failed, "failed", RowProblem(row, image_name, reason))
            self._bar.update()


def _check_size(sheet: Sheet, photo: np.ndarray) -> np.ndarray:
    if photo.shape[:2] != sheet.photo_hw:
        raise PhotoError(f"{sheet.photo}: the file changed during the run; run again")
    return photo


def _select(fits: FitTable, problems: list[RowProblem], samples: str) -> tuple[FitTable, list[RowProblem]]:
    """What of a fit file `samples` asks for; it counts entries of the file, valid or not."""
    entries = len(fits) + len(problems)
    wanted = range(entries)[parse_samples(samples)]
    if not wanted:
        raise ConfigError(f"samples: {samples!r} selects none of the {entries} entries of the fit file")
    chosen = fits.take(np.isin(fits.row, np.array(wanted)))
    return chosen, [problem for problem in problems if problem.row in wanted]


def _read_coco(config: Config, fits: FitTable) -> dict[int, CocoPerson]:
    """COCO's annotations of the people, if they are to be drawn; who has none is said once."""
    if "coco" not in config.draw:
        return {}
    # 0 and -1 stand for no annotation.
    wanted = {int(annot_id) for annot_id in fits.annot_id if annot_id > 0}
    people, missing = read_coco(Path(config.dataset.coco_file), wanted)
    if missing:
        first = min(missing)
        log.warning(
            "%d of %d people have no COCO annotation to draw, the first is %d: %s",
            len(missing),
            len(wanted),
            first,
            missing[first],
        )
    return people
