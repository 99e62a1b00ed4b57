"""What the panels of a batch show: who is on them, and what their views may know."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import torch

from render.body.extent import Extents, measure_extents
from render.compute.transfer import upload
from render.shade.mode import MODES
from render.sheet.crops import find_sheet_crops
from render.sheet.group_extents import Frames, frame_people
from render.sheet.photo_cameras import PixelCameras, find_cameras
from render.sheet.place_people import People3D, find_boxes, place_people
from render.sheet.view import VIEWS
from render.sheet.view_cameras import ViewInputs
from render.types.bodies import Bodies, Charts
from render.types.fits import Fits
from render.types.placements import Cameras
from render.types.sheets import Panel, Sheet

# Stands for the size of a photo on which nothing depends.
NO_PICTURE_HW = (1000, 1000)


@dataclass(frozen=True)
class Batch:
    """Sheets, their panels and their people, counted through.

    Attributes:
        sheets: The sheets.
        panels: Index of the sheet, and the panel, those of one mode side by side.
        fits: The people of all sheets, one after the other.
        first: (sheets + 1,), index of the first of each sheet, and the end.
        cameras: Of the people, in pixels.
        crops: Corners and sides, as `find_sheet_crops` gives them; NaN where a box is not known.
    """

    sheets: list[Sheet]
    panels: list[tuple[int, Panel]]
    fits: Fits
    first: np.ndarray
    cameras: PixelCameras
    crops: tuple[np.ndarray, np.ndarray]

    def photo_to_panel(self, k: int) -> tuple[float, np.ndarray]:
        """From the photo's pixels to those of a panel that lies over it.

        Args:
            k: The panel's index.

        Returns:
            Zoom and offset (2,): zoom * x + offset.
        """
        i, panel = self.panels[k]
        if not VIEWS.load(panel.viewpoint.name).is_crop:
            return 1.0, np.zeros(2)
        corner, side = self.crops
        zoom = panel.rect.h / float(side[i])
        return zoom, -zoom * corner[i]


def make_batch(fits: Fits, sheets: list[Sheet]) -> Batch:
    """Gathers the people of sheets.

    Args:
        fits: All that there are.
        sheets: Name their people by their place in `fits`.
    """
    panels = [(i, panel) for i, sheet in enumerate(sheets) for panel in sheet.panels]
    first = np.cumsum([0, *(len(sheet.fits) for sheet in sheets)])
    people = fits.take(np.array([fit for sheet in sheets for fit in sheet.fits]))
    # Where no panel depends on the photo its size is not known, and any other does.
    picture_hw = np.array([sheet.photo_hw if sheet.photo_hw[0] else NO_PICTURE_HW for sheet in sheets])
    return Batch(
        sheets=sheets,
        # Chunks are of one mode, for each mode has a kernel of its own.
        panels=sorted(panels, key=lambda entry: entry[1].mode),
        fits=people,
        first=first,
        cameras=find_cameras(people, first, picture_hw),
        crops=find_sheet_crops(people.box_px, first),
    )


def lacks_crops(batch: Batch) -> bool:
    """Whether a panel shows a crop that the fits do not have; `find_crops` has it."""
    is_lost = np.isnan(batch.crops[1])
    return any(is_lost[i] and VIEWS.load(panel.viewpoint.name).is_crop for i, panel in batch.panels)


def find_crops(batch: Batch, bodies: Bodies) -> Batch:
    """The batch with crops around bodies whose fits have no boxes.

    Args:
        batch: The sheets, their panels and their people.
        bodies: In the order of the batch's people.
    """
    uniform = torch.ones(bodies.verts.shape[1], dtype=torch.float64, device=bodies.verts.device)
    people = place_people(batch.cameras, measure_extents(bodies.verts, uniform), batch.first)
    found = find_boxes(people, bodies.verts).cpu().numpy()
    # A body that is nowhere on its photo leaves any crop empty.
    found = np.where(np.isnan(found), [0.0, 0.0, 1.0], found)
    box_px = np.where(np.isnan(batch.fits.box_px), found, batch.fits.box_px)
    return replace(batch, crops=find_sheet_crops(box_px, batch.first))


class PlacementList(NamedTuple):
    """Who is drawn where, int32 (D,) each, in the order of the panels.

    Attributes:
        body: Index into the batch's people.
        panel: Index into the batch's panels.
        instance: 1, 2, ... within its sheet.
        row: In the fit file.
        colour: See `People`.
    """

    body: np.ndarray
    panel: np.ndarray
    instance: np.ndarray
    row: np.ndarray
    colour: np.ndarray


class _ToldPanel(NamedTuple):
    """What views are told of a panel: numbers, or columns of them with one for each placement."""

    width: Any
    height: Any
    zoom: Any
    offset_x: Any
    offset_y: Any
    azimuth_deg: Any
    elevation_deg: Any
    is_perspective: Any
    centers_on_charts: Any


def list_placements(batch: Batch) -> PlacementList:
    """Each person of a sheet on each of its panels."""
    shown = np.array([i for i, _ in batch.panels])
    count = np.diff(batch.first)[shown]
    panel = np.repeat(np.arange(len(shown)), count)
    # 0, 1, ... anew on each panel.
    instance = np.arange(len(panel)) - np.repeat(np.cumsum(count) - count, count)
    body = batch.first[shown][panel] + instance
    row, identity = batch.fits.row[body], batch.fits.identity[body]
    # A person of a sequence has a row for each frame.
    colour = np.where(identity >= 0, identity, row)
    return PlacementList(*(a.astype(np.int32) for a in (body, panel, instance + 1, row, colour)))


def frame_cameras(
    batch: Batch, bodies: Bodies, charts: Charts | None, placements: PlacementList, body: torch.Tensor
) -> Cameras:
    """The camera of each placement.

    Args:
        batch: The sheets, their panels and their people.
        bodies: In the order of the batch's people.
        charts: None where no mode needs them.
        placements: Who is drawn where.
        body: Their column `body`, on the bodies' device.
    """
    # Views share functions, as `orbit` and `top` do; each is called once.
    of_panels = [VIEWS.load(panel.viewpoint.name).load_frame() for _, panel in batch.panels]
    frames = list(dict.fromkeys(of_panels))
    told = [_describe_panel(batch, k) for k in range(len(batch.panels))]
    # One copy to the device: a column for each thing that is told of a panel, and one for the number of its
    # frame.
    columns = np.array([[*panel, frames.index(frame)] for panel, frame in zip(told, of_panels, strict=True)])
    *fields, chosen = upload(columns[placements.panel], body.device).T
    inputs = _gather_inputs(batch, bodies, charts, body.long(), _ToldPanel(*fields))
    # Each view frames all placements, and each placement takes its own.
    cameras = frames[0](inputs)
    for i, frame in enumerate(frames[1:], start=1):
        is_own = chosen == i
        other = frame(inputs)
        cameras = Cameras(
            **{
                name: torch.where(
                    is_own.view(-1, *[1] * (value.ndim - 1)), getattr(other, name), value
                ).contiguous()
                for name in Cameras.SHAPES
                for value in [getattr(cameras, name)]
            }
        )
    return cameras


def _gather_inputs(
    batch: Batch, bodies: Bodies, charts: Charts | None, body: torch.Tensor, told: _ToldPanel
) -> ViewInputs:
    device = body.device
    # Every vertex counts once.
    uniform = torch.ones(bodies.verts.shape[1], dtype=torch.float64, device=device)
    extents = measure_extents(bodies.verts, uniform)
    people = place_people(batch.cameras, extents, batch.first)
    frames = _frame_groups(batch, extents, people)
    center_px, radius_px = frames.center[body], frames.radius[body]
    if charts is not None:
        # The original centres this mode on the corners of its faces, others on the vertices.
        of_charts = _frame_groups(batch, measure_extents(bodies.verts, charts.corner_count), people)
        on_charts = told.centers_on_charts > 0
        center_px = torch.where(on_charts[:, None], of_charts.center[body], center_px)
        radius_px = torch.where(on_charts, of_charts.radius[body], radius_px)
    return ViewInputs(
        **{name: getattr(people, name)[body] for name in People3D._fields},
        center_px=center_px,
        extent_px=frames.extent[body],
        radius_px=radius_px,
        size_px=torch.stack([told.width, told.height], 1),
        zoom=told.zoom,
        offset_px=torch.stack([told.offset_x, told.offset_y], 1),
        azimuth_rad=told.azimuth_deg.deg2rad(),
        elevation_rad=told.elevation_deg.deg2rad(),
        perspective=told.is_perspective,
    )


def _frame_groups(batch: Batch, extents: Extents, people: People3D) -> Frames:
    scale, origin = people.scale_px, people.origin_px
    center, low, high = (origin + scale[:, None] * place for place in extents[:3])
    return frame_people(Extents(center, low, high, scale * extents.radius), batch.first)


def _describe_panel(batch: Batch, k: int) -> _ToldPanel:
    panel = batch.panels[k][1]
    rect, viewpoint = panel.rect, panel.viewpoint
    zoom, (offset_x, offset_y) = batch.photo_to_panel(k)
    return _ToldPanel(
        width=rect.w,
        height=rect.h,
        zoom=zoom,
        offset_x=offset_x,
        offset_y=offset_y,
        azimuth_deg=viewpoint.azimuth_deg,
        elevation_deg=viewpoint.elevation_deg,
        is_perspective=0.0 if viewpoint.is_orthographic else 1.0,
        centers_on_charts=1.0 if MODES.load(panel.mode).centers_on_charts else 0.0,
    )
