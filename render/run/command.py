"""The command that renders a dataset."""

from __future__ import annotations

import logging
import signal
from collections import defaultdict

from omegaconf import DictConfig

from render.config.command_line import run_with_settings
from render.config.help import build_help
from render.config.load import load_config
from render.config.schema import Config
from render.config.several.collect import EndedRun
from render.errors import RenderError
from render.fits.rows.shards import parse_shard
from render.run.calls.run_job import run_config

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
    return run_with_settings(words, _render, build_help, _merge_swept)


def _render(composed: DictConfig) -> int:
    # From here on Ctrl-C is an exception again; see `render.__main__`.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        config = load_config(composed)
        if config.dry_run:
            return _say_what_would_be(config)
        result = run_config(config)
    except RenderError as error:
        log.error("%s", error)
        return EXIT_CANNOT_RUN
    except KeyboardInterrupt as interrupt:
        return _end_by(interrupt.args[0] if interrupt.args else signal.SIGINT)
    return EXIT_FAILED_SHEETS if result.failed else 0


def _say_what_would_be(config: Config) -> int:
    from render.run.dry.answer import answer

    found = answer(config)
    for title, text in found.lines:
        # Messages of libraries may have several lines.
        print(f"{title:<12}{' '.join(text.splitlines())}", flush=True)
    if found.stops:
        return EXIT_CANNOT_RUN
    return EXIT_FAILED_SHEETS if found.loses else 0


def _end_by(number: int) -> int:
    """The exit code of a program that a signal has ended."""
    # All is written; another one would only disturb the interpreter's end.
    for ignored in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    log.error("stopped before the end; the same command goes on from here")
    handler = signal.getsignal(number)
    if number == signal.SIGUSR2 and callable(handler):
        # A launcher's, which queues the job again; where it has done so often enough it raises.
        try:
            handler(number, None)
        except RuntimeError as error:
            log.error("%s", error)
    # As a shell has it.
    return 128 + number


def _merge_swept(runs: list[EndedRun]) -> int:
    """Merges the shards of each folder of which a sweep had all, if they have come to their end.

    Args:
        runs: Of the sweep.

    Returns:
        An exit code.
    """
    ended: dict[tuple[str, int], set[int]] = defaultdict(set)
    for run in runs:
        if run.settings is not None and run.code in (0, EXIT_FAILED_SHEETS):
            config = load_config(run.settings)
            if config.dry_run:
                continue
            shard = parse_shard(config.shard)
            ended[config.output.dir, shard.count].add(shard.number)
    whole = [folder for (folder, count), numbers in ended.items() if 1 < count == len(numbers)]
    code = 0
    for folder in whole:
        # Few sweeps are of shards.
        from render.record.merge import merge_shards

        try:
            log.info("%d shards merged: %s", merge_shards(folder), folder)
        except RenderError as error:
            log.error("%s", error)
            code = EXIT_CANNOT_RUN
    return code
