"""A run that workers draw: divided before, joined afterwards."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from contextlib import closing
from typing import NamedTuple

from tqdm.contrib.logging import logging_redirect_tqdm

from render.config.schema import Config
from render.errors import InUseError, OutputError
from render.files.output import Output
from render.files.stores.output import open_output
from render.fits.rows.shards import Shard
from render.record.failures import read_failures
from render.record.manifest import journal_name, manifest_name, read_records
from render.record.merge import fold_shards, join_shards
from render.record.tars.packer import refuse_tars
from render.run.engines.crew import Crew
from render.run.engines.driver import Driver
from render.run.engines.plan import Plan
from render.run.engines.tally import Tally
from render.run.folders import check_sets
from render.run.progress import OpenProgress, open_progress
from render.run.report import Report
from render.run.stop import Stop
from render.types.fits import RowProblem

log = logging.getLogger("render")

# Workers of a driver that was killed end as soon as they notice, on this machine at once; their locks on an
# object store are nobody's after half a minute.
PATIENCE_S = 45.0
POLL_S = 0.2


class Engine(NamedTuple):
    """What a run is drawn by.

    Attributes:
        plan: What there is to do.
        open_crew: Opens the workers.
    """

    plan: Plan
    open_crew: Callable[[], Crew]


def drive(config: Config, engine: Engine, stop: Stop, watch: OpenProgress = open_progress) -> Report:
    """Renders what `config` asks for and is not there yet, by workers; takes and gives what a run does.

    Whatever ends it, the same command goes on from there, with
    as many workers as it likes.

    Args:
        config: The settings.
        engine: What there is to do, and the workers, which are let go at the end.
        stop: Once it has a number, what is under way is finished, and nothing new is begun.
        watch: Opens what is told how far it has come.

    Raises:
        RenderError: Nothing can be done, or some of it cannot.
    """
    report = Report(open_output(config.output.dir))
    output = report.output
    _fold(output, stop)
    _check_earlier(output, config)
    plan = engine.plan
    with closing(Tally(watch, plan.total, plan.unit)) as tally, logging_redirect_tqdm():
        shards = [Shard(number, plan.shards) for number in range(1, plan.shards + 1)]
        crew = engine.open_crew()
        driver = Driver(
            crew,
            shards,
            stop,
            tally,
            lambda shard: _count_noted(output, shard),
            stops_on_error=config.on_error == "stop",
        )
        try:
            with closing(crew):
                driver.run()
            report.is_finished = driver.is_finished
        finally:
            products = _join(config, output, report.is_finished, driver.settings)
    report.stopped_by = stop.number
    # Without the time to end all workers, which takes a second with Ray, and to join what they noted.
    report.seconds = driver.seconds
    report.rendered, report.kept, report.frames = tally.rendered, tally.kept, tally.frames
    report.others = max(products - report.rendered - report.kept, 0)
    _read_problems(report)
    return report


def _fold(output: Output, stop: Stop) -> None:
    """Takes in what earlier runs noted; waits for workers that are just ending, unless it is to stop."""
    begun_s, is_said = time.monotonic(), False
    while True:
        try:
            fold_shards(output)
            return
        except InUseError:
            if stop.number or time.monotonic() > begun_s + PATIENCE_S:
                raise
        if not is_said:
            log.info("another run is writing the same sheets; waiting whether it is about to end")
            is_said = True
        time.sleep(POLL_S)


def _check_earlier(output: Output, config: Config) -> None:
    """Raises ConfigError where a run of one process would, before anything is drawn."""
    check_sets(read_records(output, manifest_name("")), config)
    if not config.output.tar:
        tars = {record.tar for record in read_records(output, manifest_name(""))}
        refuse_tars(output, {tar for tar in tars if tar is not None})


def _count_noted(output: Output, shard: Shard) -> int:
    try:
        return sum(1 for _ in read_records(output, journal_name(shard.tag)))
    # Its next worker says why.
    except OSError:
        return 0


def _join(config: Config, output: Output, is_finished: bool, settings: str | None) -> int:
    """Makes one manifest of those of the shards; of a run that has not come to its end, one that says so.

    Returns:
        Of how many products it has a record.
    """
    is_ending = sys.exception() is not None
    try:
        return join_shards(config.output.dir, settings).products if is_finished else fold_shards(output)
    except OutputError as error:
        # What ends the run goes before.
        if not is_ending:
            raise
        log.warning("%s What is done is in the manifests of the shards.", error)
        return 0


def _read_problems(report: Report) -> None:
    found = {"skipped": report.skipped, "failed": report.failed, "damaged": report.damaged}
    for outcome, row, image_name, reason in read_failures(report.output, report.failures_name):
        found[outcome].append(RowProblem(row, image_name, reason))
