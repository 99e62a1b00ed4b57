"""The command that renders a dataset."""

from __future__ import annotations

import logging
import signal

from omegaconf import DictConfig

from render.config.command_line import run_with_settings
from render.config.help import build_help
from render.config.load import load_config
from render.errors import RenderError

EXIT_CANNOT_RUN = 1
EXIT_FAILED_SHEETS = 2

log = logging.getLogger("render")


def main(words: list[str]) -> int:
    """Renders what the command line asks for.

    Args:
        words: Of the command line.

    Returns:
        The exit code.
    """
    return run_with_settings(words, _render, build_help)


def _render(composed: DictConfig) -> int:
    # From here on Ctrl-C is an exception again; see `render.__main__`.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        config = load_config(composed)
        # Torch and Warp take seconds; refused settings need not wait for them.
        if config.job.product == "figure":
            from render.run.figures.make import make_figure

            log.info("%s", make_figure(config))
            return 0
        from render.run.render_dataset import render_dataset

        report = render_dataset(config)
    except RenderError as error:
        log.error("%s", error)
        return EXIT_CANNOT_RUN
    except KeyboardInterrupt as interrupt:
        return _end_by(interrupt.args[0] if interrupt.args else signal.SIGINT)
    log.info("%s", report.summarize())
    # It may have come when there was nothing left to do.
    if report.stopped_by and not report.is_finished:
        return _end_by(report.stopped_by)
    return EXIT_FAILED_SHEETS if report.failed else 0


def _end_by(number: int) -> int:
    """The exit code of a program that a signal has ended."""
    # All is written; another one would only disturb the interpreter's end.
    for ignored in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    log.error("stopped before the end; the same command goes on from here")
    # As a shell has it.
    return 128 + number
