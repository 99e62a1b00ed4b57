"""Cameras around bodies that come as near as what is there allows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch

from render.sheet.around.reach import reach_along
from render.sheet.around.scenes import Spaces
from render.sheet.view_cameras import make_cameras
from render.types.bodies import Bodies
from render.types.placements import Cameras
from render.types.sheets import Framing

# From top to bottom. As portraits are taken, from two or three metres: from nearer, what is near is drawn
# too large, as the original's 65 degrees do it; from farther, a body looks flat.
FIELD_OF_VIEW_RAD = math.radians(35)
# From side to side: beyond, who stands at the side of a wide shot is stretched.
WIDEST_RAD = math.radians(50)
# From the eye to what is nearest, of the largest extent of what is there: who lies is seen end-on from where
# the head is not drawn much larger than the rest.
LEAST_DISTANCE = 0.75
# Around all, as a share of its size: flat meshes and single vertices are then no nearer than can be.
LEAST_SHARE = 1e-3
LEAST = 1e-6


class ShotLooks(NamedTuple):
    """How K shots look at the spaces of their sheets, float64.

    Attributes:
        size_px: (K, 2) width and height.
        rotation: (K, 3, 3) from the space to the view.
        is_flat: (K,) whether there is no perspective.
        center: (K, 3) of the cylinder.
        radius: (K,) of the cylinder.
        half_height: (K,) of the cylinder.
    """

    size_px: torch.Tensor
    rotation: torch.Tensor
    is_flat: torch.Tensor
    center: torch.Tensor
    radius: torch.Tensor
    half_height: torch.Tensor


@dataclass(frozen=True)
class ShotCameras:
    """Cameras from the spaces of sheets to their shots, float64; see `Cameras` for the formulas."""

    matrix: torch.Tensor
    translation: torch.Tensor
    focal_px: torch.Tensor
    center_px: torch.Tensor
    rotation: torch.Tensor

    def see_people(self, spaces: Spaces, shot: torch.Tensor, body: torch.Tensor) -> Cameras:
        """The cameras of placements.

        Args:
            spaces: Where the people are.
            shot: (D,) of each placement, int64.
            body: (D,) of each placement, int64.
        """
        matrix = self.matrix[shot]
        return make_cameras(
            matrix=matrix @ spaces.matrix[body],
            translation=(matrix @ spaces.shift[body][:, :, None])[:, :, 0] + self.translation[shot],
            focal_px=self.focal_px[shot],
            center_px=self.center_px[shot],
            rotation=self.rotation[shot] @ spaces.rotation[body],
        )

    def see_space(self) -> Cameras:
        """The cameras of points of the spaces."""
        return make_cameras(self.matrix, self.translation, self.focal_px, self.center_px, self.rotation)


class _Lens(NamedTuple):
    """Of each shot: the focal length, and half of what may be seen, (K, 2), over the distance.

    Without perspective the distance is 1, and what is seen is in lengths of the space.
    """

    focal_px: torch.Tensor
    half_view: torch.Tensor


def aim(
    looks: ShotLooks,
    framing: Framing,
    bodies: Bodies,
    spaces: Spaces,
    shot: torch.Tensor,
    body: torch.Tensor,
) -> ShotCameras:
    """The nearest cameras that see all bodies, or else the cylinders about them.

    Args:
        looks: How shots look.
        framing: How near they may come.
        bodies: Of the batch.
        spaces: Where the people are.
        shot: (D,) of the placements in shots that need not see the whole cylinder, int64.
        body: (D,) of these placements, int64.
    """
    lens = _choose_lens(looks.size_px, framing.margin)
    sides = _list_sides(looks, lens)
    reach = _reach_cylinders(looks, sides)
    if len(shot):
        of_bodies = _reach_bodies(looks, sides, bodies, spaces, shot, body)
        reach = torch.where(of_bodies.isfinite(), of_bodies, reach)
    least = LEAST_SHARE * (looks.radius + looks.half_height) + LEAST
    return _place_eyes(looks, reach + least[:, None] * sides.norm(dim=2), lens, framing.zoom)


def _place_eyes(looks: ShotLooks, reach: torch.Tensor, lens: _Lens, zoom: float) -> ShotCameras:
    """The nearest cameras that see all that reaches so far.

    Shot by shot what is seen lies at q = rotation (X - center) + t. A point is inside of the shot's right
    side where q.x <= a q.z, for half of what is seen at the distance 1 of a; so t is far enough off if
    a t.z - t.x >= max(p.x - a p.z) over all points p = rotation (X - center), which is what `reach` holds. So
    for all four sides: the two of one axis, added, give the least t.z, and their difference the t.x that
    leaves as much at either side. The fifth, max(-p.z), is how far what is nearest lies before the middle.

    Args:
        looks: How shots look.
        reach: (K, 5) of what is seen, along `_list_sides`, from the middle of the cylinder.
        lens: From `_choose_lens`.
        zoom: Magnifies the shot about its middle.
    """
    half_px, flat = looks.size_px / 2, looks.is_flat
    positive, negative = reach[:, (0, 2)], reach[:, (1, 3)]
    distance = ((positive + negative) / (2 * lens.half_view)).amax(1)
    nearest = reach[:, 4] + LEAST_DISTANCE * 2 * torch.maximum(looks.radius, looks.half_height)
    distance = torch.where(flat, distance, torch.maximum(distance, nearest))
    middle = torch.cat([(negative - positive) / 2, distance[:, None]], 1)
    middle = middle - (looks.rotation @ looks.center[:, :, None])[:, :, 0]
    # Without perspective all is as large as it is in the middle.
    scale = torch.where(flat, zoom * lens.focal_px / distance, 1.0)
    translation = scale[:, None] * middle
    translation[:, :2] += torch.where(flat[:, None], half_px, 0.0)
    return ShotCameras(
        matrix=scale[:, None, None] * looks.rotation,
        translation=translation,
        focal_px=torch.where(flat, 0.0, zoom * lens.focal_px),
        center_px=half_px,
        rotation=looks.rotation,
    )


def _choose_lens(size_px: torch.Tensor, margin: float) -> _Lens:
    """The lens of each shot.

    Args:
        size_px: (K, 2) width and height.
        margin: Left free at each side, as a share of the shorter one.
    """
    width, height = size_px.T
    focal = torch.maximum(
        height / (2 * math.tan(FIELD_OF_VIEW_RAD / 2)), width / (2 * math.tan(WIDEST_RAD / 2))
    )
    free = margin * torch.minimum(width, height)
    return _Lens(focal, (size_px / 2 - free[:, None]) / focal[:, None])


def _list_sides(looks: ShotLooks, lens: _Lens) -> torch.Tensor:
    """(K, 5, 3) in the space: along which directions what is seen comes near to a shot's sides and the eye.

    Right, left, bottom, top, eye; see `_place_eyes`.
    """
    x, y, z = looks.rotation.unbind(1)
    # Without perspective nothing grows as it comes near.
    a, b = torch.where(looks.is_flat[:, None], 0.0, lens.half_view).T[:, :, None]
    return torch.stack([x - a * z, -x - a * z, y - b * z, -y - b * z, -z], 1)


def _reach_cylinders(looks: ShotLooks, sides: torch.Tensor) -> torch.Tensor:
    """(K, 5) how far the cylinders reach along these directions, from their middle."""
    flat = (sides[..., 0] ** 2 + sides[..., 2] ** 2).sqrt()
    return looks.radius[:, None] * flat + looks.half_height[:, None] * sides[..., 1].abs()


def _reach_bodies(
    looks: ShotLooks,
    sides: torch.Tensor,
    bodies: Bodies,
    spaces: Spaces,
    shot: torch.Tensor,
    body: torch.Tensor,
) -> torch.Tensor:
    """(K, 5) how far the bodies in shots reach along these directions, from the middle of the cylinders.

    Args:
        looks: How shots look.
        sides: From `_list_sides`.
        bodies: Of the batch.
        spaces: Where the people are.
        shot: (D,) of each placement, int64.
        body: (D,) of each placement, int64.
    """
    of_placement = sides[shot]
    reach = reach_along(bodies.verts, body.int(), of_placement @ spaces.matrix[body])
    offset = spaces.shift[body] - looks.center[shot]
    reach = reach + (of_placement @ offset[:, :, None])[:, :, 0]
    most = torch.full_like(sides[..., 0], -torch.inf)
    return most.scatter_reduce(0, shot[:, None].expand_as(reach), reach, "amax")
