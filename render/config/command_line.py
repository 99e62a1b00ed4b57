"""Commands: those that take settings, which Hydra reads, and those that take words of their own."""

from __future__ import annotations

import logging
import os
import re
import signal
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from unittest import mock

import hydra
from hydra.errors import HydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from render.config.checks import check_is_folder, expand_place
from render.config.load import compose_settings, register_schemas
from render.config.refusals import refuse
from render.config.several.collect import FIRST_SIGNAL_CODE, EndedRun, collect_runs, worst
from render.config.several.launchers import add_defaults, leave_if_queued_again
from render.config.words import is_multirun, read_words
from render.errors import ConfigError, RenderError
from render.resources import CONF_DIR

# Hydra's own, for settings that it refuses.
EXIT_REFUSED = 1
EXIT_FAILED = 1
# As a shell has it: 128, and the number of the signal.
EXIT_INTERRUPTED = FIRST_SIGNAL_CODE + signal.SIGINT

log = logging.getLogger("render")


def run_with_settings(
    words: list[str],
    task: Callable[[DictConfig], int],
    get_help: Callable[[DictConfig], str],
    finish: Callable[[list[EndedRun]], int] | None = None,
) -> int:
    """Calls a task with the settings of a command line, which are not yet checked.

    Args:
        words: Of the command line.
        task: Takes the settings, and returns an exit code. With --multirun it is called for each run, and may
            be so in other processes.
        get_help: Takes the settings, and returns the help of the command.
        finish: Called when all runs of a --multirun have ended; returns an exit code.

    Returns:
        The exit code; of several runs the worst.
    """
    try:
        # Before Hydra, which has a help of its own.
        if {"-h", "--help"} & set(words):
            composed = compose_settings([word for word in words if not word.startswith("-")])
            print(get_help(composed), end="")
            return 0
        # Hydra would print its own.
        if "--version" in words:
            print(f"smpl-render {_find_version()}")
            return 0
        read = read_words(words)
        codes: list[int] = []
        with collect_runs() as ended:
            _call_by_hydra(read, task, codes)
        # Those of other processes, too.
        codes += [run.code for run in ended]
        if ended and finish is not None:
            codes.append(finish(ended))
    except ConfigError as error:
        print(error, file=sys.stderr)
        return EXIT_REFUSED
    return worst(codes)


def run_with_words(
    words: list[str], task: Callable[[list[str]], None], interrupted: str, get_help: Callable[[], str]
) -> int:
    """Calls a task with the words of a command line, and says what goes wrong.

    Args:
        words: Of the command line.
        task: Does what they ask for.
        interrupted: What is said after Ctrl-C.
        get_help: Gives the help of the command.

    Returns:
        The exit code: 0 if it is done, 1 if not, 130 if Ctrl-C stopped it.
    """
    if {"-h", "--help"} & set(words):
        print(get_help(), end="")
        return 0
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    # From here on Ctrl-C is an exception again; see `render.__main__`.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        task(words)
    except RenderError as error:
        log.error("%s", error)
        return EXIT_FAILED
    except KeyboardInterrupt:
        log.error("%s", interrupted)
        return EXIT_INTERRUPTED
    return 0


def read_folder(word: str, key: str, setting: str = "output.dir") -> Path:
    """The folder that a word names; takes and raises what `read_place` does, also where it is a URL."""
    place = read_place(word, key, setting)
    check_is_folder(key, place, "copy what is there, such as by aws s3 sync, and name the folder")
    return Path(place)


def read_place(word: str, key: str, setting: str = "output.dir") -> str:
    """The folder or URL that a word names: as it is, or as a setting, which is what people have at hand.

    Args:
        word: Of the command line.
        key: Which messages begin with.
        setting: Its name.

    Raises:
        ConfigError: It is no path, and no URL that is written to.
    """
    name, equal, value = word.partition("=")
    if equal and name == setting:
        # With the quotes that Hydra takes away.
        word = value[1:-1] if re.fullmatch(r"(['\"]).*\1", value) else value
    return expand_place(key, word)


def _find_version() -> str:
    try:
        return version("smpl-render")
    except PackageNotFoundError:
        return "of a folder that is not installed"


def _call_by_hydra(words: list[str], task: Callable[[DictConfig], int], codes: list[int]) -> None:
    register_schemas()
    if is_multirun(words):
        words = add_defaults(words)

    @hydra.main(version_base="1.3", config_path=str(CONF_DIR), config_name="config")
    def call(composed: DictConfig) -> int:
        # A signal is meant for all of several runs.
        if codes and codes[-1] > FIRST_SIGNAL_CODE:
            return codes[-1]
        code = task(composed)
        codes.append(code)
        leave_if_queued_again(code)
        return code

    with (
        # Hydra takes its words from here,
        mock.patch.object(sys, "argv", [sys.argv[0], *words]),
        # and prints tracebacks of its own unless it is told to raise.
        mock.patch.dict(os.environ, HYDRA_FULL_ERROR="1"),
    ):
        try:
            call()
        except (HydraException, OmegaConfBaseException) as error:
            raise refuse(error, words) from error
