"""The run: the one module that knows every stage."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

import numpy as np
from tqdm.contrib.logging import logging_redirect_tqdm

from render.body.charts import read_charts
from render.body.smpl import SmplBody
from render.config import Config, parse_samples, parse_size
from render.dataset import DEMO_BODY, check_folders, find_file, open_dataset
from render.device import describe_device, one_thread_each, open_device
from render.draw import BatchRenderer, Style
from render.engine import Engine
from render.errors import ConfigError
from render.fits import read_fits
from render.fits.coco import CocoPerson, read_coco
from render.marking import Annotations
from render.memory import plan_memory
from render.plan import needs_photo_size
from render.report import Report
from render.run import Run
from render.shade import load_mode
from render.types import FitTable, RowProblem
from render.write.atomic import OutputDir

log = logging.getLogger("render")


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
        run = Run(config, fits, dataset.image_dir, renderer, report, memory)
        try:
            for problem in skipped:
                run.note(report.skipped, "skipped", problem)
            engine.run(run.list_jobs())
            engine.run(run.list_last_jobs(memory.capacity_bytes))
        finally:
            # Whatever ends the run, what it found so far is not lost.
            run.close()
            report.seconds = time.monotonic() - started
            report.stage_seconds = engine.seconds
            # They come in the order in which threads find them.
            report.failed = sorted(report.failed, key=lambda problem: problem.row)
            report.write_failures()
    return report


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
