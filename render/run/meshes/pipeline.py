"""How a batch comes to its files of meshes: its people are posed, and each product is encoded and written."""

from __future__ import annotations

from functools import partial

import numpy as np

from render.compute.steps import Step, Steps
from render.config.schema import Config
from render.library.poser import BatchPoser
from render.run.meshes.pose import PosedBody, pose_bodies
from render.run.meshes.scene import ScenePeople
from render.run.pipelines import Finish, write_sheet
from render.sheet.framing import Batch
from render.types.meshes import MeshScene
from render.types.products import ProductFile
from render.write.format import FORMATS
from render.write.products import ProductWriter


class MeshPipeline:
    """Bodies are posed side by side; nothing is drawn, and no photo is decoded.

    Args:
        config: The settings.
        poser: Of the bodies.
        products: What writes the files.
        finish: Called once for each product, from any thread.
    """

    def __init__(
        self,
        config: Config,
        poser: BatchPoser,
        products: ProductWriter,
        finish: Finish,
    ) -> None:
        chosen = FORMATS.load(config.output.format)
        # What the settings have been checked for.
        assert chosen.encode_meshes is not None
        self._encode = chosen.encode_meshes
        self._frame = config.frame
        self._has_cameras = chosen.holds_cameras
        self._poser = poser
        self._products = products
        self._finish = finish

    def make(self, batch: Batch) -> Steps[None]:
        """Steps that make the files of all products of the batch, whose sheets have no panels."""
        posed = yield from pose_bodies(self._poser, batch, self._frame)
        yield Step(
            "encode",
            [
                partial(write_sheet, sheet, None, None, partial(self._write, batch, i, posed), self._finish)
                for i, sheet in enumerate(batch.sheets)
            ],
        )

    def _write(self, batch: Batch, sheet: int, posed: list[PosedBody]) -> tuple[ProductFile, ...]:
        scene = ScenePeople(self._frame, has_normals=True, has_cameras=self._has_cameras)
        scene.add(batch, sheet, posed)
        files = self._encode(MeshScene(self._frame, tuple(scene.people), scene.cameras, np.zeros(2)))
        return self._products.write(batch.sheets[sheet].name, files)
