"""One share of a run: its sheets are drawn side by side, and what became of them is written."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterable
from functools import partial

from tqdm.contrib.logging import logging_redirect_tqdm

from render.compute.memory import MemoryPlan, plan_memory, settle
from render.compute.threads import one_thread_each
from render.errors import OutputError
from render.files.output import Output
from render.files.stores.output import open_output
from render.library.poser import BatchPoser
from render.photos.decode import quiet_opencv
from render.record.ledger import Ledger
from render.record.records import Record
from render.record.tars.packer import Packer, open_packer
from render.record.whole.write import write_whole_files
from render.run.clips.group import guess_frames
from render.run.clips.run import ClipRun, find_clips
from render.run.executor import ThreadExecutor
from render.run.folders import check_sets
from render.run.meshes.clips import MeshClipRun
from render.run.opening.pipeline import open_pipeline
from render.run.opening.renderer import open_renderer
from render.run.opening.run import OpenedRun, Share
from render.run.outcomes import Outcomes
from render.run.progress import OpenProgress, open_progress
from render.run.report import Report
from render.run.schedule import Schedule
from render.run.stop import Stop
from render.run.survey import Survey
from render.sanity.speak import speak_first
from render.write.products import ProductWriter

log = logging.getLogger("render")


def render_share(
    run: OpenedRun,
    share: Share,
    stop: Stop,
    watch: OpenProgress = open_progress,
    known: Iterable[Record] | None = None,
    memory: MemoryPlan | None = None,
) -> Report:
    """Renders what of a share is not there yet, and returns what became of it.

    A photo that cannot be read costs its own sheets and no others.

    Args:
        run: What is opened.
        share: Which of its people.
        stop: Once it has a number, what is under way is finished, and nothing new is begun.
        watch: Opens what is told how far it has come.
        known: As `Ledger` takes it.
        memory: How much may be under way; left out, it is planned now, as if nobody else began.

    Raises:
        RenderError: Nothing can be done, or the run is to stop at the first fault.
    """
    config, fits, tag, inputs = run.config, share.fits, share.tag, run.inputs
    hardware, bodies, photos = inputs.hardware, inputs.bodies, inputs.photos
    # Whoever opened the run has tried it out; with many shards that would be many requests to a store.
    output = open_output(config.output.dir, tag, is_tried=True)
    report = Report(output, tag)
    memory = memory or plan_memory(hardware.device, hardware.threads, batch=config.batch)
    wait = partial(settle, hardware.device)
    executor = ThreadExecutor(hardware.threads, memory.capacity_bytes, memory.most_batches, wait)
    started = time.monotonic()
    # The ledger last of all to end: it locks the folder until everything is written.
    with Ledger(output, tag, known) as ledger, logging_redirect_tqdm(), one_thread_each(), quiet_opencv():
        check_sets(ledger.list_earlier(), config)
        work: Schedule | ClipRun | MeshClipRun
        packer: Packer | None = None
        if config.motion == "sequence":
            clips = find_clips(run.selected, fits, config.people)
            frames = sum(guess_frames(fits, clip) for clip in clips)
            progress = watch(frames, "frame")
            outcomes = Outcomes(config, fits, len(clips), report, ledger, run.fingerprint, progress, frames)
            if config.job.product == "meshes":
                work = MeshClipRun(
                    config,
                    fits,
                    clips,
                    photos,
                    BatchPoser(bodies, None, hardware.rasterizer.make),
                    ProductWriter(output, ledger.begin),
                    outcomes,
                    ledger,
                    run.fingerprint,
                    stop,
                )
            else:
                work = ClipRun(
                    config,
                    fits,
                    clips,
                    photos,
                    open_renderer(inputs),
                    bodies,
                    config.framing(),
                    output,
                    outcomes,
                    ledger,
                    run.fingerprint,
                    memory,
                    stop,
                )
        else:
            survey = Survey(config, fits, photos, ledger, run.fingerprint, run.reference)
            packer = open_packer(output, ledger, tag, config.output.tar, survey.list_products())
            progress = watch(survey.sheets, "sheet")
            outcomes = Outcomes(
                config, fits, survey.sheets, report, ledger, run.fingerprint, progress, packer=packer
            )
            products = ProductWriter(output, ledger.begin, None if packer is None else packer.find_tar)
            pipeline = open_pipeline(inputs, products, outcomes.finish)
            work = Schedule(config, fits, survey, pipeline, bodies, outcomes, memory, stop)
        try:
            outcomes.skip(share.skipped)
            executor.run(speak_first(work.list_jobs(), fits, bodies, photos))
            # Each with all the memory to itself.
            executor.run(work.list_last_jobs(memory.capacity_bytes))
        finally:
            work.close()
            # Whatever ends the run, what it found so far is not lost.
            outcomes.close()
            photos.close()
            report.seconds = time.monotonic() - started
            report.stage_seconds = executor.seconds
            report.stopped_by = stop.number
            # A signal may have come when there was nothing left to do.
            report.is_finished = sys.exception() is None and (outcomes.is_complete or not stop.number)
            # Only a run of everything has all that shards have noted.
            takes_shards = not tag and config.samples == "all"
            annotated = None if tag else (output, run.fingerprint.settings)
            _write_results(report, ledger, packer, takes_shards, annotated)
    return report


def _write_results(
    report: Report,
    ledger: Ledger,
    packer: Packer | None,
    takes_shards: bool,
    annotated: tuple[Output, str] | None,
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
