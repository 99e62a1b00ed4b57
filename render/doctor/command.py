"""The command that looks at all that a run needs: whether it can start, and what it will take."""

from __future__ import annotations

import logging
import signal

from omegaconf import DictConfig

from render.config.command_line import EXIT_INTERRUPTED, run_with_settings
from render.config.help import describe_settings
from render.config.load import load_config
from render.errors import ConfigError, RenderError
from render.files.stores.fetch import name_urls

EXIT_CANNOT_START = 1

_HELP = """\
Looks at all that a run with the same settings needs, draws a small part of it, and tells how long the whole
will take. Nothing is written where the sheets go.

    smpl-render doctor
    smpl-render doctor dataset=coco2014_part dataset.image_dir=/data/coco/train2014

Each line is ok, warn or bad, and is of: the fit file, the body model, its charts, the photos, the cameras,
the device, a trial of some sheets, the room on the disk, and with progress= whoever is told how far a run is.
A run with dry_run=true draws nothing at all, and says of each sheet whether it would be made.

Settings, key=value; smpl-render --help lists what there is to choose:

{settings}

Exit code: 0 if the run can start, 1 if not, 130 if Ctrl-C stopped it.
"""

log = logging.getLogger("render")


def main(words: list[str]) -> int:
    """Prints the findings on a run.

    Args:
        words: The settings, as on the command line of the run.

    Returns:
        The exit code: 0 if the run can start.
    """
    return run_with_settings(words, _examine, _build_help)


def _examine(composed: DictConfig) -> int:
    # From here on Ctrl-C is an exception again; see `render.__main__`.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    states: dict[str, str] = {}
    try:
        config = load_config(composed)
        if config.job.product == "figure":
            raise ConfigError(
                "job: doctor is for long runs, and a figure says all that it lacks before it is drawn; leave "
                "the word doctor out"
            )
        # Torch and Warp take seconds; refused settings need not wait for them.
        from render.doctor.checks import examine

        for finding in examine(config):
            # Messages of libraries may have several lines.
            text = name_urls(" ".join(finding.text.splitlines()))
            print(f"{finding.state:<6}{finding.title:<10}{text}", flush=True)
            states[finding.title] = finding.state
    except RenderError as error:
        log.error("%s", error)
        return EXIT_CANNOT_START
    except KeyboardInterrupt:
        log.error("interrupted; nothing was left behind")
        return EXIT_INTERRUPTED
    print(summarize(states))
    return EXIT_CANNOT_START if "bad" in states.values() else 0


def _build_help(_: DictConfig) -> str:
    return _HELP.format(settings=describe_settings())


def summarize(states: dict[str, str]) -> str:
    """The closing line: whether the run can start, and what to do first.

    Args:
        states: Of the findings, by their titles.
    """
    bad = [title for title, state in states.items() if state == "bad"]
    warned = [title for title, state in states.items() if state == "warn"]
    if bad:
        rest = f", then {', '.join(bad[1:])}" if bad[1:] else ""
        return f"The run cannot start: first do what the line on {bad[0]} says{rest}."
    if warned:
        return f"The run can start; read first what the lines on {', '.join(warned)} say."
    return "The run can start: smpl-render, with the same settings."
