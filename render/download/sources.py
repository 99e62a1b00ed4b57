"""What can be fetched, out of conf/ and the command line."""

from __future__ import annotations

from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from render.config import Config, load_config, register_schemas
from render.dataset import REPOSITORY
from render.errors import ConfigError

CONF = REPOSITORY / "conf"


def list_datasets() -> dict[str, bool]:
    """The names of all datasets, and whether their fit files are served somewhere."""
    paths = sorted((CONF / "dataset").glob("*.yaml"))
    return {path.stem: "fits_url" in OmegaConf.load(path) for path in paths}


def compose_config(settings: list[str]) -> Config:
    """What `python -m render` would run with; here dataset.image_dir may be left out. Raises ConfigError."""
    register_schemas()
    try:
        with initialize_config_dir(str(CONF), version_base="1.3"):
            composed = compose("config", overrides=settings)
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigError(f"settings: {' '.join(str(error).split())}") from error
    # Who fetches the fits may not have the photos yet.
    if OmegaConf.is_missing(composed.dataset, "image_dir"):
        composed.dataset.image_dir = "images"
    return load_config(composed)
