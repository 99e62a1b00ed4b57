"""One batch of sheets, from fits to pixels, on the CPU or on a GPU."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from render.annotate.find_marks import Annotations, mark_people
from render.annotate.find_shown import ShownShot, find_seen
from render.annotate.marks import PersonMarks
from render.body.fit_bodies import FitBodies, PosingGroup
from render.compute.steps import Step, Steps
from render.compute.transfer import DeviceQueue
from render.library.chunks import annotate_panel, draw_chunks
from render.library.poser import BatchPoser, Undrawable, find_undrawable
from render.library.style import Style
from render.library.surface.reference import Reference
from render.rasterize.backends import warp
from render.rasterize.edge_pixels.edge_pixels import EdgePixels
from render.rasterize.rasterizer import Rasterizer
from render.shade.resolve import Resolver
from render.sheet.canvas import count_channels, cut_sheets, lay_out_canvas
from render.sheet.framing import Batch
from render.sheet.ground.layer import GroundLayer
from render.sheet.ground.real_cameras import see_grounds
from render.sheet.ground.shadow_layer import ShadowLayer
from render.sheet.lighting.lighting import Lighting
from render.sheet.staging import ShotChunk, StagedBatch
from render.types.bodies import Charts, TextureMap

PLAIN = Style()
NO_ANNOTATIONS = Annotations()


@dataclass(frozen=True)
class _Prepared:
    """A batch with what fills and what shades its chunks."""

    staged: StagedBatch
    rasterizer: Rasterizer
    resolver: Resolver
    edges: EdgePixels | None
    chunks: list[ShotChunk]
    marks: list[list[PersonMarks]]
    seen: list[ShownShot | None]
    grounds: list[Callable[[], None]]
    lights: list[Callable[[], None]]
    shadows: list[Callable[[], None]]


class BatchRenderer(BatchPoser):
    """Draws batches of sheets on one device.

    Args:
        bodies: What poses the people of the fits.
        style: How colours are laid on.
        charts: Of their topology, None where no mode needs them.
        annotations: Over all panels but labels.
        rasterizer: See `choose_rasterizer`.
        texture: Of their topology, None where no mode needs it.
        reference: What the people are compared with; None where no mode needs it.

    Attributes:
        device: Where the bodies are, and where batches are drawn.
    """

    def __init__(
        self,
        bodies: FitBodies,
        style: Style = PLAIN,
        charts: Charts | None = None,
        annotations: Annotations = NO_ANNOTATIONS,
        rasterizer: type[Rasterizer] = warp.Rasterizer,
        texture: TextureMap | None = None,
        reference: Reference | None = None,
    ) -> None:
        super().__init__(bodies, charts, rasterizer, texture)
        self._style = style
        self._annotations = annotations
        self._reference = reference

    def draw(self, batch: Batch, pixels: torch.Tensor, queue: DeviceQueue) -> Steps[list[Undrawable | None]]:
        """Steps that draw the batch over the backgrounds in `pixels`, in place.

        The same inputs give the same bytes in any batch and with any number of threads. The host waits for
        the device once, at the end; also before if there are annotations, and for each chunk with smooth
        edges.

        Args:
            batch: The sheets, their shots and their people.
            pixels: The sheets one after the other, uint8, as `render.sheet.canvas` lays them out, on the
                device or on the CPU, then pinned if the device is a GPU.
            queue: From `open_queue`.

        Returns:
            For each sheet None, or whose body is too far off to be drawn.
        """
        groups = yield from self.pose(batch, queue)
        if self._reference is not None:
            groups = yield from self._reference.measure(batch.fits, groups, queue)
        # The same tensor where the pixels are on the device already.
        on_device = queue.call(pixels.to, self.device, non_blocking=True)
        (prepared,) = yield Step("project", [partial(queue.call, self._prepare, batch, groups, on_device)])
        if prepared.lights:
            yield Step("light", [partial(queue.call, shine) for shine in prepared.lights])
        if prepared.grounds:
            yield Step("ground", [partial(queue.call, lay) for lay in prepared.grounds])
        if prepared.shadows:
            yield Step("shadow", [partial(queue.call, lay) for lay in prepared.shadows])
        yield Step(
            "draw",
            [
                partial(
                    queue.call,
                    draw_chunks,
                    chunks,
                    prepared.rasterizer,
                    prepared.resolver,
                    self.device,
                    prepared.edges,
                )
                for chunks in self.group_chunks(prepared.chunks)
            ],
        )
        (reach,) = yield Step("download", [partial(self._fetch, queue, prepared, on_device, pixels)])
        # Strokes are painted on the CPU, when the pixels are there.
        if prepared.marks:
            sheets = cut_sheets(pixels.numpy(), batch.sheets, count_channels(batch.sheets))
            yield Step(
                "annotate",
                [
                    partial(
                        annotate_panel,
                        sheets[shot.sheet],
                        panel,
                        prepared.marks[k],
                        self._annotations.names,
                        prepared.seen[k],
                    )
                    for k, shot in enumerate(batch.shots)
                    for panel in shot.panels
                ],
            )
        return find_undrawable(batch, prepared.staged.placement_list, reach)

    def _prepare(self, batch: Batch, groups: list[PosingGroup], pixels: torch.Tensor) -> _Prepared:
        staged = self.stage(batch, groups)
        canvas = lay_out_canvas(batch.sheets, batch.shots, pixels, count_channels(batch.sheets))
        lighting, shadows = Lighting(staged, self._style.rays), ShadowLayer(staged, canvas)
        scene = staged.view_scene(lighting.light, self._style.error_mm)
        marks: list[list[PersonMarks]] = []
        seen: list[ShownShot | None] = []
        if self._annotations.names:
            marks = mark_people(staged, self.bodies.find_anatomies(batch.fits), self._annotations)
            seen = find_seen(staged, self._annotations.names, self._style.error_mm)
        return _Prepared(
            staged=staged,
            rasterizer=self.make_rasterizer(staged.placements, staged.layout),
            resolver=Resolver(scene, staged.layout, canvas, self._style.opacity),
            edges=staged.find_edges() if self._style.edges == "smooth" else None,
            chunks=staged.list_chunks(lighting.has_rays, canvas.shot_section),
            marks=marks,
            seen=seen,
            grounds=GroundLayer(
                batch.shots, batch.first, staged.bodies, staged.stage, see_grounds(staged), canvas
            ).list_tasks(),
            lights=lighting.list_tasks() + shadows.list_light_tasks(),
            shadows=shadows.list_tasks(),
        )

    def _fetch(
        self, queue: DeviceQueue, prepared: _Prepared, on_device: torch.Tensor, pixels: torch.Tensor
    ) -> np.ndarray:
        """Waits for the device; returns the placements' least and greatest x and y, (D, 4)."""
        # Queued before the wait, so that the host waits once.
        low, high = prepared.staged.placements.low, prepared.staged.placements.high
        reach = queue.download(queue.call(torch.cat, [low[:, :2], high[:, :2]], 1))
        if on_device.device != pixels.device:
            queue.download(on_device, pixels)
        queue.wait()
        return reach.numpy()
