"""What of the studio's sky and of its key light reaches the ground around bodies, a map for each body."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import torch

from render.compute.kernels import launch
from render.light.directions import GOLDEN_ANGLE_RAD, KEY_RADIUS_RAD, KEY_WAY, spread_over_disc
from render.light.placed_bodies import bound_bodies
from render.sheet.ground.silhouettes import (
    BAND_MIDDLE,
    BANDS,
    FREE_CELLS,
    WORD,
    FloorMap,
    OnFloor,
    blur,
    count_bits,
    leave_light,
    place_verts,
    stamp,
)

# Around a body the sky is looked at as far as this share of the body's height. In the outer half of that its
# shadow, of which some levels of 255 are left, ends softly.
SKY_REACH = 0.8
# Over a photo nobody knows where the ground ends: the key's shadow reaches so many heights of the body there,
# and elsewhere as far as it does.
KEY_REACH = 1.3
ENDLESS_M = 1.0e9
# How far what is 1 high is blurred, with one word of directions: as far as silhouettes along two of them lie
# apart that are neighbours. With n words they are nearer by the root of n.
SKY_SPREAD, KEY_SPREAD = 0.6, 0.22
# Cells have sizes of four steps to an octave: hardly larger than need be, and the same from frame to frame.
STEPS = (1.0, 2.0**0.25, 2.0**0.5, 2.0**0.75)
# Bodies whose bits are held at once, some 3 MB each.
BLOCK = 4


class Quality(NamedTuple):
    """How finely the light is found.

    Attributes:
        cells: Of a map along each side.
        sky_words: Words of directions of the sky.
        key_words: Of the key light.
    """

    cells: int
    sky_words: int
    key_words: int


# Of so many people at most. Those of a crowd are small on any panel, and have less time and memory each.
QUALITIES = ((16, Quality(256, 4, 1)), (128, Quality(192, 2, 1)), (None, Quality(96, 1, 1)))


class _Grid(NamedTuple):
    """The cells of maps, see `FloorMap`."""

    corner: torch.Tensor
    cell: torch.Tensor
    cells: int


class _Ends(NamedTuple):
    """Where M shadows end, m.

    Attributes:
        border: (M,) over so much of the map, from its border.
        about: (M, 2) x and z of the places from which
        far: (M,) they do not reach farther than this.
    """

    border: torch.Tensor
    about: torch.Tensor
    far: torch.Tensor


def choose_quality(people: int) -> Quality:
    """How finely the light of each of the people of a sheet is found."""
    return next(quality for most, quality in QUALITIES if most is None or people <= most)


@cache
def sky_slopes(words: int) -> torch.Tensor:
    """(K, 2) where the shadow of a point 1 above the ground falls, for directions of the whole sky.

    They are spread by the cosine to the ground's normal, as its light is: evenly over the disc below them.
    """
    number = np.arange(words * WORD)
    square, turn = (number + 0.5) / len(number), GOLDEN_ANGLE_RAD * number
    slopes = np.sqrt(square / (1.0 - square)) * np.stack([np.cos(turn), np.sin(turn)])
    return torch.from_numpy(slopes.T).float()


@cache
def key_slopes(words: int) -> torch.Tensor:
    """The same for directions of the key light, x to the viewer's right and y towards the viewer."""
    ways = torch.from_numpy(spread_over_disc(words * WORD, KEY_WAY, KEY_RADIUS_RAD))
    return (-ways[:, [0, 2]] / ways[:, 1:2]).float()


def light_from_sky(bodies: OnFloor, faces: torch.Tensor, quality: Quality) -> FloorMap:
    """What share of the sky's light each place around bodies gets, each body by itself.

    With n the ground's normal, w a direction and V(w) 1 where the body is not in the way, that is 1/pi of the
    integral of V(w) (n w) over the half sphere.

    Args:
        bodies: M of them.
        faces: (F, 3) int32.
        quality: How finely.
    """
    low, high = _bound(bodies)
    reach = SKY_REACH * high[:, 2:].clamp(min=0.0)
    grid = _fit_grid(low[:, :2] - reach, high[:, :2] + reach, quality.cells)
    slopes = sky_slopes(quality.sky_words).to(reach.device).expand(len(reach), -1, -1).contiguous()
    ends = _Ends(0.5 * reach[:, 0], low[:, :2], torch.full_like(reach[:, 0], ENDLESS_M))
    return _cast(bodies, faces, slopes, SKY_SPREAD, grid, high[:, 2], ends)


