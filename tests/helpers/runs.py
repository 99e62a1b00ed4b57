"""Whole runs with the shipped configuration."""

from pathlib import Path

from hydra import compose, initialize_config_dir

from render.config.load import load_config, register_schemas
from render.run.render_dataset import render_dataset
from render.run.report import Report

ROOT = Path(__file__).parents[2]


def run(*overrides: str) -> Report:
    """What `python -m render` does with these settings."""
    register_schemas()
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        return render_dataset(load_config(compose("config", overrides=list(overrides))))


def sheets_below(folder: Path) -> dict[str, bytes]:
    """The files below `folder` without what is said about them: manifest and failures."""
    files = files_below(folder)
    return {name: data for name, data in files.items() if not name.startswith(("manifest", "failures"))}


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
