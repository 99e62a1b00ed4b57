"""Which output formats hold what is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
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


def check_meshes(name: str, panels: list[str], frames: int, motion: str, frame: str) -> None:
    """Raises ConfigError, naming the key, where a job of meshes has settings that are of pictures alone.

    Args:
        name: Of the output format.
        panels: Of the job.
        frames: Of a turn.
        motion: As `Config` has it, and so `frame`.
        frame: Likewise.
    """
    chosen = FORMATS.load(name)
    if panels:
        raise ConfigError(
            f"panels: a job of meshes draws nothing; expected none, found {panels[0]!r}; leave them "
            f"out, or choose another job, such as job=overlay"
        )
    if not chosen.holds_meshes:
        raise ConfigError(
            f"output: {name} holds pictures, and job=meshes makes none; use "
            f"{name_formats(lambda other: other.holds_meshes)}"
        )
    if chosen.package is not None and find_spec(chosen.package) is None:
        raise ConfigError(
            f"output: {name} needs the package {chosen.package}, which is not installed; pip install "
            f"{chosen.package}, or 'smpl-render[meshes]'"
        )
    if frames > 1:
        raise ConfigError(f"frames: bodies of meshes do not turn; expected 1, found {frames}")
    if motion == "sequence" and not chosen.holds_motion:
        raise ConfigError(
            f"output: {name} does not hold the frames of a sequence; use "
            f"{name_formats(lambda other: other.holds_motion)}"
        )
    if chosen.encode_meshes is None and motion != "sequence":
        raise ConfigError(
            f"output: {name} holds the poses of a sequence; add motion=sequence, or use "
            f"{name_formats(lambda other: other.encode_meshes is not None)}"
        )
    if chosen.encode_meshes is None and frame == "model":
        raise ConfigError(f"frame: {name} holds poses in a world whose y is up; expected camera, found model")


def name_formats(fits: Callable[[Format], bool]) -> str:
    """The formats that something holds of, in words.

    Args:
        fits: What holds of them; of one at least.
    """
    names = [name for name in FORMATS.names if fits(FORMATS.load(name))]
    return " or ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
