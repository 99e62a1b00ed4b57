"""Cameras on their way from a photo to a view around its bodies.

Any camera of ours sees a point v of a body, of which p is a fixed point, at

    place + (stretch (R w).xy - skew (R w).z) / (1 + pull (R w).z),  w = v - p

with a rotation R; pull is one over the distance of p from the eye, 0 without perspective; skew is there where
p is not in the middle of a lens. Rotations go the shortest way at an even pace, sizes grow by even factors,
and all else goes straight. So a camera without perspective gains it bit by bit, as if it came from very far.
"""

from __future__ import annotations

from typing import NamedTuple

import torch

from render.sheet.view_cameras import make_cameras
from render.types.bodies import Bodies
from render.types.placements import Cameras

# Per metre. From farther than 10 km perspective moves nothing by a tenth of a pixel, and 32 bits would not
# hold the depths of a body any more.
LEAST_PULL = 1e-4
# Of what a camera has of a body that is behind its eye, or that is flat.
_LEAST = 1e-6
# Half turns, where noise would choose the way: cosine of half the angle.
_HALF_TURN = 1e-3


class _Lens(NamedTuple):
    """The cameras of D placements, float64; see the module's formula.

    Attributes:
        rotation: (D, 3, 3).
        stretch: (D, 2) pixels per metre at p, along x and y.
        place: (D, 2) where p is seen.
        pull: (D,) per metre.
        skew: (D, 2) pixels per metre.
        depth: (D,) of p, as bodies of a shot hide each other by it.
        deepen: (D,) how much depth grows in a metre away from the viewer.
    """

    rotation: torch.Tensor
    stretch: torch.Tensor
    place: torch.Tensor
    pull: torch.Tensor
    skew: torch.Tensor
    depth: torch.Tensor
    deepen: torch.Tensor


def find_middles(bodies: Bodies) -> torch.Tensor:
    """(M, 3) float64, the point of each body that its cameras are blended about: the middle of its bounds."""
    return (bodies.verts.amin(1).double() + bodies.verts.amax(1).double()) / 2


def blend_cameras(
    photo: Cameras, view: Cameras, middle: torch.Tensor, share: torch.Tensor, first: torch.Tensor
) -> Cameras:
    """Cameras between those of a photo and those of a view, which both are met exactly.

    Args:
        photo: D of them.
        view: As many.
        middle: (D, 3) a fixed point of each body, float64.
        share: (D,) of the way from the photo, 0 to 1, float64.
        first: (D,) int64, the first placement of each one's shot, whose depths tell how those of the view are
            to be measured beside those of the photo.
    """
    begin, end = _describe(photo, middle), _describe(view, middle)
    # Lengths of the photo's space in one of the view's.
    unit = (begin.deepen / end.deepen)[first]
    end = end._replace(depth=unit * end.depth, deepen=unit * end.deepen)
    column, s = share[:, None], share
    blended = _Lens(
        rotation=turn_between(begin.rotation, end.rotation, share),
        stretch=begin.stretch * (end.stretch / begin.stretch) ** column,
        place=torch.lerp(begin.place, end.place, column),
        pull=torch.lerp(begin.pull, end.pull, s),
        skew=torch.lerp(begin.skew, end.skew, column),
        depth=torch.lerp(begin.depth, end.depth, s),
        deepen=begin.deepen * (end.deepen / begin.deepen) ** s,
    )
    between = _make(blended, middle)
    return _take(share >= 1.0, view, _take(share <= 0.0, photo, between))


