"""Which output formats and settings hold what a run makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from render.errors import ConfigError
from render.labels.layer import KEYPOINTS, LayerSpec
from render.write.format import FORMATS, Format

# Of pictures alone, with what they are where nobody sets them.
_OF_PICTURES: dict[str, Any] = {"annotate": [], "frames": 1, "motion": "turn", "supersample": 1}


def check_layers(output: str, job: str, layers: tuple[LayerSpec, ...]) -> None:
    """Raises ConfigError, naming the key, where a format does not hold these layers.

    Args:
        output: The format's name.
        job: Its name, for the message.
        layers: Of label sets.
    """
    chosen = FORMATS.load(output)
    if chosen.encode_layers is None:
        raise ConfigError(
            f"output: {output} holds no label layers, and job={job} makes some; use "
            f"{name_formats(lambda other: other.encode_layers is not None)}"
        )
    for spec in layers:
        if spec.name != KEYPOINTS and spec.dtype not in chosen.layer_types:
            dtype = spec.dtype
            raise ConfigError(
                f"layers: output={output} does not hold {spec.name} in {dtype}; use output="
                f"{name_formats(lambda other: dtype in other.layer_types)}"  # noqa: B023
            )


def check_label_settings(settings: Mapping[str, Any]) -> None:
    """Raises ConfigError, naming the key, for settings that label sets do not take.

    Args:
        settings: All of them, by their keys.
    """
    panels = settings["panels"]
    if panels:
        raise ConfigError(
            f"panels: label sets have layers instead; expected none, found {panels[0]!r}; leave them out, or "
            f"choose another job, such as job=overlay"
        )
    for key, plain in _OF_PICTURES.items():
        if settings[key] != plain:
            raise ConfigError(
                f"{key}: label sets are of still pictures without annotations, with a sample a pixel; "
                f"expected {plain}, found {settings[key]}"
            )


def name_formats(fits: Callable[[Format], bool]) -> str:
    """The formats that something holds of, in words.

    Args:
        fits: What holds of them; of one at least.
    """
    names = [name for name in FORMATS.names if fits(FORMATS.load(name))]
    return " or ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
