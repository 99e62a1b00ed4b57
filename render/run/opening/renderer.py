"""What draws the pictures of a run, out of all that the run has opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from render.annotate.find_marks import Annotations
from render.body.fit_bodies import FitBodies
from render.config.schema import Config
from render.fits.coco import CocoPerson
from render.library.renderer import BatchRenderer
from render.library.style import Style
from render.library.surface.reference import Reference
from render.photos.sources.source import PhotoSource
from render.run.opening.comparison import Comparison
from render.run.opening.inputs import Hardware
from render.run.opening.other_bodies import NO_OTHERS, OpenedOthers
from render.run.opening.surfaces import Surface


@dataclass(frozen=True)
class RunInputs:
    """All that a run has opened before its first sheet.

    Attributes:
        config: The settings.
        hardware: What draws, and where.
        bodies: Of the people.
        surface: What bodies are painted with.
        coco: COCO's annotations, by annotation id.
        photos: The photos.
        reference: What people are compared with; None where no panel shows errors.
        others: Bodies that some people of an audit are posed with too.
        comparison: Of job=compare; None for others.
    """

    config: Config
    hardware: Hardware
    bodies: FitBodies
    surface: Surface
    coco: Mapping[int, CocoPerson]
    photos: PhotoSource
    reference: Reference | None = None
    others: OpenedOthers = NO_OTHERS
    comparison: Comparison | None = None


def open_renderer(inputs: RunInputs) -> BatchRenderer:
    """What draws pictures as the settings have it."""
    config, surface = inputs.config, inputs.surface
    style = Style(config.opacity, config.edges, config.error_mm, config.rays)
    annotations = Annotations(tuple(config.annotate), inputs.coco)
    make = inputs.hardware.rasterizer.make
    return BatchRenderer(
        inputs.bodies, style, surface.charts, annotations, make, surface.texture, inputs.reference
    )
