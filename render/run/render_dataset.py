"""The run: by one process, or by an engine of several workers."""

from __future__ import annotations

import logging
from pathlib import Path

from render.config.schema import Config
from render.run.opening.run import open_run
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
    run = open_run(config)
    with StopSignal() as stop:
        report = render_share(run, run.whole, stop)
    if config.page and report.is_finished and report.rendered + report.kept + report.others:
        # Only here: few runs need it.
        from render.gallery.write import write_page

        log.info("page: %s", write_page([Path(config.output.dir)]))
    return report
