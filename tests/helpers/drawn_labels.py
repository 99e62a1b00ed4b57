"""Short ways to label sets of made people: drawn, and as numpy finds their values from fragments."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from render.body.fit_bodies import FitBodies
from render.compute.steps import run_steps
from render.labels.layer import parse_layers
from render.labels.plane_pool import PlaneLoan
from render.library.label_renderer import LabelRenderer, LabelSet
from render.library.poser import Undrawable
from render.rasterize.buffer import allocate_keys
from render.rasterize.fragments import read_fragments
from render.sheet.framing import Batch, make_batch
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import parse_panel
from render.sheet.shots import add_lone_shots
from render.sheet.staging import StagedBatch
from render.types.bodies import Charts, TextureMap
from render.types.buffer import Visibility
from render.types.fits import Fits
from render.types.fragments import Fragments
from render.types.sheets import Sheet

IDENTITY = (1.0, 0.0)


def lay_out_labels(
    people: Sequence[Sequence[int]], hw: tuple[int, int] | Sequence[tuple[int, int]], view: str = "camera"
) -> list[Sheet]:
    """A sheet of one panel for each group of people, as the job labels has it."""
    sizes = [hw] * len(people) if isinstance(hw[0], int) else hw
    specs = (parse_panel(f"{view}/depth"),)
    return [
        lay_out_sheet(str(i), None, size, specs, tuple(who), columns=1)
        for i, (who, size) in enumerate(zip(people, sizes, strict=True))
    ]


def gather(fits: Fits, sheets: list[Sheet], layers: Sequence[str]) -> Batch:
    batch = make_batch(fits, sheets)
    if "amodal" in layers:
        batch = replace(batch, shots=add_lone_shots(batch.shots, batch.sheets))
    return batch


def draw_labels(
    bodies: FitBodies,
    fits: Fits,
    sheets: list[Sheet],
    layers: Sequence[str],
    charts: Charts | None = None,
    texture: TextureMap | None = None,
) -> list[LabelSet | Undrawable]:
    """In one batch and one thread."""
    renderer = LabelRenderer(bodies, parse_layers(list(layers)), charts, texture=texture)
    return run_steps(renderer.draw(gather(fits, sheets, layers), keep_loan(renderer), renderer.open_queue()))


def keep_loan(renderer: LabelRenderer) -> PlaneLoan:
    """Memory that is never given back."""
    return renderer.lend().__enter__()


def read_planes(labels: LabelSet) -> dict[str, np.ndarray]:
    """The values by the names of the layers; (H, W) of those with one channel."""
    return {
        plane.name: plane.values[..., 0] if len(plane.channels) == 1 else plane.values
        for plane in labels.planes
    }


class Scene(NamedTuple):
    """A batch with what is in front at each of its covered pixels."""

    staged: StagedBatch
    fragments: Fragments

    def find_at(self, sheet: int) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
        """Which of the fragments are on a sheet's first shot, and their rows and columns."""
        index = np.flatnonzero(self.fragments.shot.numpy() == sheet)
        x, y = self.fragments.pixel.numpy()[index].T
        return index, (y, x)


def read_scene(
    bodies: FitBodies,
    fits: Fits,
    sheets: list[Sheet],
    charts: Charts | None = None,
    texture: TextureMap | None = None,
) -> Scene:
    renderer = LabelRenderer(bodies, parse_layers(["instance"]), charts, texture=texture)
    batch = make_batch(fits, sheets)
    queue = renderer.open_queue()
    staged = renderer.stage(batch, run_steps(renderer.pose(batch, queue)))
    (whole,) = staged.rows.split(range(len(batch.shots)), 2**40, 2**40)
    keys = allocate_keys([whole], renderer.device)
    renderer.make_rasterizer(staged.placements, staged.layout).open(False, keys)(whole)
    return Scene(staged, read_fragments(staged.placements, staged.layout, Visibility(keys, whole)))


class Twin:
    """The layers' values at fragments, in float64, from what is known of bodies and fits.

    Args:
        scene: The fragments and the bodies.
        skin_part: (V,) of the model.
    """

    def __init__(self, scene: Scene, skin_part: np.ndarray | None = None) -> None:
        staged, fragments = scene
        fits, cameras = staged.batch.fits, staged.batch.cameras
        self.placement = fragments.placement.numpy()
        self.body = staged.placement_list.body[self.placement]
        self.instance = staged.placement_list.instance[self.placement]
        self.face, self.bary = fragments.face.numpy(), fragments.bary.numpy().astype(np.float64)
        self.corners = staged.bodies.faces.numpy()[self.face]
        self.verts = self._mix(staged.bodies.verts.numpy())
        away = np.where(cameras.is_pinhole[:, None], cameras.transl_m, 0)
        self.position = self.verts + away[self.body]
        normal = self._mix(staged.bodies.normals.numpy())
        self.normal = normal / np.linalg.norm(normal, axis=1, keepdims=True)
        self.world_normal = (fits.world_rotation[self.body] @ self.normal[..., None])[..., 0]
        depth = fragments.depth.numpy().astype(np.float64)
        shot = fragments.shot.numpy()
        low, high = staged.layout.depth_range.numpy().astype(np.float64)[shot].T
        self.nearness = 1 - np.clip((depth - low) / np.where(high > low, high - low, 1), 0, 1) * (
            65534 / 65535
        )
        if staged.charts is not None:
            self.part = staged.charts.part.numpy()[self.face]
            self.chart_uv = (self.bary[..., None] * staged.charts.uv.numpy()[self.face]).sum(1)
        if staged.texture is not None:
            self.uv = (self.bary[..., None] * staged.texture.uv.numpy()[self.face]).sum(1)
        if skin_part is not None:
            self.skin_part = skin_part[
                np.take_along_axis(self.corners, self.bary.argmax(1)[:, None], 1)[:, 0]
            ]

    def _mix(self, of_verts: np.ndarray) -> np.ndarray:
        corners = of_verts[self.body[:, None], self.corners].astype(np.float64)
        return (self.bary[..., None] * corners).sum(1)

    def find(self, layer: str) -> np.ndarray:
        """(P, C) values of a layer."""
        found: Any = {
            "bary": lambda: self.bary,
            "depth": lambda: self.position[:, 2],
            "depth_relative": lambda: self.nearness,
            "face": lambda: self.face + 1,
            "instance": lambda: self.instance,
            "iuv": lambda: np.column_stack([self.part, self.chart_uv]) * (self.part > 0)[:, None],
            "normal": lambda: self.normal,
            "normal_world": lambda: self.world_normal,
            "parts": lambda: self.part,
            "position": lambda: self.position,
            "silhouette": lambda: np.ones(len(self.face)),
            "skin_parts": lambda: self.skin_part,
            "uv": lambda: self.uv,
        }[layer]()
        return found.reshape(len(self.face), -1).astype(np.float64)
