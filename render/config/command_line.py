"""Commands that take settings: Hydra reads the command line, and a task gets what it makes of it."""

from __future__ import annotations

import sys
from collections.abc import Callable

import hydra
from omegaconf import DictConfig, OmegaConf

from render.config.help import build_help
from render.config.load import check_names, compose_settings, register_schemas
from render.errors import ConfigError
from render.resources import CONF_DIR

# Hydra's own, for settings that it refuses.
EXIT_REFUSED = 1


def run_with_settings(words: list[str], task: Callable[[DictConfig], int]) -> int:
    """Calls a task with the settings of a command line, which are not yet checked.

    Args:
        words: Of the command line.
        task: Takes the settings, and returns an exit code.

    Returns:
        The exit code.
    """
    try:
        # Before Hydra, which has a help of its own.
        if {"-h", "--help"} & set(words):
            composed = compose_settings([word for word in words if not word.startswith("-")])
            print(build_help(OmegaConf.to_yaml(composed)), end="")
            return 0
        check_names(words)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return EXIT_REFUSED
    register_schemas()
    # Hydra calls the function below, but does not return what it returns.
    codes: list[int] = []

    @hydra.main(version_base="1.3", config_path=str(CONF_DIR), config_name="config")
    def call(composed: DictConfig) -> None:
        codes.append(task(composed))

    call()
    # None where Hydra had only to print something, such as completions.
    return codes[0] if codes else 0
