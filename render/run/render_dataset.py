"""The run: its inputs are opened, sheets are drawn side by side, what became of them is written."""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path

from tqdm.contrib.logging import logging_redirect_tqdm

from render.compute.memory import plan_memory
from render.compute.threads import one_thread_each
from render.config.schema import Config
from render.errors import OutputError
from render.files.output_dir import OutputDir
from render.fits.rows.shards import parse_shard
from render.library.poser import BatchPoser
from render.photos.decode import quiet_opencv
from render.record.fingerprint import Fingerprint
from render.record.ledger import Ledger
from render.record.tars.packer import Packer, open_packer
from render.record.whole.write import write_whole_files
from render.run.clips.group import find_strangers, guess_frames, number_people
from render.run.clips.run import ClipRun, find_clips
from render.run.executor import ThreadExecutor
from render.run.folders import check_folders, check_sets
from render.run.labels.demands import check_demands
from render.run.layouts import needs_photos
from render.run.meshes.clips import MeshClipRun
from render.run.opening.bodies import open_bodies
from render.run.opening.comparison import open_comparison
from render.run.opening.inputs import (
    find_body_mismatch,
    find_still,
    open_coco,
    open_dataset,
    open_fits,
    open_hardware,
)
from render.run.opening.other_bodies import open_other_bodies
from render.run.opening.pipeline import open_pipeline
from render.run.opening.reference import open_reference
from render.run.opening.renderer import RunInputs, open_renderer
from render.run.opening.surfaces import open_surface
from render.run.opening.upright import find_estimate
from render.run.outcomes import Outcomes
from render.run.report import Report
from render.run.schedule import Schedule
from render.run.stop import StopSignal
from render.run.survey import Survey
from render.sanity.speak import speak_first
from render.write.products import ProductWriter

log = logging.getLogger("render")

# Of several fit files, said in one line.
MOST_NAMED = 4


