"""What can be fetched, out of conf/ and the command line."""

from __future__ import annotations

from omegaconf import OmegaConf

from render.config.load import compose_settings, load_config
from render.config.schema import Config
from render.resources import CONF_DIR


def list_datasets() -> dict[str, bool]:
    """The names of all datasets, and whether their fit files are served somewhere."""
    paths = sorted((CONF_DIR / "dataset").glob("*.yaml"))
    return {path.stem: "fits_url" in OmegaConf.load(path) for path in paths}


def compose_config(settings: list[str]) -> Config:
    """What `smpl-render` would run with; here dataset.image_dir may be left out.

    Args:
        settings: As on the command line.

    Raises:
        ConfigError: They are refused.
    """
    composed = compose_settings(settings)
    # Who fetches the fits may not have the photos yet.
    if OmegaConf.is_missing(composed.dataset, "image_dir"):
        composed.dataset.image_dir = "images"
    return load_config(composed)
