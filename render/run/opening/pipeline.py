"""What makes the products of a run: pictures by the CPU's codecs or a GPU's, labels, or meshes."""

from __future__ import annotations

from typing import Protocol

from render.compute.steps import Steps
from render.config.made.decoder import keeps_photo
from render.errors import ConfigError
from render.library.label_renderer import LabelRenderer
from render.library.poser import BatchPoser
from render.photos.behind_sheets import PhotoReader
from render.photos.gpu.device_decoder import open_device_decoder
from render.run.labels.pipeline import LabelPipeline
from render.run.meshes.pipeline import MeshPipeline
from render.run.opening.renderer import RunInputs, open_renderer
from render.run.opening.reviews import open_audit, open_compare
from render.run.pipelines import DevicePipeline, Finish, HostPipeline
from render.sheet.framing import Batch
from render.sheet.layout import shows_photo
from render.write.device_encoder import open_device_encoder
from render.write.format import FORMATS
from render.write.products import ProductWriter
from render.write.writer import SheetWriter


class Pipeline(Protocol):
    """Makes the products of one batch of sheets after the other."""

    def make(self, batch: Batch) -> Steps[None]:
        """Steps that make the files of all sheets of the batch."""
        ...


def open_pipeline(inputs: RunInputs, products: ProductWriter, finish: Finish) -> Pipeline:
    """What makes the products that the settings ask for.

    Args:
        inputs: Of the run.
        products: Writes the files.
        finish: Called once for each sheet, from any thread.
    """
    config, make = inputs.config, inputs.hardware.rasterizer.make
    chosen, options = FORMATS.load(config.output.format), config.output.options()
    if config.job.product == "labels":
        layers = config.layer_specs()
        surface = inputs.surface
        labels = LabelRenderer(inputs.bodies, layers, surface.charts, make, surface.texture)
        # Settings are checked before.
        assert chosen.encode_layers is not None
        return LabelPipeline(labels, layers, chosen.encode_layers, products, finish)
    if config.job.product == "audit":
        return open_audit(inputs, finish)
    if config.job.product == "meshes":
        return MeshPipeline(config, BatchPoser(inputs.bodies, None, make), products, finish)
    if inputs.comparison is not None:
        return open_compare(inputs, inputs.comparison, products, finish)
    renderer = open_renderer(inputs)
    specs = config.panel_specs()
    reader = PhotoReader(shows_photo(specs), config.damaged_photos == "draw", inputs.photos)
    writer = SheetWriter(products, config.output.format, options)
    decoder = open_device_decoder(renderer.device) if config.decoder == "gpu" else None
    # Annotations are painted on the CPU.
    if chosen.gpu_codec is not None and keeps_photo(specs) and not config.annotate:
        encoder = open_device_encoder(renderer.device)
        if encoder is not None:
            codec = chosen.gpu_codec
            return DevicePipeline(renderer, encoder, codec, options, reader, writer, finish, decoder)
    if decoder is not None:
        raise ConfigError(
            "decoder: gpu is for sheets that the GPU encodes too, and it cannot; use decoder=cpu"
        )
    return HostPipeline(renderer, reader, writer, finish)
