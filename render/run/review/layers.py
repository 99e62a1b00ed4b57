"""What reviews draw of people: masks, and parts where these are compared."""

from __future__ import annotations

import logging

from render.body.fit_bodies import FitBodies
from render.config.schema import Config
from render.errors import BodyModelError
from render.labels.layer import AMODAL, LayerSpec

log = logging.getLogger("render")

# The masks of people, whoever stands before them; and SMPL's joints, where parts of bodies are compared.
MASKS, SKIN_PARTS = LayerSpec(AMODAL, "8"), LayerSpec("skin_parts", "8")


def find_review_layers(config: Config) -> tuple[LayerSpec, ...]:
    """The layers of an audit or a comparison."""
    return (MASKS,) if config.segmentation_dir is None else (MASKS, SKIN_PARTS)


def drop_missing_parts(layers: tuple[LayerSpec, ...], bodies: FitBodies) -> tuple[LayerSpec, ...]:
    """These layers, without parts where a body has none, which is said."""
    if SKIN_PARTS not in layers:
        return layers
    try:
        bodies.check_skin_parts()
    except BodyModelError as error:
        log.warning("parts of bodies are not compared with those in dataset.segmentation_dir: %s", error)
        return tuple(layer for layer in layers if layer != SKIN_PARTS)
    return layers