def turn_between(begin: torch.Tensor, end: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
    """Rotations between others, by the shortest way and at an even pace (slerp).

    Args:
        begin: (D, 3, 3) float64.
        end: (D, 3, 3) float64.
        share: (D,) of the way, float64.
    """
    turn = end @ begin.mT
    # The unit quaternion, cos and sin of half the angle: each row of 4 q q^T is q times one of its numbers,
    # and that of the largest keeps most digits. K. Shoemake, "Animating Rotation with Quaternion Curves".
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = (row.unbind(1) for row in turn.unbind(1))
    products = torch.stack(
        [
            torch.stack([1 + xx + yy + zz, zy - yz, xz - zx, yx - xy], 1),
            torch.stack([zy - yz, 1 + xx - yy - zz, xy + yx, xz + zx], 1),
            torch.stack([xz - zx, xy + yx, 1 - xx + yy - zz, yz + zy], 1),
            torch.stack([yx - xy, xz + zx, yz + zy, 1 - xx - yy + zz], 1),
        ],
        1,
    )
    largest = products.diagonal(dim1=1, dim2=2).argmax(1)
    quaternion = products[torch.arange(len(turn), device=turn.device), largest]
    quaternion = quaternion / quaternion.norm(dim=1, keepdim=True)
    cosine, axis = quaternion[:, 0], quaternion[:, 1:]
    # Of a half turn either way is the shortest, and all people of a sheet are to take the same.
    is_half = cosine.abs() < _HALF_TURN
    heaviest = axis.gather(1, axis.abs().argmax(1, keepdim=True))[:, 0]
    sign = torch.where(torch.where(is_half, heaviest, cosine) < 0, -1.0, 1.0)
    cosine, axis = sign * cosine, sign[:, None] * axis
    sine = axis.norm(dim=1)
    angle = 2 * torch.atan2(sine, cosine) * share
    x, y, z = (axis / sine.clamp(min=1e-300)[:, None]).unbind(1)
    zero = torch.zeros_like(x)
    cross = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], 1).view(-1, 3, 3)
    # Rodrigues' formula.
    turned = angle.sin()[:, None, None] * cross + (1 - angle.cos())[:, None, None] * (cross @ cross)
    return begin + turned @ begin


def _describe(cameras: Cameras, middle: torch.Tensor) -> _Lens:
    matrix, focal = cameras.matrix.double(), cameras.focal_px.double()
    at = (matrix @ middle[:, :, None])[:, :, 0] + cameras.translation.double()
    flat = focal == 0
    scale = matrix.norm(dim=2).clamp(min=_LEAST)
    distance = at[:, 2].clamp(min=_LEAST)
    px_per_length = torch.where(flat, 1.0, focal / distance)[:, None]
    aside = px_per_length * at[:, :2]
    pull = torch.where(flat, 0.0, scale[:, 2] / distance)
    return _Lens(
        rotation=cameras.rotation.double(),
        stretch=px_per_length * scale[:, :2],
        place=torch.where(flat[:, None], aside, cameras.center_px.double() + aside),
        pull=pull,
        skew=pull[:, None] * aside,
        depth=at[:, 2] + cameras.depth_shift.double(),
        deepen=scale[:, 2],
    )


def _make(lens: _Lens, middle: torch.Tensor) -> Cameras:
    """The cameras of the module's formula."""
    flat = lens.pull < LEAST_PULL
    pull = lens.pull.clamp(min=LEAST_PULL)
    distance = lens.deepen / pull
    # Without perspective pixels are lengths; with it those of y are, and what is wider or not in the middle
    # of the lens goes into the matrix and the translation.
    length = torch.where(flat, 1.0, lens.deepen / lens.stretch[:, 1])[:, None]
    across = (length * lens.stretch)[:, :, None] * lens.rotation[:, :2]
    shear = lens.skew[:, :, None] * lens.rotation[:, 2:]
    across = torch.where(flat[:, None, None], across - shear, across)
    matrix = torch.cat([across, lens.deepen[:, None, None] * lens.rotation[:, 2:]], 1)
    aside = lens.skew / pull[:, None]
    at = torch.cat(
        [
            torch.where(flat[:, None], lens.place, length * aside),
            torch.where(flat, lens.depth, distance)[:, None],
        ],
        1,
    )
    return make_cameras(
        matrix=matrix,
        translation=at - (matrix @ middle[:, :, None])[:, :, 0],
        focal_px=torch.where(flat, 0.0, lens.stretch[:, 1] / pull),
        center_px=lens.place - aside,
        rotation=lens.rotation,
        depth_shift=torch.where(flat, 0.0, lens.depth - distance),
    )


def _take(is_first: torch.Tensor, one: Cameras, other: Cameras) -> Cameras:
    """Row by row the first cameras or the others."""
    return Cameras(
        **{
            name: torch.where(
                is_first.view(-1, *[1] * (getattr(one, name).ndim - 1)),
                getattr(one, name),
                getattr(other, name),
            ).contiguous()
            for name in Cameras.SHAPES
        }
    )
