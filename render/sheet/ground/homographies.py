"""Which place on the ground a pixel shows."""

from __future__ import annotations

from dataclasses import replace

import torch

from render.sheet.ground.stage import Stage
from render.types.placements import Cameras

# The least sine of the angle at which the ground is seen without perspective.
LEAST_DOWN = 0.16


def see_stage(cameras: Cameras, stage: Stage, body: torch.Tensor) -> Cameras:
    """How the cameras of placements see the spaces of their sheets, so that each body lies where it is drawn.

    A vertex v lies at p = matrix v + shift in the space, so v = matrix^-1 (p - shift). Over a photo people
    have cameras of their own, and what these see of one space need not agree.

    Args:
        cameras: Of D placements.
        stage: Where the people are in the spaces.
        body: (D,) int64, whose placements they are.

    Returns:
        A row for each placement, for points of the space, float64.
    """
    own = stage.matrix[body]
    # Of a rotation and a factor.
    back = own.mT / (own[:, 0] * own[:, 0]).sum(1)[:, None, None]
    matrix = cameras.matrix.double() @ back
    translation = cameras.translation.double() - (matrix @ stage.shift[body][:, :, None])[:, :, 0]
    return replace(cameras, matrix=matrix, translation=translation)


def tilt_down(cameras: Cameras, anchor: torch.Tensor, share: torch.Tensor) -> Cameras:
    """These cameras, but those without perspective see the ground from above, about a place that stays.

    Weak perspective looks at all of a body along one line, so it may see the ground from its edge, or even
    from below. Whoever took the photo was above the ground, and looked down on feet more than on heads.

    Args:
        cameras: Of K points of view, of spaces with y down, float64.
        anchor: (K, 3) float64, the places.
        share: (K,) float64, 1 without perspective, less on the way from there, 0 with it.
    """
    factor = cameras.matrix[:, 2].norm(dim=1)
    rows = cameras.matrix / factor[:, None, None]
    # Turned by d about the view's x, its axis has the downward part  cos(d) rows[2].y + sin(d) rows[1].y.
    down, aside = rows[:, 2, 1], rows[:, 1, 1]
    most = torch.hypot(down, aside)
    turn = (LEAST_DOWN / most).clamp(max=1.0).asin() - torch.atan2(down, aside)
    turn = (share * turn.clamp(min=0.0)).nan_to_num(0.0)[:, None]
    turned = rows.clone()
    turned[:, 1] = turn.cos() * rows[:, 1] - turn.sin() * rows[:, 2]
    turned[:, 2] = turn.cos() * rows[:, 2] + turn.sin() * rows[:, 1]
    matrix = factor[:, None, None] * turned
    moved = ((cameras.matrix - matrix) @ anchor[:, :, None])[:, :, 0]
    is_turned = turn > 0
    return replace(
        cameras,
        matrix=torch.where(is_turned[:, :, None], matrix, cameras.matrix),
        translation=torch.where(is_turned, cameras.translation + moved, cameras.translation),
    )


def find_homographies(
    cameras: Cameras, ground: torch.Tensor, unit: torch.Tensor, origin_m: torch.Tensor
) -> torch.Tensor:
    """From pixels of K shots to places on the grounds of their sheets.

    Args:
        cameras: How each shot sees the space of its sheet.
        ground: (K,) float64, y of the ground there.
        unit: (K,) float64, lengths of the space in a metre.
        origin_m: (K, 2) float64, x and z of the place that is 0.

    Returns:
        (K, 3, 3) float32: times (x, y, 1) of a pixel gives (x w, z w, w) of what it shows of the ground, m;
        it shows some where w is above 0. NaN where the eye is below the ground.
    """
    # By hand, for a library may round by how many there are.
    a, b, c = cameras.matrix.double().unbind(1)
    across = torch.stack([b.cross(c, 1), c.cross(a, 1), a.cross(b, 1)], 2)
    back = across / (a * across[:, :, 0]).sum(1)[:, None, None]
    shift = cameras.translation.double()
    focal, center = cameras.focal_px.double(), cameras.center_px.double()
    zero, one = torch.zeros_like(focal), torch.ones_like(focal)
    is_flat = focal == 0
    # A pixel's ray in the space: through `start`, along `way`, both linear in (x, y, 1).
    f = torch.where(is_flat, one, focal)
    rays = torch.stack(
        [one / f, zero, -center[:, 0] / f, zero, one / f, -center[:, 1] / f, zero, zero, one], 1
    ).view(-1, 3, 3)
    flat_start = torch.stack([one, zero, zero, zero, one, zero, zero, zero, zero], 1).view(-1, 3, 3)
    away = torch.zeros_like(rays)
    away[:, 2, 2] = 1.0
    last = torch.zeros_like(rays)
    last[:, :, 2] = shift
    flat = is_flat[:, None, None]
    way = back @ torch.where(flat, away, rays)
    start = back @ (torch.where(flat, flat_start, torch.zeros_like(rays)) - last)
    # The ray meets the ground at start + way * (ground - start.y) / way.y. With perspective the start is the
    # eye, without it way.y is the same for all pixels: either way that is linear over linear.
    drop = -start[:, 1]
    drop[:, 2] += ground
    is_seen = torch.where(is_flat, way[:, 1, 2], drop[:, 2]) > 0
    divisor = way[:, 1]
    # With perspective the products have a constant factor, so none is of the second degree.
    rows = []
    for axis, place in ((0, origin_m[:, 0]), (2, origin_m[:, 1])):
        with_eye = start[:, axis, 2, None] * divisor + drop[:, 2, None] * way[:, axis]
        without = start[:, axis] * way[:, 1, 2, None] + drop * way[:, axis, 2, None]
        met = torch.where(is_flat[:, None], without, with_eye)
        rows.append(met / unit[:, None] - place[:, None] * divisor)
    found = torch.stack([rows[0], rows[1], divisor], 1)
    # Any factor above 0 gives the same places; this one keeps clear of what 32 bits cannot hold.
    found = found / found.abs().amax((1, 2), keepdim=True)
    return torch.where(is_seen[:, None, None], found, torch.nan).float().contiguous()
