"""What makes the products of a run: pictures by the CPU's codecs or a GPU's, labels, or meshes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from render.annotate.find_marks import Annotations
from render.body.fit_bodies import FitBodies
from render.compute.steps import Steps
from render.config.schema import Config
from render.fits.coco import CocoPerson
from render.library.label_renderer import LabelRenderer
from render.library.poser import BatchPoser
from render.library.renderer import BatchRenderer
from render.library.style import Style
from render.library.surface.reference import Reference
from render.photos.behind_sheets import PhotoReader
from render.photos.sources.source import PhotoSource
from render.review.table import make_audit_table
from render.run.labels.pipeline import LabelPipeline
from render.run.layouts import open_layout
from render.run.meshes.pipeline import MeshPipeline
from render.run.opening.comparison import Comparison
from render.run.opening.inputs import Hardware, find_layers, open_segmentations
from render.run.opening.other_bodies import NO_OTHERS, OpenedOthers
from render.run.opening.surfaces import Surface
from render.run.pipelines import DevicePipeline, Finish, HostPipeline
from render.run.review.compare.numbers import PairMeasurer
from render.run.review.compare.partners import Partners
from render.run.review.compare.pipeline import ComparePipeline, PairPictures
from render.run.review.describe import Describer
from render.run.review.layers import drop_missing_parts
from render.run.review.other_bodies import OtherBodies
from render.run.review.pipeline import AuditPipeline
from render.sheet.framing import Batch
from render.sheet.layout import shows_photo
from render.sheet.view import VIEWS
from render.write.device_encoder import open_device_encoder
from render.write.format import FORMATS
from render.write.products import ProductWriter
from render.write.writer import SheetWriter


class Pipeline(Protocol):
    """Makes the products of one batch of sheets after the other."""

    def make(self, batch: Batch) -> Steps[None]:
        """Steps that make the files of all sheets of the batch."""
        ...


def open_renderer(
    config: Config,
    bodies: FitBodies,
    surface: Surface,
    coco: Mapping[int, CocoPerson],
    hardware: Hardware,
    reference: Reference | None = None,
) -> BatchRenderer:
    """What draws pictures as the settings have it."""
    style = Style(config.opacity, config.edges, config.error_mm, config.rays)
    annotations = Annotations(tuple(config.annotate), coco)
    make = hardware.rasterizer.make
    return BatchRenderer(bodies, style, surface.charts, annotations, make, surface.texture, reference)


def open_pipeline(
    config: Config,
    bodies: FitBodies,
    surface: Surface,
    coco: Mapping[int, CocoPerson],
    hardware: Hardware,
    photos: PhotoSource,
    products: ProductWriter,
    finish: Finish,
    reference: Reference | None = None,
    others: OpenedOthers = NO_OTHERS,
    comparison: Comparison | None = None,
) -> Pipeline:
    """What makes the products that the settings ask for.

    Args:
        config: The settings.
        bodies: Of the fits.
        surface: What they are painted with.
        coco: COCO's annotations of the people.
        hardware: What it is computed on.
        photos: Where photos are.
        products: Writes the files.
        finish: Called once for each sheet, from any thread.
        reference: What people are compared with; None where no panel shows errors.
        others: Bodies that some people of an audit are posed with too.
        comparison: Of job=compare; None for others.
    """
    chosen, options = FORMATS.load(config.output.format), config.output.options()
    if config.job.product == "labels":
        layers = config.layer_specs()
        make = hardware.rasterizer.make
        labels = LabelRenderer(bodies, layers, surface.charts, make, surface.texture)
        # Settings are checked before.
        assert chosen.encode_layers is not None
        return LabelPipeline(labels, layers, chosen.encode_layers, products, finish)
    if config.job.product == "audit":
        audited = drop_missing_parts(find_layers(config), bodies)
        masks = LabelRenderer(bodies, audited, rasterizer=hardware.rasterizer.make)
        describer = Describer(bodies, coco, open_segmentations(config))
        return AuditPipeline(masks, describer, make_audit_table(), finish, OtherBodies(bodies, others))
    if config.job.product == "meshes":
        poser = BatchPoser(bodies, None, hardware.rasterizer.make)
        return MeshPipeline(config, poser, products, finish)
    if comparison is not None:
        return _open_compare(config, bodies, surface, coco, hardware, photos, products, finish, comparison)
    renderer = open_renderer(config, bodies, surface, coco, hardware, reference)
    specs = config.panel_specs()
    reader = PhotoReader(shows_photo(specs), config.damaged_photos == "draw", photos)
    writer = SheetWriter(products, config.output.format, options)
    # Crops are scaled on the CPU, photos fade there, and annotations are painted there.
    changes_photo = any(
        spec.leaves_photo or (spec.background == "photo" and VIEWS.load(spec.viewpoint.name).is_crop)
        for spec in specs
    )
    if chosen.gpu_codec is not None and not changes_photo and not config.annotate:
        encoder = open_device_encoder(renderer.device)
        if encoder is not None:
            return DevicePipeline(renderer, encoder, chosen.gpu_codec, options, reader, writer, finish)
    return HostPipeline(renderer, reader, writer, finish)


def _open_compare(
    config: Config,
    bodies: FitBodies,
    surface: Surface,
    coco: Mapping[int, CocoPerson],
    hardware: Hardware,
    photos: PhotoSource,
    products: ProductWriter,
    finish: Finish,
    comparison: Comparison,
) -> ComparePipeline:
    """As `open_pipeline`, of two fits of each person."""
    others = comparison.surface.paint(comparison.reference.bodies)
    layers = drop_missing_parts(drop_missing_parts(find_layers(config), bodies), others)
    make = hardware.rasterizer.make
    masks = LabelRenderer(bodies, layers, rasterizer=make), LabelRenderer(others, layers, rasterizer=make)
    measurer = PairMeasurer(masks, coco, comparison.methods, comparison.regressor, open_segmentations(config))
    lay_out = open_layout(config)
    partners = Partners(comparison.reference, lay_out, photos.has_photos, config.supersample)
    pictures = None
    specs = config.panel_specs()
    if specs:
        pictures = PairPictures(
            (
                open_renderer(config, bodies, surface, coco, hardware),
                open_renderer(config, others, comparison.surface, coco, hardware),
            ),
            PhotoReader(shows_photo(specs), config.damaged_photos == "draw", photos),
            SheetWriter(products, config.output.format, config.output.options()),
            comparison.methods.names,
        )
    return ComparePipeline(partners, measurer, pictures, finish)
