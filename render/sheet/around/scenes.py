"""The spaces in which views around bodies look at them, and how much of these spaces bodies take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from render.body.anatomy import Anatomy
from render.body.extent import measure_extents
from render.compute.transfer import upload
from render.sheet.around.crowds import place_crowds
from render.sheet.around.group_extents import Frames, frame_bodies
from render.sheet.around.reach import reach_along, reach_aside
from render.sheet.around.standing import find_standing
from render.sheet.around.upright import find_ups, turn_upright
from render.sheet.framing import Batch
from render.sheet.place_people import People3D, place_people
from render.types.bodies import Bodies
from render.types.scenes import Scenes


@dataclass(frozen=True)
class Spaces:
    """Where people are in the spaces of their sheets, float64; see `Scenes` for the spaces.

    A vertex v of a person lies at matrix v + shift.

    Attributes:
        matrix: (M, 3, 3) of the formula above.
        shift: (M, 3) of the formula above.
        rotation: (M, 3, 3) the matrix without its scale, for normals.
        upright: (M, 3, 3) from the camera's frame to its upright one.
        heading: (S, 3, 3) turns the space about y, so that azimuth 0 is as the camera sees it.
        units_per_m: (M,) lengths of the space.
        of_sheet: (M,) index of each person's sheet, int64.
    """

    matrix: torch.Tensor
    shift: torch.Tensor
    rotation: torch.Tensor
    upright: torch.Tensor
    heading: torch.Tensor
    units_per_m: torch.Tensor
    of_sheet: torch.Tensor


@dataclass(frozen=True)
class Cylinders:
    """`Scenes` on the device but for `up`; a sheet of nobody has none, and its numbers are not finite."""

    center: torch.Tensor
    radius: torch.Tensor
    half_height: torch.Tensor
    ground: torch.Tensor


def find_spaces(
    batch: Batch, bodies: Bodies, people: People3D, middle: torch.Tensor, anatomies: list[Anatomy] | None
) -> Spaces:
    """Where people are, upright.

    Args:
        batch: The sheets, their shots and their people.
        bodies: Of the people.
        people: Where they are in their photos.
        middle: (M, 3) of all bodies of each person's sheet, in the photo.
        anatomies: Where the bodies' joints are, None where that is not known.
    """
    device, fits, framing = bodies.verts.device, batch.fits, batch.framing
    of_sheet = np.repeat(np.arange(len(batch.sheets)), np.diff(batch.first))
    eye = torch.eye(3, dtype=torch.float64, device=device).expand(len(fits), 3, 3)
    upright = eye
    heading = torch.eye(3, dtype=torch.float64, device=device).repeat(len(batch.sheets), 1, 1)
    in_world, in_metres = _find_worlds(batch)
    if batch.scenes is not None and len(fits):
        # A clip's up is one that does not tremble.
        upright = turn_upright(upload(batch.scenes.up[of_sheet], device), batch.first)
    elif framing.up != "picture":
        ups = find_ups(bodies, anatomies)
        # Down is y in the world, so up in the camera's frame is the second row of the rotation, turned round.
        true = upload(np.where(in_world[:, None], -fits.world_rotation[:, 1], 0.0), device)
        ups = torch.where(upload(in_world, device)[:, None], true, ups)
        upright = turn_upright(ups, batch.first)
    scale = people.scale_px
    matrix = scale[:, None, None] * upright
    # About the middle, so that a slightly other up moves nothing far.
    shift = (upright @ (people.origin_px - middle)[:, :, None])[:, :, 0] + middle
    rotation, units = upright, scale
    crowds = place_crowds(batch, bodies, people, upright, in_metres, anatomies)
    if crowds is not None:
        is_crowd = crowds.has_ground
        upright = torch.where(is_crowd[:, None, None], crowds.rotation, upright)
        units = torch.where(is_crowd, crowds.units_per_m, units)
        matrix = torch.where(is_crowd[:, None, None], units[:, None, None] * upright, matrix)
        rotation = upright
        shift = torch.where(is_crowd[:, None], crowds.shift, shift)
    if in_metres.any():
        is_metric = upload(in_metres, device)
        world = upload(np.where(in_metres[:, None, None], fits.world_rotation, np.eye(3)), device)
        place = upload(np.where(in_metres[:, None], fits.world_m, 0.0), device)
        matrix = torch.where(is_metric[:, None, None], world, matrix)
        rotation = torch.where(is_metric[:, None, None], world, rotation)
        shift = torch.where(is_metric[:, None], place, shift)
        units = torch.where(is_metric, 1.0, units)
        # Both have the same up, so what is left is a turn about it. A clip has one heading, whatever the
        # camera does: that of the world.
        if batch.scenes is None:
            begin = np.unique(batch.first[:-1][of_sheet[in_metres]])
            sheet, person = upload(of_sheet[begin], device), upload(begin, device)
            heading[sheet] = upright[person] @ world[person].transpose(1, 2)
    return Spaces(
        matrix=matrix,
        shift=shift,
        rotation=rotation,
        upright=upright,
        heading=heading,
        units_per_m=units,
        of_sheet=upload(of_sheet, device),
    )


def _find_worlds(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """(M,) whether the world's up is known of all people of a sheet, and whether also their places there.

    Both are asked for only with up=world; the original's framing knows no metres.
    """
    fits = batch.fits
    knows_up = np.isfinite(fits.world_rotation).all((1, 2)) & (batch.framing.up == "world")
    knows_place = knows_up & np.isfinite(fits.world_m).all(1) & batch.is_fitted
    of_sheet = np.repeat(np.arange(len(batch.sheets)), np.diff(batch.first))
    found = []
    for known in (knows_up, knows_place):
        unknown = np.bincount(of_sheet[~known], minlength=len(batch.sheets))
        found.append(unknown[of_sheet] == 0)
    return found[0], found[1]


def measure_cylinders(
    batch: Batch, bodies: Bodies, spaces: Spaces, anatomies: list[Anatomy] | None
) -> Cylinders:
    """The upright cylinder around all that is on each sheet, and the ground.

    Args:
        batch: The sheets, their shots and their people.
        bodies: Of the people.
        spaces: Where they are.
        anatomies: Where the bodies' joints are, None where that is not known.
    """
    device, count = bodies.verts.device, len(batch.sheets)
    every = torch.arange(len(bodies.verts), dtype=torch.int32, device=device)
    rows, shift, of_sheet = spaces.matrix, spaces.shift, spaces.of_sheet
    reach = reach_along(bodies.verts, every, torch.cat([rows, -rows], 1)) + torch.cat([shift, -shift], 1)
    most = _take_greatest(reach, of_sheet, count)
    low, high = -most[:, 3:], most[:, :3]
    center = (low + high) / 2
    aside = reach_aside(bodies.verts, rows, shift - center[of_sheet])
    stands, _ = find_standing(bodies, rows, shift, spaces.units_per_m, reach[:, 1], anatomies)
    ground = _take_greatest(torch.where(stands, reach[:, 1], -torch.inf)[:, None], of_sheet, count)[:, 0]
    # Where up is only the picture's nobody knows a ground.
    is_known = ground.isfinite() & (batch.framing.up != "picture")
    return Cylinders(
        center=center,
        radius=_take_greatest(aside[:, None], of_sheet, count)[:, 0],
        half_height=(high - low)[:, 1] / 2,
        ground=torch.where(is_known, ground, torch.nan),
    )


def find_scenes(batch: Batch, bodies: Bodies, anatomies: list[Anatomy] | None = None) -> Scenes:
    """What views around the bodies of each sheet look at.

    Args:
        batch: The sheets, their shots and their people; its framing says which way is up, or its `scenes`
            do, of which nothing else is read.
        bodies: In the order of the batch's people.
        anatomies: Where their joints are, as `FitBodies.find_anatomies` gives them; without, up=body is the
            picture's, and nobody stands.

    Returns:
        A row for each sheet, NaN for those of nobody. Where the worlds of all people of a sheet are known and
        asked for, all is in the axes of the world.
    """
    people, groups = place_batch(batch, bodies)
    spaces = find_spaces(batch, bodies, people, groups.center, anatomies)
    found = measure_cylinders(batch, bodies, spaces, anatomies)
    has_people = np.diff(batch.first) > 0
    center, radius, half_height, ground, upright = (
        column.cpu().numpy()
        for column in (found.center, found.radius, found.half_height, found.ground, spaces.upright)
    )
    up = np.full((len(has_people), 3), np.nan)
    # What the rotation takes to the picture's up.
    up[has_people] = -upright[batch.first[:-1][has_people], 1]
    return Scenes(
        center=np.where(has_people[:, None], center, np.nan),
        radius=np.where(has_people, radius, np.nan),
        half_height=np.where(has_people, half_height, np.nan),
        ground=ground,
        up=up,
    )


def place_batch(batch: Batch, bodies: Bodies) -> tuple[People3D, Frames]:
    """Where the people of a batch are in their photos, and how much room those of each sheet take there."""
    # Every vertex counts once.
    uniform = torch.ones(bodies.verts.shape[1], dtype=torch.float64, device=bodies.verts.device)
    extents = measure_extents(bodies.verts, uniform)
    people = place_people(batch.cameras, extents, batch.first)
    return people, frame_bodies(extents, people, batch.first)


def _take_greatest(values: torch.Tensor, of_sheet: torch.Tensor, count: int) -> torch.Tensor:
    """(count, K) of each sheet, from (M, K) of people; -inf where nobody is."""
    most = torch.full((count, values.shape[1]), -torch.inf, dtype=torch.float64, device=values.device)
    index = of_sheet[:, None].expand_as(values)
    return most.scatter_reduce(0, index, values, "amax")
