"""Which output formats hold what is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

from render.errors import ConfigError
from render.write.format import FORMATS, Format

if TYPE_CHECKING:
    from render.config.schema import Config


def check_meshes(config: Config) -> None:
    """Raises ConfigError, naming the key, for formats and settings that are of pictures alone.

    Args:
        config: The settings of a job that makes meshes.
    """
    name, chosen = config.output.format, FORMATS.load(config.output.format)
    if config.panels:
        raise ConfigError(
            f"panels: a job of meshes draws nothing; expected none, found {config.panels[0]!r}; leave them "
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
    if config.frames > 1:
        raise ConfigError(f"frames: bodies of meshes do not turn; expected 1, found {config.frames}")
    if config.motion == "sequence" and not chosen.holds_frames:
        raise ConfigError(
            f"output: {name} does not hold the frames of a sequence; use "
            f"{name_formats(lambda other: other.holds_meshes and other.holds_frames)}"
        )
    if chosen.encode_meshes is None and config.motion != "sequence":
        raise ConfigError(
            f"output: {name} holds the poses of a sequence; add motion=sequence, or use "
            f"{name_formats(lambda other: other.encode_meshes is not None)}"
        )
    if chosen.encode_meshes is None and config.frame == "model":
        raise ConfigError(f"frame: {name} holds poses in a world whose y is up; expected camera, found model")


def name_formats(fits: Callable[[Format], bool]) -> str:
    """The formats that something holds of, in words.

    Args:
        fits: What holds of them; of one at least.
    """
    names = [name for name in FORMATS.names if fits(FORMATS.load(name))]
    return " or ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
