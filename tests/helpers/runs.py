"""Whole runs with the shipped configuration."""

from pathlib import Path

from render.config.load import compose_settings, load_config
from render.config.schema import Config
from render.run.render_dataset import render_dataset
from render.run.report import Report

ROOT = Path(__file__).parents[2]


def configure(*words: str) -> Config:
    """The checked settings that these words of a command line make."""
    return load_config(compose_settings(list(words)))


def run(*words: str) -> Report:
    """What `smpl-render` does with these settings."""
    return render_dataset(configure(*words))


def sheets_below(folder: Path) -> dict[str, bytes]:
    """The files below `folder` without what is said about them: manifest and failures."""
    files = files_below(folder)
    return {name: data for name, data in files.items() if not name.startswith(("manifest", "failures"))}


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
