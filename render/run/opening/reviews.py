"""What measures people: for an audit, and for a comparison."""

from __future__ import annotations

from dataclasses import replace

from render.library.label_renderer import LabelRenderer
from render.photos.behind_sheets import PhotoReader
from render.review.table import make_audit_table
from render.run.kernels.drawn import find_layers
from render.run.layouts import open_layout
from render.run.opening.comparison import Comparison
from render.run.opening.inputs import open_segmentations
from render.run.opening.renderer import RunInputs, open_renderer
from render.run.pipelines import Finish
from render.run.review.compare.numbers import PairMeasurer
from render.run.review.compare.partners import Partners
from render.run.review.compare.pipeline import ComparePipeline, PairPictures
from render.run.review.describe import Describer
from render.run.review.layers import drop_missing_parts
from render.run.review.other_bodies import OtherBodies
from render.run.review.pipeline import AuditPipeline
from render.sheet.layout import shows_photo
from render.write.products import ProductWriter
from render.write.writer import SheetWriter


def open_audit(inputs: RunInputs, finish: Finish) -> AuditPipeline:
    """What measures the people of a run, image by image.

    Args:
        inputs: Of the run.
        finish: Called once for each image, from any thread.
    """
    layers = drop_missing_parts(find_layers(inputs.config), inputs.bodies)
    masks = LabelRenderer(inputs.bodies, layers, rasterizer=inputs.hardware.rasterizer.make)
    describer = Describer(inputs.bodies, inputs.coco, open_segmentations(inputs.config))
    others = OtherBodies(inputs.bodies, inputs.others)
    return AuditPipeline(masks, describer, make_audit_table(), finish, others)


def open_compare(
    inputs: RunInputs, comparison: Comparison, products: ProductWriter, finish: Finish
) -> ComparePipeline:
    """What measures two fits of each person, and draws them side by side where there are panels.

    Args:
        inputs: Of the run.
        comparison: The other fits, and what they are compared by.
        products: Writes the pictures.
        finish: Called once for each person, from any thread.
    """
    config, make = inputs.config, inputs.hardware.rasterizer.make
    there = replace(
        inputs, bodies=comparison.surface.paint(comparison.reference.bodies), surface=comparison.surface
    )
    layers = drop_missing_parts(drop_missing_parts(find_layers(config), inputs.bodies), there.bodies)
    here_masks, there_masks = (LabelRenderer(one.bodies, layers, rasterizer=make) for one in (inputs, there))
    segmentations = open_segmentations(config)
    measurer = PairMeasurer(
        (here_masks, there_masks), inputs.coco, comparison.methods, comparison.regressor, segmentations
    )
    has_photos = inputs.photos.has_photos
    partners = Partners(comparison.reference, open_layout(config), has_photos, config.supersample)
    pictures = None
    specs = config.panel_specs()
    if specs:
        pictures = PairPictures(
            (open_renderer(inputs), open_renderer(there)),
            PhotoReader(shows_photo(specs), config.damaged_photos == "draw", inputs.photos),
            SheetWriter(products, config.output.format, config.output.options()),
            comparison.methods.names,
        )
    return ComparePipeline(partners, measurer, pictures, finish)
