"""Trials leave nothing behind and take no longer on a busy machine."""

import tempfile
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def scratch(tmp_path, monkeypatch) -> Path:
    """The folder for temporary files, of this test alone."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture(autouse=True)
def patience(monkeypatch) -> None:
    """Trials have all their sheets, however busy the machine."""
    monkeypatch.setattr("render.doctor.trial.LONGEST_TRIAL_S", 1e6)


@pytest.fixture(autouse=True)
def other_modes(monkeypatch) -> None:
    """Kernels are compiled for the modes of the run alone: all of them take a minute where none are kept."""
    monkeypatch.setattr("render.library.kernels.list_all_shadings", list)
    monkeypatch.setattr("render.library.kernels.USUAL_LAYERS", ["instance"])
