"""The cameras of a batch: of each body in each shot, and of what else is in the spaces that shots show."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np
import torch

from render.body.anatomy import Anatomy
from render.body.extent import measure_extents
from render.compute.transfer import upload
from render.sheet.around.fitted import ShotLooks, aim
from render.sheet.around.group_extents import Frames, frame_bodies
from render.sheet.around.scenes import Cylinders, Spaces, find_spaces, measure_cylinders, place_batch
from render.sheet.framing import Batch, PlacementList
from render.sheet.ground.homographies import see_stage
from render.sheet.ground.stage import Stage, find_stage
from render.sheet.place_people import People3D
from render.sheet.shots import Shot
from render.sheet.transition.cameras import blend_cameras, find_middles
from render.sheet.transition.course import move_camera
from render.sheet.view import Frame
from render.sheet.view_cameras import ViewInputs, around, enclose, make_cameras, over_photo, turn_view
from render.sheet.windows.cameras import look_through
from render.types.bodies import Bodies, Charts
from render.types.placements import Cameras


@dataclass(frozen=True)
class Framed:
    """How a batch is seen.

    Attributes:
        cameras: A row for each placement.
        shots: A row for each of the batch's shots: what `cameras` is for a body's vertices, this is for
            points of the space of the sheet's scene (see `Scenes`). NaN for shots that do not look around
            bodies, and for sheets of nobody of which no scene is known.
        stage: Where people and grounds are in these spaces.
    """

    cameras: Cameras
    shots: Cameras
    stage: Stage


class _ToldShot(NamedTuple):
    """What views are told of a shot: numbers, or columns of them with one for each placement or shot."""

    width: Any
    height: Any
    zoom: Any
    offset_x: Any
    offset_y: Any
    azimuth_deg: Any
    elevation_deg: Any
    is_perspective: Any
    centers_on_charts: Any


def frame_cameras(
    batch: Batch,
    bodies: Bodies,
    charts: Charts | None,
    placements: PlacementList,
    body: torch.Tensor,
    anatomies: list[Anatomy] | None = None,
) -> Framed:
    """The camera of each placement, and of each shot.

    Args:
        batch: The sheets, their shots and their people.
        bodies: In the order of the batch's people.
        charts: None where no mode needs them.
        placements: Who is drawn where.
        body: Their column `body`, on the bodies' device.
        anatomies: Where the bodies' joints are; without, up=body is the picture's.
    """
    device, body = body.device, body.long()
    # Views share functions, as `orbit` and `top` do; each is called once.
    of_shots = [shot.view.load_frame() for shot in batch.shots]
    frames = list(dict.fromkeys(of_shots))
    told = [_describe_shot(batch, shot) for shot in batch.shots]
    # One copy to the device: a column for each thing that is told of a shot, and one for the number of its
    # frame.
    columns = upload(
        np.array([[*one, frames.index(frame)] for one, frame in zip(told, of_shots, strict=True)]),
        device,
    )
    shot = upload(placements.shot.astype(np.int64), device)
    people, groups = place_batch(batch, bodies)
    spaces = find_spaces(batch, bodies, people, groups.center, anatomies)
    *fields, chosen = columns[shot].T
    inputs = _gather_inputs(batch, bodies, charts, body, _ToldShot(*fields), people, groups, spaces)
    # Each view frames all placements, and each placement takes its own.
    cameras = _choose(chosen, [frame(inputs) for frame in frames])
    *fields, chosen = columns.T
    told_shot = _ToldShot(*fields)
    seen = _frame_shots(batch, placements, inputs, groups.center[body], frames, chosen)
    cylinders = _find_cylinders(batch, bodies, spaces, anatomies)
    is_fitted = [batch.is_fitted and frame in (around, enclose) for frame in of_shots]
    if any(is_fitted):
        is_still = np.array(
            [batch.scenes is None and batch.sheets[one.sheet].frames == 1 for one in batch.shots]
        )
        still = upload(np.flatnonzero(is_still[placements.shot]), device)
        looks = _look_around(batch, told_shot, spaces, cylinders)
        aimed = aim(looks, batch.framing, bodies, spaces, shot[still], body[still])
        of_shot = upload(np.array(is_fitted), device)
        cameras = _choose(of_shot[shot], [cameras, aimed.see_people(spaces, shot, body)])
        seen = _choose(of_shot, [seen, aimed.see_space()])
    stage = find_stage(spaces, cylinders, batch.scenes)
    if any(one.leaves_photo for one in batch.shots):
        cameras, seen = _leave_photo(batch, bodies, placements, inputs, spaces, stage, cameras, seen)
    lies_over = upload(np.array([one.view.over_photo for one in batch.shots]), device)
    seen = _choose(lies_over, [seen, _see_nothing(len(batch.shots), device)])
    windows = [one.window for one in batch.shots]
    return Framed(
        cameras=look_through(cameras, windows, placements.shot),
        shots=look_through(seen, windows, np.arange(len(windows))),
        stage=stage,
    )


def _gather_inputs(
    batch: Batch,
    bodies: Bodies,
    charts: Charts | None,
    body: torch.Tensor,
    told: _ToldShot,
    people: People3D,
    groups: Frames,
    spaces: Spaces,
) -> ViewInputs:
    center_px, radius_px = groups.center[body], groups.radius[body]
    if charts is not None:
        # The original centres this mode on the corners of its faces, others on the vertices.
        of_charts = frame_bodies(measure_extents(bodies.verts, charts.corner_count), people, batch.first)
        on_charts = told.centers_on_charts > 0
        center_px = torch.where(on_charts[:, None], of_charts.center[body], center_px)
        radius_px = torch.where(on_charts, of_charts.radius[body], radius_px)
    return ViewInputs(
        **{name: getattr(people, name)[body] for name in People3D._fields},
        center_px=center_px,
        extent_px=groups.extent[body],
        radius_px=radius_px,
        size_px=torch.stack([told.width, told.height], 1),
        zoom=told.zoom,
        offset_px=torch.stack([told.offset_x, told.offset_y], 1),
        azimuth_rad=told.azimuth_deg.deg2rad(),
        elevation_rad=told.elevation_deg.deg2rad(),
        perspective=told.is_perspective,
        upright=spaces.upright[body],
        magnify=torch.full_like(told.zoom, batch.framing.zoom),
    )


def _frame_shots(
    batch: Batch,
    placements: PlacementList,
    inputs: ViewInputs,
    middle: torch.Tensor,
    frames: list[Frame],
    chosen: torch.Tensor,
) -> Cameras:
    """How views see the spaces of the sheets: as they see the first person, if it were the space itself."""
    device, count = chosen.device, len(batch.shots)
    nothing = _see_nothing(count, device)
    if not len(placements.shot):
        return nothing
    first = np.searchsorted(placements.shot, np.arange(count)).clip(max=len(placements.shot) - 1)
    is_empty = placements.shot[first] != np.arange(count)
    index = upload(first, device)
    own = {name: getattr(inputs, name)[index] for name in ViewInputs.SHAPES}
    # The space has been turned about the middle of all vertices, whatever the view looks at.
    aside = own["center_px"] - middle[index]
    own |= {
        "scale_px": torch.ones_like(own["scale_px"]),
        "origin_px": torch.zeros_like(own["origin_px"]),
        "center_px": middle[index] + (own["upright"] @ aside[:, :, None])[:, :, 0],
        "upright": torch.eye(3, dtype=torch.float64, device=device).expand(count, 3, 3),
    }
    seen = _choose(chosen, [frame(ViewInputs(**own)) for frame in frames])
    return _choose(upload(is_empty, device), [seen, nothing])


def _find_cylinders(
    batch: Batch, bodies: Bodies, spaces: Spaces, anatomies: list[Anatomy] | None
) -> Cylinders:
    device = bodies.verts.device
    if batch.scenes is not None:
        return Cylinders(
            **{field.name: upload(getattr(batch.scenes, field.name), device) for field in fields(Cylinders)}
        )
    # The original asks for none of it.
    if not batch.is_fitted and batch.framing.up == "picture":
        nothing = torch.full((len(batch.sheets), 3), torch.nan, dtype=torch.float64, device=device)
        return Cylinders(nothing, *nothing.T)
    return measure_cylinders(batch, bodies, spaces, anatomies)


def _look_around(batch: Batch, told: _ToldShot, spaces: Spaces, cylinders: Cylinders) -> ShotLooks:
    device = told.width.device
    sheet = upload(np.array([shot.sheet for shot in batch.shots]), device)
    rotation = turn_view(told.azimuth_deg.deg2rad(), told.elevation_deg.deg2rad())
    return ShotLooks(
        size_px=torch.stack([told.width, told.height], 1),
        rotation=rotation @ spaces.heading[sheet],
        is_flat=told.is_perspective == 0,
        center=cylinders.center[sheet],
        radius=cylinders.radius[sheet],
        half_height=cylinders.half_height[sheet],
    )


def _leave_photo(
    batch: Batch,
    bodies: Bodies,
    placements: PlacementList,
    inputs: ViewInputs,
    spaces: Spaces,
    stage: Stage,
    cameras: Cameras,
    seen: Cameras,
) -> tuple[Cameras, Cameras]:
    """The cameras of placements and shots, where those on the way from the photo are on it."""
    device = bodies.verts.device
    share = upload(np.array([move_camera(shot.viewpoint.from_photo) for shot in batch.shots]), device)
    shot, body = (upload(column.astype(np.int64), device) for column in (placements.shot, placements.body))
    begin = np.searchsorted(placements.shot, np.arange(len(batch.shots))).clip(max=len(placements.shot) - 1)
    first = upload(begin, device)
    middle = find_middles(bodies)[body]
    cameras = blend_cameras(over_photo(inputs), cameras, middle, share[shot], first[shot])
    # Each person has a camera of his own on the way; the ground is the first one's.
    of_first = Cameras(**{name: getattr(cameras, name)[first] for name in Cameras.SHAPES})
    on_stage = see_stage(of_first, stage, body[first])
    of_space = make_cameras(
        matrix=on_stage.matrix,
        translation=on_stage.translation,
        focal_px=of_first.focal_px,
        center_px=of_first.center_px,
        rotation=of_first.rotation.double() @ spaces.rotation[body[first]].mT,
    )
    return cameras, _choose(share < 1, [seen, of_space])


def _choose(chosen: torch.Tensor, found: list[Cameras]) -> Cameras:
    """Of each row the cameras of that number."""
    cameras = found[0]
    for i, other in enumerate(found[1:], start=1):
        is_own = chosen == i
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


def _see_nothing(count: int, device: torch.device) -> Cameras:
    def lost(*shape: int) -> torch.Tensor:
        return torch.full((count, *shape), torch.nan, dtype=torch.float32, device=device)

    return Cameras(
        matrix=lost(3, 3),
        translation=lost(3),
        focal_px=lost(),
        center_px=lost(2),
        rotation=lost(3, 3),
        cull=torch.ones(count, dtype=torch.int32, device=device),
        depth_shift=torch.zeros(count, dtype=torch.float32, device=device),
    )


def _describe_shot(batch: Batch, shot: Shot) -> _ToldShot:
    viewpoint = shot.viewpoint
    width, height = shot.view_px
    zoom, (offset_x, offset_y) = batch.photo_to_view(shot)
    return _ToldShot(
        width=width,
        height=height,
        zoom=zoom,
        offset_x=offset_x,
        offset_y=offset_y,
        azimuth_deg=viewpoint.azimuth_deg,
        elevation_deg=viewpoint.elevation_deg,
        is_perspective=0.0 if viewpoint.is_orthographic else 1.0,
        centers_on_charts=1.0 if shot.centers_on_charts else 0.0,
    )
