"""One batch of label sets, from fits to the planes of their layers, on the CPU or on a GPU."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import torch

from render.body.fit_bodies import FitBodies, PosingGroup
from render.compute.steps import Step, Steps
from render.compute.transfer import DeviceQueue, upload
from render.labels.keypoints import find_visibility, join_keypoints, measure_radii
from render.labels.layer import ALPHA, AMODAL, KEYPOINTS, LayerSpec
from render.labels.point import LabelBodies
from render.labels.write_layers import Planes
from render.library.label_chunks import LabelDrawing
from render.library.poser import BatchPoser, Undrawable, find_undrawable
from render.rasterize.backends import warp
from render.rasterize.project import project_points
from render.rasterize.rasterizer import Rasterizer
from render.sheet.framing import Batch
from render.sheet.staging import StagedBatch
from render.types.bodies import Bodies, Charts
from render.types.labels import Plane

# What the sidecar of a product and its keypoints are made of, whatever layers it has.
INSTANCE, DEPTH, IUV = LayerSpec("instance", "16"), LayerSpec("depth", "float"), LayerSpec("iuv", "8")


@dataclass(frozen=True)
class LabelSet:
    """The labels of a sheet, on the CPU.

    Attributes:
        planes: Those that were asked for, in that order; of amodal masks one for each person.
        instance: (H, W) uint16, 0 where nobody is, else 1 for the first of the people, and so on.
        amodal: (P, H, W) bool, the mask of each person as if alone; None where it was not asked for.
        iuv: (H, W, 3) uint8, DensePose's labels; None where they were not asked for.
        keypoints: (P, J, 3) x, y in pixels and how they are seen, see `join_keypoints`; J is 0 where they
            were not asked for.
    """

    planes: tuple[Plane, ...]
    instance: np.ndarray
    amodal: np.ndarray | None
    iuv: np.ndarray | None
    keypoints: np.ndarray


def list_drawn(layers: tuple[LayerSpec, ...]) -> list[LayerSpec]:
    """What is drawn for these layers and for the sidecar of a product.

    Args:
        layers: Those that are asked for.
    """
    names = {spec.name for spec in layers}
    drawn = [spec for spec in layers if spec.name != KEYPOINTS]
    drawn += [INSTANCE] + [DEPTH] * (KEYPOINTS in names) + [IUV] * ("iuv" in names)
    # Each once; what is asked for in several types is drawn in each.
    return list(dict.fromkeys(drawn))


class LabelRenderer(BatchPoser):
    """Draws batches of label sets on one device.

    Args:
        bodies: What poses the people of the fits.
        layers: What is to be drawn of each sheet.
        charts: Of their topology, None where no layer needs them.
        rasterizer: See `choose_rasterizer`.
    """

    def __init__(
        self,
        bodies: FitBodies,
        layers: tuple[LayerSpec, ...],
        charts: Charts | None = None,
        rasterizer: type[Rasterizer] = warp.Rasterizer,
    ) -> None:
        super().__init__(bodies, charts, rasterizer)
        self._layers = layers
        names = {spec.name for spec in layers}
        self.has_amodal, self.has_keypoints = AMODAL in names, KEYPOINTS in names
        lone = [spec for spec in layers if spec.name == AMODAL]
        self._drawn = tuple(spec for spec in list_drawn(layers) if spec not in lone)

    def draw(self, batch: Batch, queue: DeviceQueue) -> Steps[list[LabelSet | Undrawable]]:
        """Steps that draw the labels of a batch.

        Args:
            batch: The sheets, each with one panel, and their people; with shots of one person each if amodal
                masks are asked for.
            queue: From `open_queue`.

        Returns:
            Of each sheet the labels, or whose body is too far off to be drawn.
        """
        groups = yield from self.pose(batch, queue)
        (prepared,) = yield Step("project", [partial(queue.call, self._prepare, batch, groups)])
        staged, drawing, planes, lone, radius = prepared
        yield Step(
            "draw",
            [partial(queue.call, drawing.draw, chunks) for chunks in self.group_chunks(staged.list_chunks())],
        )
        (found,) = yield Step("download", [partial(self._fetch, queue, staged, planes, lone, radius)])
        return found

    def _prepare(
        self, batch: Batch, groups: list[PosingGroup]
    ) -> tuple[StagedBatch, LabelDrawing, list[Planes], Planes | None, torch.Tensor | None]:
        staged = self.stage(batch, groups)
        sizes = np.array([shot.size_px for shot in batch.shots])
        is_lone = np.array([shot.person is not None for shot in batch.shots])
        planes = [Planes(spec, np.where(is_lone[:, None], 0, sizes), self.device) for spec in self._drawn]
        lone = None
        if is_lone.any():
            lone = Planes(LayerSpec(AMODAL, "8"), np.where(is_lone[:, None], sizes, 0), self.device)
        has_alpha = any(spec.name == ALPHA for spec in self._drawn)
        drawing = LabelDrawing(
            self.make_rasterizer(staged.placements, staged.layout),
            staged.layout,
            staged.view_scene(),
            self._describe_bodies(batch, staged.bodies),
            planes,
            lone,
            staged.find_edges() if has_alpha else None,
        )
        radius = _measure_radii(groups, staged.bodies) if self.has_keypoints else None
        return staged, drawing, planes, lone, radius

    def _describe_bodies(self, batch: Batch, bodies: Bodies) -> LabelBodies:
        cameras = batch.cameras
        transl_m = np.where(cameras.is_pinhole[:, None], cameras.transl_m, 0.0).astype(np.float32)
        skin_part = skin_row = None
        if any("weights" in spec.layer.needs for spec in self._drawn):
            parts, rows = self.bodies.find_skin_parts(batch.fits)
            skin_part, skin_row = upload(parts, self.device), upload(rows, self.device)
        return LabelBodies(
            bodies=bodies,
            transl_m=upload(transl_m, self.device),
            world_rotation=upload(batch.fits.world_rotation.astype(np.float32), self.device),
            skin_part=skin_part,
            skin_row=skin_row,
        )

    def _fetch(
        self,
        queue: DeviceQueue,
        staged: StagedBatch,
        planes: list[Planes],
        lone: Planes | None,
        radius: torch.Tensor | None,
    ) -> list[LabelSet | Undrawable]:
        """Waits for the device; the labels of each sheet."""
        placements, batch = staged.placements, staged.batch
        reach = queue.download(queue.call(torch.cat, [placements.low[:, :2], placements.high[:, :2]], 1))
        drawn = {of.spec: of.cut(queue.download(of.values)) for of in planes}
        masks = [] if lone is None else lone.cut(queue.download(lone.values))
        joints = None if radius is None else self._download_joints(queue, staged, radius)
        queue.wait()
        lost = find_undrawable(batch, staged.placement_list, reach.numpy())
        shots = {(shot.sheet, shot.person): k for k, shot in enumerate(batch.shots)}
        found: list[LabelSet | Undrawable] = []
        for i, gone in enumerate(lost):
            if gone is not None:
                found.append(gone)
                continue
            k, people = shots[i, None], range(len(batch.sheets[i].fits))
            of_sheet = {spec: cut[k] for spec, cut in drawn.items()}
            amodal = None
            if self.has_amodal:
                # Who is alone is seen whole.
                alone = [masks[shots[i, person]] for person in people if (i, person) in shots]
                amodal = torch.stack(alone or [of_sheet[INSTANCE]] * len(people))[..., 0].numpy() > 0
            keypoints = np.zeros((len(people), 0, 3), np.float32)
            if joints is not None:
                mine = np.flatnonzero(staged.placement_list.shot == k)
                keypoints = _find_keypoints(joints.take(mine), of_sheet)
            found.append(
                LabelSet(
                    planes=tuple(self._list_planes(of_sheet, amodal)),
                    instance=of_sheet[INSTANCE][..., 0].numpy(),
                    amodal=amodal,
                    iuv=of_sheet[IUV].numpy() if IUV in of_sheet else None,
                    keypoints=keypoints,
                )
            )
        return found

    def _download_joints(self, queue: DeviceQueue, staged: StagedBatch, radius: torch.Tensor) -> _Joints:
        body = staged.body_index.long()
        joints = queue.call(torch.index_select, staged.bodies.joints, 0, body)
        points = queue.call(project_points, joints, staged.cameras)
        cameras = staged.batch.cameras
        away_m = np.where(cameras.is_pinhole, cameras.transl_m[:, 2], 0.0)[staged.placement_list.body]
        depth = queue.download(joints[..., 2]) + torch.from_numpy(away_m.astype(np.float32))[:, None]
        return _Joints(queue.download(points), depth, queue.download(radius[body]))

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


class _Joints(NamedTuple):
    """Joints of placements: (D, J, 2) pixels, (D, J) depths and (D, J) radii, m."""

    xy_px: torch.Tensor
    depth_m: torch.Tensor
    radius_m: torch.Tensor

    def take(self, index: np.ndarray) -> _Joints:
        """Those of some placements."""
        return _Joints(*(of[torch.from_numpy(index)] for of in self))


def _find_keypoints(joints: _Joints, of_sheet: dict[LayerSpec, torch.Tensor]) -> np.ndarray:
    instance, depth_m = (of_sheet[spec][..., 0] for spec in (INSTANCE, DEPTH))
    visibility = find_visibility(*joints, instance, depth_m)
    return join_keypoints(joints.xy_px, visibility).numpy()


def _measure_radii(groups: list[PosingGroup], bodies: Bodies) -> torch.Tensor:
    """(M, J) m, of each person's own vertices: bodies of several topologies have those of others too."""
    radius = torch.full(bodies.joints.shape[:2], torch.nan, device=bodies.joints.device)
    for group in groups:
        of_group = measure_radii(group.bodies.joints, group.bodies.verts)
        radius[upload(group.index, radius.device), : of_group.shape[1]] = of_group
    return radius