def render_dataset(config: Config) -> Report:
    """Renders what `config` asks for and is not there yet, and returns what became of it.

    A photo that cannot be read costs its own sheets and no others. While it runs in the main thread, SIGINT
    and SIGTERM end it in good order (see `StopSignal`).

    Raises:
        RenderError: Nothing can be done.
    """
    output_dir = Path(config.output.dir)
    dataset = open_dataset(config.dataset)
    needs_some = config.writes_cameras or needs_photos(config)
    check_folders(output_dir, dataset.image_dir, needs_some)
    tag = parse_shard(config.shard).tag
    hardware = open_hardware(config)
    # Before the fits and the body, which take longer: a folder that cannot be written is said at once.
    output = OutputDir(output_dir, tag)
    log.info("device: %s", hardware.describe())
    selection = open_fits(config, dataset)
    fits = number_people(selection.fits) if config.motion == "sequence" else selection.fits
    log.info("fits: %d people from %s", len(fits), ", ".join(map(str, dataset.fit_files[:MOST_NAMED])))
    opened = open_bodies(config.body, fits, hardware.device)
    log.info("body: %s", ", ".join(opened.names) or "meshes as they are")
    mismatch = find_body_mismatch(config.body, config.dataset)
    # Meshes bring their own shapes.
    if mismatch is not None and opened.poses_chosen:
        log.warning("%s", mismatch)
    estimate = find_estimate(config, fits)
    if estimate is not None:
        log.info("%s", estimate)
    strangers = find_strangers(selection.fits, config.people) if config.motion == "sequence" else None
    for warning in (find_still(config), strangers):
        if warning is not None:
            log.warning("%s", warning)
    others = open_other_bodies(config, fits, opened.origins, hardware.device)
    surface = open_surface(config, opened.bodies, opened.origins, fits)
    coco = open_coco(config, fits)
    # Of all shards, so that they agree.
    photo_dir = dataset.open_photos(selection.selected)
    reference = open_reference(config, dataset, selection.valid, fits, opened.bodies)
    comparison = open_comparison(config, dataset, fits, opened.bodies, reference)
    fingerprint = Fingerprint(
        config,
        hardware.rasterizer.name,
        opened.origins,
        surface.charts_file,
        coco,
        photo_dir.ignores_exif,
        surface=surface.named,
        reference=reference,
        tried=others.files,
        compared=None if comparison is None else comparison.shaping,
    )
    bodies = surface.paint(opened.bodies)
    errors = reference if comparison is None else None
    inputs = RunInputs(config, hardware, bodies, surface, coco, photo_dir, errors, others, comparison)
    if config.job.product == "labels":
        check_demands(config.layer_specs(), fits)
    report = Report(output, tag)
    memory = plan_memory(hardware.device, hardware.threads)
    executor = ThreadExecutor(hardware.threads, memory.capacity_bytes)
    started = time.monotonic()
    # The ledger last of all to end: it locks the folder until everything is written.
    with (
        Ledger(output, tag) as ledger,
        logging_redirect_tqdm(),
        one_thread_each(),
        quiet_opencv(),
        StopSignal() as stop,
    ):
        check_sets(ledger.list_earlier(), config)
        work: Schedule | ClipRun | MeshClipRun
        packer: Packer | None = None
        if config.motion == "sequence":
            clips = find_clips(selection.selected, fits, config.people)
            frames = sum(guess_frames(fits, clip) for clip in clips)
            outcomes = Outcomes(config, fits, len(clips), report, ledger, fingerprint, frames)
            if config.job.product == "meshes":
                work = MeshClipRun(
                    config,
                    fits,
                    clips,
                    photo_dir,
                    BatchPoser(bodies, None, hardware.rasterizer.make),
                    ProductWriter(output, ledger.begin),
                    outcomes,
                    ledger,
                    fingerprint,
                    stop,
                )
            else:
                work = ClipRun(
                    config,
                    fits,
                    clips,
                    photo_dir,
                    open_renderer(inputs),
                    bodies,
                    config.framing(),
                    output,
                    outcomes,
                    ledger,
                    fingerprint,
                    memory,
                    stop,
                )
        else:
            survey = Survey(config, fits, photo_dir, ledger, fingerprint, reference)
            packer = open_packer(output, ledger, tag, config.output.tar, survey.list_products())
            outcomes = Outcomes(config, fits, survey.sheets, report, ledger, fingerprint, packer=packer)
            products = ProductWriter(output, ledger.begin, None if packer is None else packer.find_tar)
            pipeline = open_pipeline(inputs, products, outcomes.finish)
            work = Schedule(config, fits, survey, pipeline, bodies, outcomes, memory, stop)
        try:
            outcomes.skip(selection.skipped)
            executor.run(speak_first(work.list_jobs(), fits, bodies, photo_dir))
            # Each with all the memory to itself.
            executor.run(work.list_last_jobs(memory.capacity_bytes))
        finally:
            work.close()
            # Whatever ends the run, what it found so far is not lost.
            outcomes.close()
            photo_dir.close()
            report.seconds = time.monotonic() - started
            report.stage_seconds = executor.seconds
            report.stopped_by = stop.number
            # A signal may have come when there was nothing left to do.
            report.is_finished = sys.exception() is None and (outcomes.is_complete or not stop.number)
            # Only a run of everything has all that shards have noted.
            takes_shards = not tag and config.samples == "all"
            annotated = None if tag else (output, fingerprint.settings)
            _write_results(report, ledger, packer, takes_shards, annotated)
    if config.page and report.is_finished and report.rendered + report.kept + report.others:
        # Only here: few runs need it.
        from render.gallery.write import write_page

        log.info("page: %s", write_page([output_dir]))
    return report


def _write_results(
    report: Report,
    ledger: Ledger,
    packer: Packer | None,
    takes_shards: bool,
    annotated: tuple[OutputDir, str] | None,
) -> None:
    """Failures, what is made of all products, and manifest; what ends the run goes before what hinders these.

    Args:
        report: Of the run.
        ledger: Of the run.
        packer: Of the run, None where products are files of their own.
        takes_shards: See `Ledger.close`.
        annotated: Where the products are, and the hash of their settings; None for a shard, which has not
            all of them.
    """
    is_ending = sys.exception() is not None
    try:
        report.write_failures()
        if packer is not None and report.is_finished:
            packer.close()
        if annotated is not None and report.is_finished:
            output, settings = annotated
            write_whole_files(output, ledger.list_all(), {settings})
        report.others = ledger.close(report.is_finished, takes_shards)
    except OutputError as error:
        if not is_ending:
            raise
        log.warning("%s What is done is in the journal beside the sheets.", error)
