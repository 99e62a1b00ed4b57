"""One batch of label sets, from fits to the planes of their layers, on the CPU or on a GPU."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from render.body.fit_bodies import FitBodies, PosingGroup
from render.compute.steps import Step, Steps
from render.compute.transfer import DeviceQueue, upload
from render.errors import ConfigError
from render.labels.keypoints import JointProbe
from render.labels.layer import ALPHA, AMODAL, DENSEPOSE, KEYPOINTS, MOST, LayerSpec
from render.labels.plane_pool import PlaneLoan, PlanePool
from render.labels.point import LabelBodies
from render.labels.write_layers import Planes
from render.library.label_chunks import LabelDrawing
from render.library.poser import BatchPoser, Undrawable, find_undrawable
from render.rasterize.backends import warp
from render.rasterize.rasterizer import Rasterizer
from render.sheet.framing import Batch
from render.sheet.staging import StagedBatch
from render.types.bodies import Charts, TextureMap
from render.types.labels import Plane

# What the sidecar of a product is made of: the first whatever layers it has, the other if it has charts.
INSTANCE, IUV = LayerSpec("instance", "16"), LayerSpec("iuv", "8")
# Which does not hold the ids of all bodies.
FACE = LayerSpec("face", "16")


@dataclass(frozen=True)
class LabelSet:
    """The labels of a sheet, on the CPU, in memory that is lent.

    Attributes:
        planes: Those that were asked for, in that order; of amodal masks one for each person.
        instance: (H, W) uint16, 0 where nobody is, else 1 for the first of the people, and so on.
        amodal: (P, H, W) bool, the mask of each person as if alone; None where it was not asked for.
        iuv: (H, W, 3) uint8, DensePose's labels for the sidecar; None where they were not asked for.
        keypoints: (P, J, 3) x, y in pixels and how they are seen, see `JointProbe.judge`; J is 0 where they
            were not asked for.
    """

    planes: tuple[Plane, ...]
    instance: np.ndarray
    amodal: np.ndarray | None
    iuv: np.ndarray | None
    keypoints: np.ndarray


@dataclass(frozen=True)
class _Prepared:
    """A batch with what draws its labels and where these are."""

    staged: StagedBatch
    drawing: LabelDrawing
    planes: list[Planes]
    lone: Planes | None
    probe: JointProbe | None


def list_drawn(layers: tuple[LayerSpec, ...]) -> list[LayerSpec]:
    """What is drawn for these layers and for the sidecar of a product.

    Args:
        layers: Those that are asked for.
    """
    names = {spec.name for spec in layers}
    drawn = [spec for spec in layers if not spec.is_in_sidecar]
    drawn += [INSTANCE] + [IUV] * (DENSEPOSE in names)
    # Each once; what is asked for in several types is drawn in each.
    return list(dict.fromkeys(drawn))


class LabelRenderer(BatchPoser):
    """Draws batches of label sets on one device.

    Args:
        bodies: What poses the people of the fits.
        layers: What is to be drawn of each sheet.
        charts: Of their topology, None where no layer needs them.
        rasterizer: See `choose_rasterizer`.
        texture: Of their topology, for its UV map; None where no layer needs that.

    Raises:
        BodyModelError: A body has no parts for skin_parts.
        ConfigError: A body has more faces than the layer of them holds.
    """

    def __init__(
        self,
        bodies: FitBodies,
        layers: tuple[LayerSpec, ...],
        charts: Charts | None = None,
        rasterizer: type[Rasterizer] = warp.Rasterizer,
        texture: TextureMap | None = None,
    ) -> None:
        super().__init__(bodies, charts, rasterizer, texture)
        self._layers = layers
        names = {spec.name for spec in layers}
        self.has_amodal, self.has_keypoints = AMODAL in names, KEYPOINTS in names
        self._has_densepose = DENSEPOSE in names
        self._pool = PlanePool(self.device)
        lone = [spec for spec in layers if spec.name == AMODAL]
        self._drawn = tuple(spec for spec in list_drawn(layers) if spec not in lone)
        self._needs_parts = any("weights" in spec.layer.needs for spec in self._drawn)
        # Before anything is drawn.
        if self._needs_parts:
            bodies.check_skin_parts()
        most = max((len(model.faces) for model in bodies.models), default=0)
        if FACE in layers and most > MOST[FACE.precision]:
            raise ConfigError(
                f"layers: face is written in 16 bits, for bodies of up to {MOST[FACE.precision]:.0f} faces, "
                f"found one of {most}; use face:32"
            )

    def lend(self) -> AbstractContextManager[PlaneLoan]:
        """Memory for the labels of one batch, which are gone at the end of the block."""
        return self._pool.lend()

    def draw(self, batch: Batch, loan: PlaneLoan, queue: DeviceQueue) -> Steps[list[LabelSet | Undrawable]]:
        """Steps that draw the labels of a batch.

        Args:
            batch: The sheets, each with one panel, and their people; with the shots of `add_lone_shots` if
                amodal masks are asked for.
            loan: From `lend`.
            queue: From `open_queue`.

        Returns:
            Of each sheet the labels, or whose body is too far off to be drawn.
        """
        groups = yield from self.pose(batch, queue)
        found = yield from self.draw_posed(batch, groups, loan, queue)
        return found

    def draw_posed(
        self, batch: Batch, groups: list[PosingGroup], loan: PlaneLoan, queue: DeviceQueue
    ) -> Steps[list[LabelSet | Undrawable]]:
        """Steps that draw the labels of a batch whose people are posed; see `draw`."""
        (prepared,) = yield Step("project", [partial(queue.call, self._prepare, batch, groups, loan)])
        if prepared.probe is not None:
            yield Step("project", [partial(queue.call, task) for task in prepared.probe.list_tasks()])
        chunks = self.group_chunks(prepared.staged.list_chunks())
        yield Step("draw", [partial(queue.call, prepared.drawing.draw, part) for part in chunks])
        (found,) = yield Step("download", [partial(self._fetch, queue, prepared)])
        return found

    def _prepare(self, batch: Batch, groups: list[PosingGroup], loan: PlaneLoan) -> _Prepared:
        staged = self.stage(batch, groups)
        loan.layout = staged.layout
        sizes = np.array([shot.size_px for shot in batch.shots])
        is_lone = np.array([shot.person is not None for shot in batch.shots])
        planes = [loan.make(spec, np.where(is_lone[:, None], 0, sizes)) for spec in self._drawn]
        lone = probe = None
        if is_lone.any():
            lone = loan.make(LayerSpec(AMODAL, "8"), np.where(is_lone[:, None], sizes, 0))
        # Those on panels come first.
        count = int(np.count_nonzero(~is_lone[staged.placement_list.shot]))
        if self.has_keypoints and count and staged.bodies.joints.shape[1]:
            probe = JointProbe(staged.bodies, staged.cameras, staged.placements, staged.layout, count)
        has_alpha = any(spec.name == ALPHA for spec in self._drawn)
        drawing = LabelDrawing(
            self.make_rasterizer(staged.placements, staged.layout),
            staged.layout,
            staged.view_scene(),
            self._describe_bodies(staged),
            planes,
            lone,
            staged.find_all_edges() if has_alpha else None,
            probe,
        )
        return _Prepared(staged, drawing, planes, lone, probe)

    def _describe_bodies(self, staged: StagedBatch) -> LabelBodies:
        fits, cameras = staged.batch.fits, staged.batch.cameras
        transl_m = np.where(cameras.is_pinhole[:, None], cameras.transl_m, 0.0).astype(np.float32)
        skin_part = skin_row = None
        if self._needs_parts:
            parts, rows = self.bodies.find_skin_parts(fits)
            skin_part, skin_row = upload(parts, self.device), upload(rows, self.device)
        return LabelBodies(
            bodies=staged.bodies,
            transl_m=upload(transl_m[staged.placement_list.body], self.device),
            world_rotation=upload(fits.world_rotation.astype(np.float32), self.device),
            first_face=upload(self.bodies.find_first_faces(fits), self.device),
            skin_part=skin_part,
            skin_row=skin_row,
        )

    def _fetch(self, queue: DeviceQueue, prepared: _Prepared) -> list[LabelSet | Undrawable]:
        """Waits for the device; the labels of each sheet."""
        staged, lone, probe = prepared.staged, prepared.lone, prepared.probe
        placements, batch = staged.placements, staged.batch
        reach = queue.download(queue.call(torch.cat, [placements.low[:, :2], placements.high[:, :2]], 1))
        drawn = {of.spec: of.cut(queue.download(of.values)) for of in prepared.planes}
        masks = [] if lone is None else lone.cut(queue.download(lone.values))
        joints = None if probe is None else queue.download(queue.call(probe.judge))
        queue.wait()
        lost = find_undrawable(batch, staged.placement_list, reach.numpy())
        shots = {(shot.sheet, shot.person): k for k, shot in enumerate(batch.shots)}
        found: list[LabelSet | Undrawable] = []
        for i, gone in enumerate(lost):
            if gone is not None:
                found.append(gone)
                continue
            k, count = shots[i, None], len(batch.sheets[i].fits)
            of_sheet = {spec: cut[k] for spec, cut in drawn.items()}
            instance = of_sheet[INSTANCE][..., 0].numpy()
            amodal = None
            if self.has_amodal:
                # Who is alone on a sheet has no shot of his own, and is seen whole.
                alone = [masks[shots[i, person]][..., 0].numpy() for person in range(count) if count > 1]
                amodal = np.array(alone or [instance] * count).reshape(count, *instance.shape) > 0
            keypoints = np.zeros((count, 0, 3), np.float32)
            if joints is not None and count:
                first = np.searchsorted(staged.placement_list.shot, k)
                keypoints = joints[first : first + count].numpy()
            found.append(
                LabelSet(
                    planes=tuple(self._list_planes(of_sheet, amodal)),
                    instance=instance,
                    amodal=amodal,
                    iuv=of_sheet[IUV].numpy() if self._has_densepose else None,
                    keypoints=keypoints,
                )
            )
        return found

    def _list_planes(
        self, of_sheet: dict[LayerSpec, torch.Tensor], amodal: np.ndarray | None
    ) -> Iterator[Plane]:
        """The layers that were asked for."""
        for spec in self._layers:
            if spec.name == AMODAL and amodal is not None:
                for number, mask in enumerate(amodal, start=1):
                    yield Plane(f"{AMODAL}.{number}", spec.layer.channels, np.uint8(255) * mask[..., None])
            elif spec in of_sheet:
                yield Plane(spec.name, spec.layer.channels, of_sheet[spec].numpy())
