"""Whether those who are to be told how far a run is can be told."""

import sys

import pytest

from render.doctor.checks import check_watchers
from render.doctor.finding import Examined
from render.errors import ConfigError
from tests.helpers.runs import configure


def test_watchers_are_named_once_and_nothing_is_written(tmp_path):
    config = configure(f"output.dir={tmp_path}/out", "progress=[file, tensorboard, file]")
    finding = check_watchers(config, Examined())
    assert (finding.state, finding.text) == ("ok", "told to file, tensorboard")
    assert not (tmp_path / "out").exists()


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(ConfigError, match="pip install wandb"):
        check_watchers(configure("progress=[wandb]"), Examined())
