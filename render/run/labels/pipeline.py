"""How a batch of sheets comes to the files of its label sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from render.compute.steps import Step, Steps
from render.errors import SheetError
from render.labels.layer import LayerSpec
from render.labels.people import SIDECAR, format_sidecar
from render.labels.picture import Crop, LabelledPerson, Picture
from render.library.label_renderer import LabelRenderer, LabelSet
from render.library.poser import Undrawable
from render.run.labels.demands import find_unmet
from render.run.pipelines import Finish, write_sheet
from render.sheet.framing import Batch, lacks_crops
from render.sheet.shots import add_lone_shots
from render.types.fits import Fits
from render.types.labels import Plane
from render.types.products import ProductFile
from render.write.format import Encoded
from render.write.products import ProductWriter

# Metric depth in 16 bits is in millimetres.
_MOST_DEEP_M = 65.534


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
        drawn = yield from self._renderer.draw(batch, queue)
        yield Step("encode", [partial(self._write, batch, i, found) for i, found in enumerate(drawn)])

    def _write(self, batch: Batch, i: int, found: LabelSet | Undrawable) -> None:
        def write() -> tuple[ProductFile, ...]:
            assert isinstance(found, LabelSet)
            return self._write_files(batch, i, found)

        lost = found if isinstance(found, Undrawable) else None
        write_sheet(batch.sheets[i], None, lost, write, self._finish)

    def _write_files(self, batch: Batch, i: int, found: LabelSet) -> tuple[ProductFile, ...]:
        sheet, people = batch.sheets[i], batch.fits.take(slice(int(batch.first[i]), int(batch.first[i + 1])))
        unmet = find_unmet(self._layers, people)
        if unmet is not None:
            raise SheetError(unmet)
        for plane in found.planes:
            _check_range(plane)
        files: dict[str, Encoded] = dict(self._encode(found.planes))
        names = self._renderer.bodies.find_joint_names(people)
        # Others of the batch may have more joints.
        keypoints = found.keypoints[:, : len(names)]
        files[SIDECAR] = format_sidecar(
            _describe_picture(batch, i, str(people.image_name[0])),
            [_describe_person(people, row) for row in range(len(people))],
            found.instance,
            keypoints,
            names[: keypoints.shape[1]],
            found.amodal,
            found.iuv,
        )
        return self._writer.write(sheet.name, files)


def _check_range(plane: Plane) -> None:
    """Raises SheetError for depths that 16 bits do not hold."""
    is_in_bits = plane.name == "depth" and plane.values.dtype == np.uint16
    if is_in_bits and plane.values.max(initial=0) > 1000 * _MOST_DEEP_M:
        raise SheetError(
            f"depth: expected up to {_MOST_DEEP_M} m, the most that 16 bits hold in millimetres, found more; "
            f"check the camera, or use depth:float with output=exr or npz"
        )


def _describe_picture(batch: Batch, i: int, image_name: str) -> Picture:
    sheet = batch.sheets[i]
    height, width = sheet.photo_hw
    (panel,) = sheet.panels
    shot = next(one for one in batch.shots if one.sheet == i)
    if not shot.view.is_crop:
        return Picture(image_name, width, height)
    zoom, offset = batch.photo_to_shot(shot)
    corner = -offset / zoom
    crop = Crop((float(corner[0]), float(corner[1])), zoom, panel.rect.w, panel.rect.h)
    return Picture(image_name, width, height, crop)


def _describe_person(people: Fits, row: int) -> LabelledPerson:
    left, top, side = people.box_px[row].tolist()
    return LabelledPerson(
        row=int(people.row[row]),
        annot_id=int(people.annot_id[row]),
        person=int(people.person[row]),
        box_xywh=(left, top, side, side) if np.isfinite(side) else None,
    )