def light_from_key(
    bodies: OnFloor,
    faces: torch.Tensor,
    turn: torch.Tensor,
    quality: Quality,
    contact: torch.Tensor | None = None,
    over_photo: float = 1.0,
) -> FloorMap:
    """What share of the key light's disc each place around bodies sees, each body by itself.

    Args:
        bodies: M of them.
        faces: (F, 3) int32.
        turn: (M, 2, 2) float32, from the viewer's right and towards the viewer to x and z.
        quality: How finely.
        contact: (M, 2) x and z, m, of places from which shadows end at KEY_REACH; None where they do not.
        over_photo: Above 0 to 1, how much of it is a view over a photo; with less they end farther off.
    """
    low, high = _bound(bodies)
    slopes = (turn[:, None] @ key_slopes(quality.key_words).to(turn.device)[:, :, None])[..., 0].contiguous()
    height = high[:, 2:].clamp(min=0.0)
    least = low[:, :2] + height * slopes.double().amin(1).clamp(max=0.0)
    most = high[:, :2] + height * slopes.double().amax(1).clamp(min=0.0)
    grid = _fit_grid(least, most, quality.cells)
    # It ends within the map by itself.
    ends = _Ends(torch.zeros_like(grid.cell), low[:, :2], torch.full_like(grid.cell, ENDLESS_M))
    if contact is not None:
        ends = ends._replace(about=contact, far=KEY_REACH / over_photo * high[:, 2])
    return _cast(bodies, faces, slopes, KEY_SPREAD, grid, high[:, 2], ends)


def _bound(bodies: OnFloor) -> tuple[torch.Tensor, torch.Tensor]:
    """(M, 3) the least and the greatest x, z and height of bodies, m."""
    low, high = bound_bodies(bodies.verts, bodies.matrix, bodies.shift, bodies.unit)
    floor = bodies.floor / bodies.unit
    return (
        torch.stack([low[:, 0], low[:, 2], floor - high[:, 1]], 1),
        torch.stack([high[:, 0], high[:, 2], floor - low[:, 1]], 1),
    )


def _fit_grid(least: torch.Tensor, most: torch.Tensor, cells: int) -> _Grid:
    """Cells that hold rectangles (M, 2), on whole multiples of their side.

    So what stands still has a shadow that stands still, whatever else of the body moves.
    """
    need = (most - least).amax(1) / (cells - 2 * FREE_CELLS - 1)
    step = (4 * need.nan_to_num(1.0).clamp(2.0**-40, 2.0**40).log2()).ceil().long()
    steps = torch.tensor(STEPS, dtype=torch.float64, device=need.device)
    cell = steps[step % 4] * 2.0 ** (step // 4).double()
    middle = ((least + most) / 2).nan_to_num(0.0, 0.0, 0.0)
    return _Grid((middle / cell[:, None] - cells / 2).floor() * cell[:, None], cell, cells)


def _cast(
    bodies: OnFloor,
    faces: torch.Tensor,
    slopes: torch.Tensor,
    spread: float,
    grid: _Grid,
    height: torch.Tensor,
    ends: _Ends,
) -> FloorMap:
    """What of a light is left.

    Args:
        bodies: M of them.
        faces: (F, 3) int32.
        slopes: (M, K, 2) as `sky_slopes` has them.
        spread: See `SKY_SPREAD`.
        grid: Where it is asked for.
        height: (M,) of the bodies, m.
        ends: Where their shadows end.
    """
    device, cells, ways = slopes.device, grid.cells, slopes.shape[1]
    height = (height / grid.cell).float()
    border, far = (ends.border / grid.cell).float(), (ends.far / grid.cell).float()
    about = ((ends.about - grid.corner) / grid.cell[:, None]).float()
    middle = torch.tensor(BAND_MIDDLE, dtype=torch.float64, device=device)
    # Twice half of it, so that there are no corners.
    radius = 0.5 * spread * (WORD / ways) ** 0.5 * height[:, None] * middle
    radius = radius.nan_to_num(0.0).clamp(0.0, cells / 4).round().int()
    light = torch.empty(len(slopes), cells, cells, device=device)
    for begin in range(0, len(light), BLOCK):
        own = slice(begin, begin + BLOCK)
        verts, *placing = (column[own] for column in bodies)
        placed = torch.empty_like(verts)
        launch(
            place_verts, verts.shape[:2], [verts, *placing, grid.corner[own], grid.cell[own], placed], device
        )
        shape = (len(verts), BANDS, cells, cells)
        hidden, other = torch.zeros(shape, device=device), torch.empty(shape, device=device)
        bits = torch.empty(shape, dtype=torch.int32, device=device)
        for first in range(0, ways, WORD):
            told = [placed, faces, height[own], slopes[own], cells, bits.zero_().view(-1)]
            launch(stamp, (len(verts), len(faces)), [first, *told], device)
            launch(count_bits, (len(verts), cells, cells), [bits, hidden], device)
        once = _blur(hidden, other, radius[own])
        twice = _blur(once.clone(), other, radius[own])
        leaving = [1.0 / ways, border[own], about[own], far[own], once, twice, light[own]]
        launch(leave_light, (len(verts), cells, cells), leaving, device)
    return FloorMap(light, grid.corner, grid.cell)


def _blur(hidden: torch.Tensor, other: torch.Tensor, radius: torch.Tensor) -> torch.Tensor:
    """What bands hide, blurred by their radii; both tensors are written over."""
    for axis in (0, 0, 1, 1):
        launch(blur, hidden.shape[:3], [axis, radius, hidden, other], hidden.device)
        hidden, other = other, hidden
    return hidden
