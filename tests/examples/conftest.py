"""Runs the scripts of examples/ as a user does, in a folder of the test's own."""

import os
import runpy
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.runs import ROOT

EXAMPLES = ROOT / "examples"


@pytest.fixture
def here(tmp_path, monkeypatch, demo_set) -> Path:
    """The folder in which examples run: one with the demo set, where a clone has it."""
    monkeypatch.chdir(tmp_path)
    Path("eft_fit").mkdir()
    os.symlink(demo_set.root, "eft_fit/demo")
    return tmp_path


@pytest.fixture
def call(here, monkeypatch, capsys) -> Callable[..., str]:
    """Calls `python examples/NAME words`, and gives what it prints."""

    def call(name: str, *words: str) -> str:
        monkeypatch.setattr(sys, "argv", [name, *words])
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
        return capsys.readouterr().out

    return call
