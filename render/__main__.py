"""`python -m render`: the command line."""

import logging
import signal
import sys
from typing import NoReturn

if __name__ == "__main__":
    # As long as libraries are loaded there is nothing to end in good order, and nothing to say.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import hydra
from omegaconf import DictConfig

from render.config import load_config, register_schemas
from render.errors import RenderError

# Hydra's own, for settings that it refuses.
EXIT_CANNOT_RUN = 1
EXIT_FAILED_SHEETS = 2

log = logging.getLogger("render")


@hydra.main(version_base="1.3", config_path="../conf", config_name="config")
def main(composed: DictConfig) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        config = load_config(composed)
        # The body model's libraries take a second; refused settings need not wait for them.
        from render.pipeline import render_dataset

        report = render_dataset(config)
    except RenderError as error:
        log.error("%s", error)
        sys.exit(EXIT_CANNOT_RUN)
    except KeyboardInterrupt as interrupt:
        _end_by(interrupt.args[0] if interrupt.args else signal.SIGINT)
    log.info("%s", report.summarize())
    # It may have come when there was nothing left to do.
    if report.stopped_by and not report.is_finished:
        _end_by(report.stopped_by)
    if report.failed:
        sys.exit(EXIT_FAILED_SHEETS)


def _end_by(number: int) -> NoReturn:
    """Ends the program as one that a signal has ended."""
    # All is written; another one would only disturb the interpreter's end.
    for ignored in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    log.error("stopped before the end; the same command goes on from here")
    # As a shell has it.
    sys.exit(128 + number)


if __name__ == "__main__":
    register_schemas()
    main()
