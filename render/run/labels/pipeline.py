"""How a batch of sheets comes to the files of its label sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from render.compute.steps import Step, Steps
from render.errors import SheetError
from render.labels.layer import MOST, LayerSpec
from render.labels.people import SIDECAR
from render.library.label_renderer import LabelRenderer, LabelSet
from render.library.poser import Undrawable
from render.run.labels.sidecars import Sidecars
from render.run.pipelines import Finish, write_sheet
from render.sheet.framing import Batch, lacks_crops
from render.sheet.shots import add_lone_shots
from render.types.labels import Plane
from render.types.products import ProductFile
from render.types.sheets import Sheet
from render.write.format import Encoded
from render.write.products import ProductWriter


class LabelPipeline:
    """Labels are drawn where the bodies are, and encoded on the CPU.

    Args:
        renderer: Draws the layers.
        layers: Those that are asked for.
        encode: From the planes of a product to its files, by what their names end with.
        writer: Writes them, and the sidecar beside them.
        finish: Called once for each sheet, from any thread.
    """

    def __init__(
        self,
        renderer: LabelRenderer,
        layers: tuple[LayerSpec, ...],
        encode: Callable[[Sequence[Plane]], dict[str, Encoded]],
        writer: ProductWriter,
        finish: Finish,
    ) -> None:
        self._renderer = renderer
        self._layers = layers
        self._specs = {spec.name: spec for spec in layers}
        self._encode = encode
        self._writer = writer
        self._finish = finish

    def make(self, batch: Batch) -> Steps[None]:
        """Steps that make the files of all sheets of the batch."""
        queue = self._renderer.open_queue()
        if lacks_crops(batch):
            batch = yield from self._renderer.find_crops(batch, queue)
        if self._renderer.has_amodal:
            batch = replace(batch, shots=add_lone_shots(batch.shots, batch.sheets))
        sidecars = Sidecars(batch, self._layers, self._renderer.bodies)
        with self._renderer.lend() as loan:
            drawn = yield from self._renderer.draw(batch, loan, queue)
            yield Step(
                "encode",
                [
                    partial(self._write, sheet, partial(sidecars.format, i), drawn[i])
                    for i, sheet in enumerate(batch.sheets)
                ],
            )

    def _write(
        self, sheet: Sheet, describe: Callable[[LabelSet], bytes], found: LabelSet | Undrawable
    ) -> None:
        def write() -> tuple[ProductFile, ...]:
            assert isinstance(found, LabelSet)
            # First, for it says who cannot have a layer.
            sidecar = describe(found)
            for plane in found.planes:
                if plane.name in self._specs:
                    _check_range(self._specs[plane.name], plane)
            return self._writer.write(sheet.name, {**self._encode(found.planes), SIDECAR: sidecar})

        write_sheet(sheet, None, found if isinstance(found, Undrawable) else None, write, self._finish)


def _check_range(spec: LayerSpec, plane: Plane) -> None:
    """Raises SheetError for values that the type of a plane does not hold."""
    store, most = spec.store, MOST.get(spec.precision, 0.0)
    if store.refuses_most and plane.values.max(initial=0) == most:
        raise SheetError(
            f"{spec.name}: expected up to {(most - 1) / store.scale[0]:g}, the most that {spec.precision} "
            f"bits hold ({spec.layer.unit}), found more; check the camera, or use {spec.name}:float with "
            f"output=exr or npz"
        )
