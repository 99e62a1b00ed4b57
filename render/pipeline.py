"""The run: the one module that knows every stage."""

from __future__ import annotations

import logging
import os
import sys
import time
from pathlib import Path

from tqdm.contrib.logging import logging_redirect_tqdm

from render.body.charts import read_charts
from render.body.smpl import SmplBody
from render.config import Config, parse_size
from render.dataset import check_folders, find_body_mismatch, find_file, open_dataset, select_samples
from render.decode import quiet_opencv
from render.device import describe_device, one_thread_each, open_device
from render.draw import BatchRenderer, Style
from render.engine import Engine
from render.errors import OutputError
from render.fits import read_fits
from render.fits.coco import CocoPerson, read_coco
from render.marking import Annotations
from render.memory import plan_memory
from render.plan import needs_photo_size
from render.rasterize.choose import choose_rasterizer
from render.record.fingerprint import Fingerprint
from render.record.ledger import Ledger
from render.report import Report
from render.run import Run
from render.shade import load_mode
from render.shard import parse_shard, take_shard
from render.stop import StopSignal
from render.survey import Survey
from render.types import FitTable
from render.write.atomic import OutputDir

log = logging.getLogger("render")


def render_dataset(config: Config) -> Report:
    """Renders what `config` asks for and is not there yet, and returns what became of it.

    A photo that cannot be read costs its own sheets and no others. Raises RenderError where nothing can be
    done. While it runs in the main thread, SIGINT and SIGTERM end it in good order (see `StopSignal`).
    """
    output_dir = Path(config.output.dir)
    dataset = open_dataset(config.dataset)
    specs, free_hw = config.panel_specs(), parse_size(config.size)
    check_folders(output_dir, dataset.image_dir, needs_photo_size(specs, free_hw))
    shard = parse_shard(config.shard)
    device = open_device(config.device)
    threads = config.threads or os.cpu_count() or 1
    rasterizer = choose_rasterizer(config.rasterizer, device)
    output = OutputDir(output_dir, shard.tag)
    log.info("device: %s, %d threads, rasterizer %s", describe_device(device), threads, rasterizer.name)
    fits, skipped = select_samples(*read_fits(dataset.format, dataset.fit_file), config.samples)
    fits, skipped = take_shard(fits, skipped, shard)
    log.info("fits: %d people from %s", len(fits), dataset.fit_file)
    body_file = find_file(config.body.path)
    body = SmplBody(body_file, config.body.name, device)
    log.info("body: %s (%s)", body.name, config.body.path)
    mismatch = find_body_mismatch(config.body, config.dataset)
    if mismatch is not None:
        log.warning("%s", mismatch)
    charts = charts_file = None
    if any(load_mode(spec.mode).needs_charts for spec in specs):
        charts_file = find_file(config.body.charts)
        charts = read_charts(charts_file, body.faces, len(body.v_template))
        log.info("charts: %s", config.body.charts)
    coco = _read_coco(config, fits)
    fingerprint = Fingerprint(config, rasterizer.name, body_file, charts_file, coco)
    renderer = BatchRenderer(
        body,
        Style(config.opacity, config.supersample),
        charts,
        Annotations(tuple(config.draw), coco),
        rasterizer.make,
    )
    report = Report(output, shard.tag)
    memory = plan_memory(device, threads)
    engine = Engine(threads, memory.capacity_bytes)
    started = time.monotonic()
    with (
        Ledger(output, shard.tag) as ledger,
        logging_redirect_tqdm(),
        one_thread_each(),
        quiet_opencv(),
        StopSignal() as stop,
    ):
        survey = Survey(config, fits, dataset.image_dir, ledger, fingerprint)
        run = Run(config, fits, survey, renderer, report, memory, ledger, fingerprint, stop)
        try:
            run.skip(skipped)
            engine.run(run.list_jobs())
            engine.run(run.list_last_jobs(memory.capacity_bytes))
        finally:
            # Whatever ends the run, what it found so far is not lost.
            run.close()
            report.seconds = time.monotonic() - started
            report.stage_seconds = engine.seconds
            report.stopped_by = stop.number
            # A signal may have come when there was nothing left to do.
            report.is_finished = sys.exception() is None and (run.is_complete or not stop.number)
            takes_shards = not shard.tag and config.samples == "all"
            _write_results(report, ledger, takes_shards)
    return report


def _write_results(report: Report, ledger: Ledger, takes_shards: bool) -> None:
    """Failures and manifest; what ends the run goes before what hinders these."""
    is_ending = sys.exception() is not None
    try:
        report.write_failures()
        report.others = ledger.close(report.is_finished, takes_shards)
    except OutputError as error:
        if not is_ending:
            raise
        log.warning("%s What is done is in the journal beside the sheets.", error)


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
