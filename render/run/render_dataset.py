"""The run: by one process, or by an engine of several workers."""

from __future__ import annotations

import logging
from pathlib import Path

from render.compute.memory import spare_collector
from render.config.schema import Config
from render.run.engines.choose import find_engine
from render.run.engines.drive import drive
from render.run.opening.run import open_run
from render.run.opening.watch import open_watch
from render.run.report import Report
from render.run.share import render_share
from render.run.stop import StopSignal

log = logging.getLogger("render")


def render_dataset(config: Config) -> Report:
    """Renders what `config` asks for and is not there yet, and returns what became of it.

    A photo that cannot be read costs its own sheets and no others. While it runs in the main thread, SIGINT
    and SIGTERM end it in good order (see `StopSignal`).

    Raises:
        RenderError: Nothing can be done.
    """
    stop = StopSignal()
    # Before all that takes time: what a watcher needs may be missing.
    watch = open_watch(config, stop)
    engine = find_engine(config)
    if engine is not None:
        with stop, watch:
            report = drive(config, engine, stop, watch)
    else:
        # While it opens there is nothing that a signal would let it finish.
        run = open_run(config)
        with stop, watch, spare_collector():
            report = render_share(run, run.whole, stop, watch)
    if config.page and report.is_finished and report.rendered + report.kept + report.others:
        # Only here: few runs need it.
        from render.gallery.write import write_page

        log.info("page: %s", write_page([Path(config.output.dir)]))
    return report
