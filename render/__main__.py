"""`python -m render`: the command line."""

import logging
import sys

import hydra
from omegaconf import DictConfig

from render.config import load_config, register_schemas
from render.errors import RenderError

# Hydra's own, for settings that it refuses.
EXIT_CANNOT_RUN = 1
EXIT_FAILED_SHEETS = 2
EXIT_INTERRUPTED = 130

log = logging.getLogger("render")


@hydra.main(version_base="1.3", config_path="../conf", config_name="config")
def main(composed: DictConfig) -> None:
    try:
        config = load_config(composed)
        # The body model's libraries take a second; refused settings need not wait for them.
        from render.pipeline import render_dataset

        report = render_dataset(config)
    except RenderError as error:
        log.error("%s", error)
        sys.exit(EXIT_CANNOT_RUN)
    except KeyboardInterrupt:
        log.error(
            "interrupted; the sheets that were written are whole, and the same command goes on from them"
        )
        sys.exit(EXIT_INTERRUPTED)
    log.info("%s", report.summarize())
    if report.stopped_by:
        log.error("stopped before the end; the same command goes on from here")
        # As a shell has it for what a signal has ended.
        sys.exit(128 + report.stopped_by)
    if report.failed:
        sys.exit(EXIT_FAILED_SHEETS)


if __name__ == "__main__":
    register_schemas()
    main()
