"""Whole runs with the shipped configuration."""

import pickle
from contextlib import suppress
from functools import cache
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from render.config.load import compose_settings, load_config
from render.config.schema import Config
from render.config.words import read_words
from render.run.render_dataset import render_dataset
from render.run.report import Report
from tests.helpers.folders import files_below, sheets_below

__all__ = ["ORIGINAL", "ROOT", "compose_kept", "configure", "files_below", "run", "sheets_below"]

ROOT = Path(__file__).parents[2]
# For tests that compare with the original viewer, with the sizes and colours that it gives, or with the
# library, whose functions do what they are told; others are of what people get who say nothing.
ORIGINAL = "preset=eft"
# Folders of conf/: words with these choose a file.
GROUPS = ("dataset", "body", "job", "output", "executor", "preset")


def configure(*words: str) -> Config:
    """The checked settings that these words of a command line make."""
    return load_config(compose_kept(*words))


def compose_kept(*words: str) -> DictConfig:
    """The settings that `compose_settings` makes, sooner.

    Hydra takes as long to read the files of conf/ as a small run takes, so they are read once for each choice
    among them; single values are set as Hydra sets them.
    """
    words = tuple(read_words(list(words)))
    chosen = tuple(word for word in words if word[:1] in "+~" or word.partition("=")[0] in GROUPS)
    with suppress(HydraException, OmegaConfBaseException):
        settings = pickle.loads(_compose_choice(chosen))
        values = [word for word in words if word not in chosen]
        for override in OverridesParser.create().parse_overrides(values):
            OmegaConf.update(settings, override.key_or_group, override.value(), merge=True)
        return settings
    # The real thing says best what is wrong.
    return compose_settings(list(words))


@cache
def _compose_choice(chosen: tuple[str, ...]) -> bytes:
    # A copy for each run is made sooner this way than by `deepcopy`.
    return pickle.dumps(compose_settings(list(chosen)))


def run(*words: str) -> Report:
    """What `smpl-render` does with these settings."""
    return render_dataset(configure(*words))
