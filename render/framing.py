"""What the panels of a batch show: who is on them, and what their views may know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from render.body.extent import Extents, measure_extents
from render.camera import find_sheet_crop, place_in_photo
from render.crowd import Frames, frame_people, order_people
from render.types import Bodies, Cameras, Charts, FitTable, Panel, People, Sheet
from render.views import VIEWS, Shot


@dataclass(frozen=True)
class Batch:
    """Sheets, their panels and their people, counted through.

    panels: index of the sheet, and the panel, those of one mode side by side. fits: the people of all sheets,
    one after the other. groups: for each sheet, which of them are its own. crops: of each sheet, as
    `find_sheet_crop` gives them.
    """

    sheets: list[Sheet]
    panels: list[tuple[int, Panel]]
    fits: FitTable
    groups: list[range]
    crops: list[tuple[np.ndarray, float]]

    def photo_to_panel(self, k: int) -> tuple[float, np.ndarray]:
        """Zoom and offset (2,) from the photo's pixels to those of panel k, which lies over it."""
        i, panel = self.panels[k]
        if panel.viewpoint.name != "crop":
            return 1.0, np.zeros(2)
        corner, side = self.crops[i]
        zoom = panel.rect.h / side
        return zoom, -zoom * corner


def make_batch(fits: FitTable, sheets: list[Sheet]) -> Batch:
    """Gathers the people of `sheets`, which name them by their place in `fits`."""
    panels = [(i, panel) for i, sheet in enumerate(sheets) for panel in sheet.panels]
    ends = np.cumsum([len(sheet.fits) for sheet in sheets]).tolist()
    groups = [range(end - len(sheet.fits), end) for sheet, end in zip(sheets, ends, strict=True)]
    people = fits.take(np.array([fit for sheet in sheets for fit in sheet.fits]))
    return Batch(
        sheets=sheets,
        panels=sorted(panels, key=lambda entry: entry[1].mode),
        fits=people,
        groups=groups,
        crops=[find_sheet_crop(people.take(slice(g.start, g.stop))) for g in groups],
    )


def list_draws(batch: Batch, device: torch.device) -> tuple[torch.Tensor, torch.Tensor, People]:
    """The body and the panel of each draw, int32 (D,), and who it shows."""
    pairs = [(m, k) for k, (i, _) in enumerate(batch.panels) for m in batch.groups[i]]
    instance = [m - batch.groups[i].start + 1 for i, _ in batch.panels for m in batch.groups[i]]
    body, panel = torch.tensor(pairs, dtype=torch.int32, device=device).T.contiguous()
    row = torch.from_numpy(batch.fits.row.astype(np.int32)).to(device)
    people = People(instance=torch.tensor(instance, dtype=torch.int32, device=device), row=row[body.long()])
    return body, panel, people


def frame_draws(
    batch: Batch, bodies: Bodies, charts: Charts | None, body: torch.Tensor, panel: torch.Tensor
) -> Cameras:
    """The camera of each draw: each view frames its own draws, and they go back in order."""
    shot = _make_shot(batch, bodies, charts, body.long(), panel.tolist())
    views = [batch.panels[k][1].viewpoint.name for k in panel.tolist()]
    names = sorted(set(views))
    rows = [[d for d, view in enumerate(views) if view == name] for name in names]
    parts = [VIEWS[name].frame(shot.take(index)) for name, index in zip(names, rows, strict=True)]
    order = torch.tensor([d for index in rows for d in index], device=body.device).argsort()
    return Cameras(
        **{name: torch.cat([getattr(part, name) for part in parts])[order] for name in Cameras.SHAPES}
    )


def _make_shot(
    batch: Batch, bodies: Bodies, charts: Charts | None, body: torch.Tensor, panel: list[int]
) -> Shot:
    device = body.device
    scale, origin_xy = (torch.from_numpy(a).to(device) for a in place_in_photo(batch.fits))
    uniform = torch.ones(bodies.verts.shape[1], dtype=torch.float64, device=device)
    extents = measure_extents(bodies.verts, uniform)
    depth_shift = order_people(scale, extents.low, extents.high, batch.groups)
    origin = torch.cat([origin_xy, depth_shift[:, None]], 1)
    frames = _frame_groups(batch, extents, scale, origin)
    center_px, radius_px = frames.center[body], frames.radius[body]
    if charts is not None:
        # The original centres this mode on the corners of its faces, others on the vertices.
        of_charts = _frame_groups(batch, measure_extents(bodies.verts, charts.corner_count), scale, origin)
        is_densepose = [batch.panels[k][1].mode == "densepose" for k in panel]
        mask = torch.tensor(is_densepose, device=device)
        center_px = torch.where(mask[:, None], of_charts.center[body], center_px)
        radius_px = torch.where(mask, of_charts.radius[body], radius_px)

    told = [_describe_panel(batch, k) for k in range(len(batch.panels))]
    columns = torch.tensor(told, dtype=torch.float64, device=device)[panel]
    return Shot(
        scale_px=scale[body],
        origin_px=origin[body],
        center_px=center_px,
        extent_px=frames.extent[body],
        radius_px=radius_px,
        size_px=columns[:, :2],
        zoom=columns[:, 2],
        offset_px=columns[:, 3:5],
        azimuth_rad=columns[:, 5].deg2rad(),
        elevation_rad=columns[:, 6].deg2rad(),
        perspective=columns[:, 7],
    )


def _frame_groups(batch: Batch, extents: Extents, scale: torch.Tensor, origin: torch.Tensor) -> Frames:
    center, low, high = (origin + scale[:, None] * place for place in extents[:3])
    return frame_people(Extents(center, low, high, scale * extents.radius), batch.groups)


def _describe_panel(batch: Batch, k: int) -> list[float]:
    """Width, height, zoom, offset, azimuth, elevation, perspective."""
    panel = batch.panels[k][1]
    rect, viewpoint = panel.rect, panel.viewpoint
    zoom, offset = batch.photo_to_panel(k)
    return [
        rect.w,
        rect.h,
        zoom,
        *offset.tolist(),
        viewpoint.azimuth_deg,
        viewpoint.elevation_deg,
        0.0 if viewpoint.is_orthographic else 1.0,
    ]
