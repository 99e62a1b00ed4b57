"""Which kernels a run launches, as its settings have it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import warp as wp

from render.config.schema import Config
from render.labels.layer import LayerSpec
from render.library.kernels import Shading, list_kernels, list_shadings
from render.library.label_renderer import list_drawn
from render.run.review.layers import find_review_layers
from render.sheet.panels import catches_shadow


class Drawn(NamedTuple):
    """What a run draws, for which kernels are made.

    Attributes:
        shadings: What its pixels are coloured by.
        has_ground: Whether a panel has the ground behind its bodies.
        layers: Of labels, as `list_drawn` has them.
        has_shadow: Whether a panel has the studio's shadows there.
    """

    shadings: list[Shading]
    has_ground: bool
    layers: list[LayerSpec]
    has_shadow: bool


def find_drawn(config: Config) -> Drawn:
    """What a run with these settings draws."""
    specs = config.panel_specs()
    is_drawn = config.job.product not in ("audit", "labels")
    asked = find_layers(config)
    return Drawn(
        list_shadings(specs, config.supersample, config.edges, config.rays) if is_drawn else [],
        any(spec.background == "ground" for spec in specs),
        list_drawn(asked) if asked else [],
        any(catches_shadow(spec) for spec in specs),
    )


def find_layers(config: Config) -> tuple[LayerSpec, ...]:
    """The layers that a run draws: those that are asked for, or the masks of a review."""
    return find_review_layers(config) if config.job.is_review else config.layer_specs()


def list_run_kernels(config: Config) -> dict[str, Callable[[], wp.Module]]:
    """The modules that a run with these settings launches on its device; see `list_kernels`."""
    drawn = find_drawn(config)
    return list_kernels(drawn.shadings, config.rasterizer, drawn.has_ground, drawn.layers, drawn.has_shadow)
