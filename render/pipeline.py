"""The run: the one module that knows every stage."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from render.body.charts import read_charts
from render.body.smpl import SmplBody
from render.config import ClipOutput, Config, parse_samples, parse_size
from render.dataset import DEMO_BODY, check_folders, find_file, open_dataset
from render.device import describe_device, open_device
from render.draw import BatchRenderer, Style, Undrawable
from render.errors import ConfigError, PhotoError, SheetError
from render.fits import read_fits
from render.fits.coco import CocoPerson, read_coco
from render.marking import Annotations
from render.photo import photo_path, read_photo, read_photo_size
from render.plan import gather_batches, group_people, lay_out_sheet, needs_photo_size
from render.report import FAILURES_FILE, Report
from render.shade import load_mode
from render.types import FitTable, RowProblem, Sheet
from render.write.atomic import check_output_dir
from render.write.names import sheet_name
from render.write.sheet import SheetWriter

log = logging.getLogger("render")

Photo = Future[np.ndarray]
Write = tuple[Sheet, Future[None]]
Loading = tuple[list[Sheet], dict[Path, Photo]]

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
    check_output_dir(output_dir)
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
    report = Report(output_dir)
    started = time.monotonic()
    with ThreadPoolExecutor(threads) as pool, logging_redirect_tqdm():
        style = Style(config.opacity, config.supersample)
        annotations = Annotations(tuple(config.draw), _read_coco(config, fits))
        renderer = BatchRenderer(body, partial(_run_all, pool), threads, style, charts, annotations)
        run = _Run(config, fits, dataset.image_dir, renderer, pool, report)
        try:
            for problem in skipped:
                run.note(report.skipped, "skipped", problem)
            run.render_all()
        finally:
            # Whatever ends the run, what it found so far is not lost.
            report.seconds = time.monotonic() - started
            report.write_failures()
    return report


class _Run:
    """One pass over the fits: decoding a batch ahead of drawing, encoding a batch behind it."""

    def __init__(
        self,
        config: Config,
        fits: FitTable,
        image_dir: Path,
        renderer: BatchRenderer,
        pool: ThreadPoolExecutor,
        report: Report,
    ) -> None:
        self._panels = config.panel_specs()
        self._layout = {
            "columns": config.columns,
            "free_hw": parse_size(config.size),
            "frames": config.frames,
            "samples": config.supersample**2,
        }
        self._batch = config.batch
        self._fits = fits
        self._groups = group_people(fits, config.people)
        self._image_dir = image_dir
        self._renderer = renderer
        self._pool = pool
        self._report = report
        self._writer = SheetWriter(
            Path(config.output.dir),
            config.output.format,
            isinstance(config.output, ClipOutput),
            config.output.options(),
        )
        # A log file wants fewer lines than a terminal.
        self._bar = tqdm(
            total=len(self._groups), unit="picture", mininterval=0.1 if sys.stderr.isatty() else 30
        )

    def render_all(self) -> None:
        batches = gather_batches(self._plan_sheets(), self._batch, self._layout["samples"])
        writes: list[Write] = []
        with self._bar:
            for sheets, photos in _look_ahead((sheets, self._start_decoding(sheets)) for sheets in batches):
                readable, pixels = self._await_photos(sheets, photos)
                drawn = self._renderer.draw(self._fits, readable, pixels) if readable else []
                self._await_writes(writes)
                writes = self._start_writing(readable, drawn)
            self._await_writes(writes)

    def note(self, problems: list[RowProblem], outcome: str, problem: RowProblem) -> None:
        """Records a row without a picture, and says so as long as there are few."""
        problems.append(problem)
        if len(problems) <= MOST_LOGGED:
            log.warning("%s row %d (%s): %s", outcome, problem.row, problem.image_name, problem.reason)
        if len(problems) == MOST_LOGGED:
            log.warning("rows %s from here on are listed in %s only", outcome, FAILURES_FILE)

    def _plan_sheets(self) -> Iterator[Sheet]:
        for fits in self._groups:
            image_name = self._fits.image_name[fits[0]]
            name = sheet_name(image_name, int(self._fits.row[fits[0]]))
            photo, photo_hw = None, (0, 0)
            try:
                if needs_photo_size(self._panels, self._layout["free_hw"]):
                    photo = photo_path(self._image_dir, image_name)
                    photo_hw = read_photo_size(photo)
                yield lay_out_sheet(name, photo, photo_hw, self._panels, fits, **self._layout)
            except PhotoError as error:
                self._fail(fits, str(error))

    def _start_decoding(self, sheets: list[Sheet]) -> dict[Path, Photo]:
        """Each photo of the batch once; none if no panel shows it."""
        if all(spec.background != "photo" for spec in self._panels):
            return {}
        return {
            photo: self._pool.submit(read_photo, photo) for photo in {sheet.photo: None for sheet in sheets}
        }

    def _await_photos(
        self, sheets: list[Sheet], photos: dict[Path, Photo]
    ) -> tuple[list[Sheet], list[np.ndarray | None]]:
        """The sheets whose photos could be decoded, and their pixels."""
        readable, pixels = [], []
        for sheet in sheets:
            try:
                pixels.append(_check_size(sheet, photos[sheet.photo].result()) if photos else None)
                readable.append(sheet)
            except PhotoError as error:
                self._fail(sheet.fits, str(error))
        return readable, pixels

    def _start_writing(self, sheets: list[Sheet], drawn: list[np.ndarray | Undrawable]) -> list[Write]:
        writes = []
        for sheet, pixels in zip(sheets, drawn, strict=True):
            if isinstance(pixels, Undrawable):
                rows = ", ".join(map(str, pixels.rows))
                self._fail(
                    sheet.fits,
                    f"row {rows}: the body reaches too far from the photo to be drawn; check its camera and "
                    f"box, or draw with a lower supersample or magnification",
                )
            else:
                writes.append((sheet, self._pool.submit(self._writer.write, sheet, pixels)))
        return writes

    def _await_writes(self, writes: list[Write]) -> None:
        for sheet, write in writes:
            try:
                write.result()
            except SheetError as error:
                self._fail(sheet.fits, f"{sheet.name}: {error}")
                continue
            self._report.rendered += 1
            self._bar.update()

    def _fail(self, fits: tuple[int, ...], reason: str) -> None:
        """Records all people of a sheet that is not made."""
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


def _look_ahead(items: Iterable[Loading]) -> Iterator[Loading]:
    """The items in order, each handed out once the next has been started."""
    before = None
    for item in items:
        if before is not None:
            yield before
        before = item
    if before is not None:
        yield before


def _run_all(pool: ThreadPoolExecutor, jobs: Iterable[Callable[[], None]]) -> None:
    for future in [pool.submit(job) for job in jobs]:
        future.result()
