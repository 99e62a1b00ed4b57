"""Which output formats hold what is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from render.errors import ConfigError
from render.labels.layer import KEYPOINTS
from render.sheet.view import VIEWS
from render.write.format import FORMATS, Format

if TYPE_CHECKING:
    from render.config.schema import Config


def check_labels(config: Config) -> None:
    """Raises ConfigError, naming the key, for formats and settings that are of pictures alone.

    Args:
        config: The settings of a job that makes labels.
    """
    name, chosen = config.output.format, FORMATS.load(config.output.format)
    if chosen.encode_layers is None:
        raise ConfigError(
            f"output: {name} holds no label layers, and job={config.job.name} makes some; use "
            f"{name_formats(lambda other: other.encode_layers is not None)}"
        )
    (panel,) = config.panel_specs()
    if not VIEWS.load(panel.viewpoint.name).over_photo:
        raise ConfigError(
            f"view: labels are of photos; expected camera, crop or crop:MAGNIFICATION, found {config.view!r}"
        )
    for spec in config.layer_specs():
        if spec.name != KEYPOINTS and spec.dtype not in chosen.layer_types:
            dtype = spec.dtype
            raise ConfigError(
                f"layers: {name} does not hold {spec.name} in {dtype}; use output="
                f"{name_formats(lambda other: dtype in other.layer_types)}"  # noqa: B023
            )
    if config.panels:
        raise ConfigError(
            f"panels: label sets have layers instead; expected none, found {config.panels[0]!r}; leave them "
            f"out, or choose another job, such as job=overlay"
        )
    for key, plain in (("annotate", []), ("frames", 1), ("motion", "turn"), ("supersample", 1)):
        found = getattr(config, key)
        if found != plain:
            raise ConfigError(f"{key}: labels take no more than {plain}, found {found}")


def name_formats(fits: Callable[[Format], bool]) -> str:
    """The formats that something holds of, in words.

    Args:
        fits: What holds of them; of one at least.
    """
    names = [name for name in FORMATS.names if fits(FORMATS.load(name))]
    return " or ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
