"""Downloads from a server on this machine."""

import functools
from pathlib import Path

import pytest

from render.download import command, sources
from render.download.command import main
from tests.helpers.runs import compose_kept


@pytest.fixture(autouse=True)
def settings_are_read_once(monkeypatch):
    """Reading the files of conf/ takes longer than a download from this machine."""
    monkeypatch.setattr(sources, "compose_settings", lambda words: compose_kept(*words))
    monkeypatch.setattr(command, "list_datasets", list_datasets)


list_datasets = functools.cache(sources.list_datasets)


@pytest.fixture
def fits():
    """The content of a real fit file."""
    return (Path(__file__).parents[1] / "golden" / "eft" / "fits.json").read_bytes()


@pytest.fixture
def fetch_fits(server, tmp_path):
    """Fetches the fits of a dataset from the server; the exit code."""
    target = tmp_path / "fits.json"
    settings = [f"dataset.fits_url={server.url}", f"dataset.fit_file={target}"]
    return lambda *more, name="coco2014_part": main(["eft", name, *settings, *more])


@pytest.fixture
def fetch_charts(server, tmp_path):
    """Fetches the archive of the charts from the server; the exit code."""
    target = tmp_path / "charts" / "UV.mat"
    return lambda *more: main(["densepose", f"body.charts_url={server.url}", f"body.charts={target}", *more])
